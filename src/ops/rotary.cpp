// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rotary positions: the table of angles, and the turning by the kernels.
#include "attend/ops/rotary.h"

#include <cmath>

#include "kernels/registry.h"
#include "ops/row_chunks.h"
#include "ops/shape_check.h"

namespace attend::ops {

void rotary_angles(std::span<const std::int32_t> positions, const RotaryOptions& options,
                   MatrixView<float> table, Workspace& workspace) {
  if (!(options.size >= 0 && options.size % 2 == 0 && table.cols == options.size &&
        table.rows == static_cast<Index>(positions.size()))) {
    fail_shapes("rotary_angles", "positions [t], d even, table [t, d]");
  }
  const Index half = options.size / 2;
  const Workspace::Scope scope(workspace);
  const std::span<float> frequencies = workspace.matrix(1, half).row(0);
  if (workspace.is_counting()) return;
  for (Index i = 0; i < half; ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(options.size);
    frequencies[static_cast<std::size_t>(i)] =
        1.0F / std::pow(options.theta, exponent) / options.slowdown;
  }
  // A sine costs a hundred times what for_row_chunks counts for a value.
  for_row_chunks(table.rows, 100 * table.cols, workspace.pool(), [&](Index begin, Index count) {
    for (Index r = begin; r < begin + count; ++r) {
      const auto position = static_cast<float>(positions[static_cast<std::size_t>(r)]);
      for (Index i = 0; i < half; ++i) {
        const float angle = position * frequencies[static_cast<std::size_t>(i)];
        // In double, so that they are right to the last bit whatever the libraries' float versions;
        // the angle is rounded as the reference rounds it. So there is no kernel for it: its bits
        // would be another's, and a pass needs them once for all layers.
        table(r, i) = static_cast<float>(std::cos(double{angle}));
        table(r, half + i) = static_cast<float>(std::sin(double{angle}));
      }
    }
  });
}

void rotate(MatrixView<float> x, MatrixView<const float> table, Workspace& workspace) {
  if (!(table.rows == x.rows && table.cols % 2 == 0 &&
        (x.cols == 0 || (table.cols > 0 && x.cols % table.cols == 0)))) {
    fail_shapes("rotate", "x [t, h*d], table [t, d], d even");
  }
  if (x.cols == 0 || workspace.is_counting()) return;
  const kernels::KernelTable& kernels = kernels::active_table();
  for_row_chunks(x.rows, x.cols, workspace.pool(), [&](Index begin, Index count) {
    kernels.rotate({.x = x.data + begin * x.stride,
                    .stride = x.stride,
                    .rows = count,
                    .heads = x.cols / table.cols,
                    .head_size = table.cols,
                    .angles = table.data + begin * table.stride,
                    .angles_stride = table.stride});
  });
}

}  // namespace attend::ops
