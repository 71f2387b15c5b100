// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Normalisation of rows; rows are shared among threads in chunks.
#include "attend/ops/normalize.h"

#include <cmath>

#include "kernels/registry.h"
#include "ops/row_chunks.h"
#include "ops/shape_check.h"

namespace attend::ops {

void layer_norm(MatrixView<const float> x, const LayerNormWeights& weights, MatrixView<float> y,
                Workspace& workspace) {
  const auto cols = static_cast<std::size_t>(x.cols);
  if (!(weights.gain.size() == cols && (weights.bias.empty() || weights.bias.size() == cols) &&
        y.rows == x.rows && y.cols == x.cols)) {
    fail_shapes("layer_norm", "x [t, m], gain [m], bias [m] or none, y [t, m]");
  }
  if (workspace.is_counting()) return;
  const kernels::KernelTable& table = kernels::active_table();
  for_row_chunks(x.rows, x.cols, workspace.pool(), [&](Index begin, Index count) {
    table.layer_norm({.x = x.data + begin * x.stride,
                      .x_stride = x.stride,
                      .rows = count,
                      .columns = x.cols,
                      .gain = weights.gain.data(),
                      .bias = weights.bias.empty() ? nullptr : weights.bias.data(),
                      .eps = weights.eps,
                      .y = y.data + begin * y.stride,
                      .y_stride = y.stride});
  });
}

void l2_normalize(MatrixView<float> x) noexcept {
  constexpr float shortest = 1e-12F;  // torch.nn.functional.normalize, eps
  for (Index i = 0; i < x.rows; ++i) {
    double squares = 0;
    for (const float value : x.row(i))
      squares += static_cast<double>(value) * static_cast<double>(value);
    const auto length = static_cast<float>(std::sqrt(squares));
    const float divisor = length < shortest ? shortest : length;  // NaN stays NaN
    for (float& value : x.row(i)) value /= divisor;
  }
}

}  // namespace attend::ops
