// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Neighbouring rows side by side: a convolution over tokens is a linear of unfolded rows.
#pragma once

#include <cstdint>
#include <span>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"

namespace attend::ops {

/// Sequence i has the rows [starts[i], starts[i + 1]) of x, and starts covers all rows. `columns`
/// says where each row stood in its padded input, ascending in every sequence; empty counts from 0.
/// Shapes: x [t, m], starts [n + 1], columns [t] or empty.
struct UnfoldInput {
  MatrixView<const float> x;
  std::span<const Index> starts;
  std::span<const std::int32_t> columns = {};
};

/// y[i] = the rows of the `width` columns around row i, in order, zeros where a sequence has none.
/// A convolution [m_out, m, width] of stride 1 with (width - 1) / 2 zeros at both ends is then the
/// linear whose weight [m_out, width * m] has at column k * m + j what the convolution has at (j,
/// k). Shapes: width odd -> y [t, width * m]; y must not overlap x.
ATTEND_EXPORT void unfold(const UnfoldInput& input, Index width, MatrixView<float> y,
                          Workspace& workspace);

}  // namespace attend::ops
