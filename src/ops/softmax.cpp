// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Softmax of rows.
#include "attend/ops/softmax.h"

#include "kernels/registry.h"
#include "ops/row_chunks.h"

namespace attend::ops {

void softmax(std::span<float> x) {
  softmax(MatrixView<float>(x.data(), 1, static_cast<Index>(x.size())));
}

void softmax(MatrixView<float> x) {
  kernels::active_table().softmax({x.data, x.stride, x.rows, x.cols});
}

void soft_cap(MatrixView<float> x, float cap, Workspace& workspace) {
  if (workspace.is_counting()) return;
  const kernels::KernelTable& table = kernels::active_table();
  for_row_chunks(x.rows, x.cols, workspace.pool(), [&](Index begin, Index count) {
    for (Index i = begin; i < begin + count; ++i) {
      const auto row = x.row(i);
      for (float& value : row) value /= cap;
      table.activate(Activation::tanh, row.data(), x.cols);
      for (float& value : row) value *= cap;
    }
  });
}

}  // namespace attend::ops
