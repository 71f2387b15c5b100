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
    table.soft_cap({x.row(begin).data(), x.stride, count, x.cols}, cap);
  });
}

}  // namespace attend::ops
