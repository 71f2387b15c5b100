// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Normalisation of rows; rows are shared among threads in chunks.
#include "attend/ops/normalize.h"

#include "kernels/registry.h"
#include "ops/row_chunks.h"
#include "ops/shape_check.h"

namespace attend::ops {
namespace {

kernels::Norm rows_to_normalize(MatrixView<const float> x, MatrixView<float> y, Index begin,
                                Index count) {
  kernels::Norm task{};
  task.x = x.data + begin * x.stride;
  task.x_stride = x.stride;
  task.rows = count;
  task.columns = x.cols;
  task.y = y.data + begin * y.stride;
  task.y_stride = y.stride;
  return task;
}

bool are_alike(MatrixView<const float> x, MatrixView<float> y) {
  return y.rows == x.rows && y.cols == x.cols;
}

}  // namespace

void layer_norm(MatrixView<const float> x, const LayerNormWeights& weights, MatrixView<float> y,
                Workspace& workspace) {
  const auto cols = static_cast<std::size_t>(x.cols);
  if (!(weights.gain.size() == cols && (weights.bias.empty() || weights.bias.size() == cols) &&
        are_alike(x, y))) {
    fail_shapes("layer_norm", "x [t, m], gain [m], bias [m] or none, y [t, m]");
  }
  if (workspace.is_counting()) return;
  const kernels::KernelTable& table = kernels::active_table();
  for_row_chunks(x.rows, x.cols, workspace.pool(), [&](Index begin, Index count) {
    kernels::Norm task = rows_to_normalize(x, y, begin, count);
    task.gain = weights.gain.data();
    task.bias = weights.bias.empty() ? nullptr : weights.bias.data();
    task.eps = weights.eps;
    table.layer_norm(task);
  });
}

void rms_norm(MatrixView<const float> x, const RmsNormWeights& weights, MatrixView<float> y,
              Workspace& workspace) {
  if (!(weights.gain.size() == static_cast<std::size_t>(x.cols) && are_alike(x, y))) {
    fail_shapes("rms_norm", "x [t, m], gain [m], y [t, m]");
  }
  if (workspace.is_counting()) return;
  const kernels::KernelTable& table = kernels::active_table();
  for_row_chunks(x.rows, x.cols, workspace.pool(), [&](Index begin, Index count) {
    kernels::Norm task = rows_to_normalize(x, y, begin, count);
    task.gain = weights.gain.data();
    task.eps = weights.eps;
    table.rms_norm(task);
  });
}

void l2_normalize(MatrixView<float> x) {
  kernels::active_table().l2_norm({x.data, x.stride, x.rows, x.cols});
}

}  // namespace attend::ops
