// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The rows that a head works on.
#pragma once

#include "attend/batch/batch.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"
#include "attend/model/head.h"

namespace attend {

/// One row a sequence, as the head wants it; in `workspace` until the caller's Scope ends.
/// Requires: the hidden states are those of the batch. Shapes: hidden [t, m] -> [n, m].
/// Throws: config_error (a sequence without the token that the head stands on).
[[nodiscard]] MatrixView<float> pooled_rows(const Head& head, MatrixView<const float> hidden,
                                            const Batch& batch, Workspace& workspace);

}  // namespace attend
