// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows of a stored table, widened on the way; shared among threads when there are many.
#include "attend/ops/gather.h"

#include <algorithm>
#include <array>

#include "kernels/registry.h"
#include "ops/row_chunks.h"
#include "ops/shape_check.h"

namespace attend::ops {
namespace {

// y += x for so many rows.
kernels::Scale rows_to_scale(MatrixView<const float> x, MatrixView<float> y, Index begin,
                             Index count) {
  return {.x = x.data + begin * x.stride,
          .x_stride = x.stride,
          .rows = count,
          .columns = y.cols,
          .scale = 1,
          .is_added = true,
          .y = y.data + begin * y.stride,
          .y_stride = y.stride};
}

void require_shapes(const GatherInput& input, MatrixView<float> y) {
  if (y.rows != static_cast<Index>(input.ids.size()) || y.cols != input.table.cols()) {
    fail_shapes("gather", "table [v, m], ids [t], y [t, m]");
  }
}

}  // namespace

void gather(const GatherInput& input, MatrixView<float> y, Workspace& workspace) {
  require_shapes(input, y);
  if (workspace.is_counting()) return;
  const kernels::KernelTable& table = kernels::active_table();
  for_row_chunks(y.rows, y.cols, workspace.pool(), [&](Index begin, Index count) {
    for (Index i = begin; i < begin + count; ++i) {
      input.table.read(input.ids[static_cast<std::size_t>(i)], 0, y.row(i));
    }
    if (input.scale == 1) return;
    kernels::Scale task = rows_to_scale(y, y, begin, count);
    task.scale = input.scale;
    task.is_added = false;
    table.scale(task);
  });
}

void gather_add(const GatherInput& input, MatrixView<float> y, Workspace& workspace) {
  require_shapes(input, y);
  if (workspace.is_counting()) return;
  const kernels::KernelTable& table = kernels::active_table();
  for_row_chunks(y.rows, y.cols, workspace.pool(), [&](Index begin, Index count) {
    std::array<float, 512> part;
    constexpr auto most = static_cast<Index>(part.size());
    for (Index i = begin; i < begin + count; ++i) {
      for (Index col = 0; col < y.cols; col += most) {
        const auto to = y.row_range(i, 1).col_range(col, std::min(most, y.cols - col));
        const MatrixView<float> from(part.data(), 1, to.cols);
        input.table.read(input.ids[static_cast<std::size_t>(i)], col, from.row(0));
        kernels::Scale task = rows_to_scale(from, to, 0, 1);
        task.scale = input.scale;
        table.scale(task);
      }
    }
  });
}

void add_row(std::span<const float> row, MatrixView<float> y, Workspace& workspace) {
  if (y.cols != static_cast<Index>(row.size())) fail_shapes("add_row", "row [m], y [t, m]");
  add({row.data(), y.rows, y.cols, 0}, y, workspace);
}

void scale(MatrixView<const float> x, float factor, MatrixView<float> y, Workspace& workspace) {
  if (x.rows != y.rows || x.cols != y.cols) fail_shapes("scale", "x, y [t, m]");
  if (workspace.is_counting()) return;
  const kernels::KernelTable& table = kernels::active_table();
  for_row_chunks(y.rows, y.cols, workspace.pool(), [&](Index begin, Index count) {
    kernels::Scale task = rows_to_scale(x, y, begin, count);
    task.scale = factor;
    task.is_added = false;
    table.scale(task);
  });
}

void add(MatrixView<const float> x, MatrixView<float> y, Workspace& workspace) {
  if (x.rows != y.rows || x.cols != y.cols) fail_shapes("add", "x and y [t, m]");
  if (workspace.is_counting()) return;
  const kernels::KernelTable& table = kernels::active_table();
  for_row_chunks(y.rows, y.cols, workspace.pool(),
                 [&](Index begin, Index count) { table.scale(rows_to_scale(x, y, begin, count)); });
}

}  // namespace attend::ops
