// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Gated linear units; rows are shared among threads.
#include "attend/ops/gate.h"

#include "kernels/registry.h"
#include "ops/row_chunks.h"
#include "ops/shape_check.h"

namespace attend::ops {

void gate(const GateInput& input, MatrixView<float> y, Workspace& workspace) {
  const auto& x = input.x;
  const auto& gate = input.gate;
  if (gate.rows != x.rows || gate.cols != x.cols || y.rows != x.rows || y.cols != x.cols) {
    fail_shapes("gate", "x, gate and y [t, f]");
  }
  if (workspace.is_counting()) return;
  const kernels::KernelTable& table = kernels::active_table();
  for_row_chunks(x.rows, x.cols, workspace.pool(), [&](Index begin, Index count) {
    table.gate({.activation = input.activation,
                .x = x.data + begin * x.stride,
                .x_stride = x.stride,
                .gate = gate.data + begin * gate.stride,
                .gate_stride = gate.stride,
                .rows = count,
                .columns = x.cols,
                .y = y.data + begin * y.stride,
                .y_stride = y.stride});
  });
}

}  // namespace attend::ops
