// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows of a stored table by index: embeddings.
#pragma once

#include <cstdint>
#include <span>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/stored_weight.h"
#include "attend/core/workspace.h"

namespace attend::ops {

/// y[i] = table[ids[i]]. Requires: 0 <= ids[i] < table.rows() (the model checked its batch).
/// Shapes: table [v, m], ids [t] -> y [t, m].
ATTEND_EXPORT void gather(const StoredWeight& table, std::span<const std::int32_t> ids,
                          MatrixView<float> y, Workspace& workspace);
/// y[i] += table[ids[i]].
ATTEND_EXPORT void gather_add(const StoredWeight& table, std::span<const std::int32_t> ids,
                              MatrixView<float> y, Workspace& workspace);

}  // namespace attend::ops
