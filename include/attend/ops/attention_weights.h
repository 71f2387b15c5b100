// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How much of each key the queries of attention take, for those who ask to see it: attention() over
// values that name their keys, so that masks, biases and roundings are those of attention().
#pragma once

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"
#include "attend/ops/attention.h"

namespace attend::ops {

// The rows of one head stand behind those of another; keys that are not seen have 0. The time is
// that of attention() for every head_size keys.

/// Of one sequence; values are not looked at. Shapes: input with starts [2], out [h * t, s].
ATTEND_EXPORT void attention_weights(const AttentionInput& input, const AttentionShape& shape,
                                     MatrixView<float> out, Workspace& workspace);

/// Of the last tokens of a sequence, or of any rows that see a memory; as attention() of pages.
/// Shapes: q [t, h*d], out [h * t, s].
ATTEND_EXPORT void attention_weights(MatrixView<const float> q, const KvPages& keys,
                                     const KvLayout& layout, const AttentionShape& shape,
                                     MatrixView<float> out, Workspace& workspace);

}  // namespace attend::ops
