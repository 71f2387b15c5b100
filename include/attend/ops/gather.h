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

/// Rows of a table, times a factor. Shapes: table [v, m], ids [t].
struct GatherInput {
  const StoredWeight& table;
  std::span<const std::int32_t> ids;
  float scale = 1;
};

/// y[i] = scale * table[ids[i]]. Requires: 0 <= ids[i] < table.rows() (the model checked its
/// batch). Shapes: -> y [t, m].
ATTEND_EXPORT void gather(const GatherInput& input, MatrixView<float> y, Workspace& workspace);
/// y[i] += scale * table[ids[i]].
ATTEND_EXPORT void gather_add(const GatherInput& input, MatrixView<float> y, Workspace& workspace);

/// y[i] += row. Shapes: row [m], y [t, m].
ATTEND_EXPORT void add_row(std::span<const float> row, MatrixView<float> y, Workspace& workspace);

/// y = factor * x. Shapes: x, y [t, m].
ATTEND_EXPORT void scale(MatrixView<const float> x, float factor, MatrixView<float> y,
                         Workspace& workspace);

/// y += x. Shapes: x, y [t, m].
ATTEND_EXPORT void add(MatrixView<const float> x, MatrixView<float> y, Workspace& workspace);

}  // namespace attend::ops
