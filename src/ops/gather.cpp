// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows of a stored table, widened on the way; shared among threads when there are many.
#include "attend/ops/gather.h"

#include <algorithm>
#include <array>

#include "ops/shape_check.h"

namespace attend::ops {
namespace {

// Calls body(i) for every row, in chunks of about ten microseconds.
template <class Body>
void for_each_row(Index rows, Index cols, ThreadPool& pool, const Body& body) {
  constexpr Index values_a_chunk = 16384;
  const Index rows_a_chunk = std::max<Index>(1, values_a_chunk / std::max<Index>(1, cols));
  pool.parallel_for((rows + rows_a_chunk - 1) / rows_a_chunk, [&](Index chunk) {
    const Index end = std::min(rows, (chunk + 1) * rows_a_chunk);
    for (Index i = chunk * rows_a_chunk; i < end; ++i) body(i);
  });
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
  for_each_row(y.rows, y.cols, workspace.pool(), [&](Index i) {
    input.table.read(input.ids[static_cast<std::size_t>(i)], 0, y.row(i));
    if (input.scale == 1) return;
    for (float& value : y.row(i)) value *= input.scale;
  });
}

void gather_add(const GatherInput& input, MatrixView<float> y, Workspace& workspace) {
  require_shapes(input, y);
  if (workspace.is_counting()) return;
  for_each_row(y.rows, y.cols, workspace.pool(), [&](Index i) {
    std::array<float, 512> part;
    for (Index col = 0; col < y.cols; col += static_cast<Index>(part.size())) {
      const auto count = std::min(part.size(), static_cast<std::size_t>(y.cols - col));
      input.table.read(input.ids[static_cast<std::size_t>(i)], col, {part.data(), count});
      float* out = &y(i, col);
      for (std::size_t j = 0; j < count; ++j) out[j] += input.scale * part[j];
    }
  });
}

void add_row(std::span<const float> row, MatrixView<float> y, Workspace& workspace) {
  if (y.cols != static_cast<Index>(row.size())) fail_shapes("add_row", "row [m], y [t, m]");
  if (workspace.is_counting()) return;
  for_each_row(y.rows, y.cols, workspace.pool(), [&](Index i) {
    float* out = y.row(i).data();
    for (const float value : row) *out++ += value;
  });
}

void scale(MatrixView<const float> x, float factor, MatrixView<float> y, Workspace& workspace) {
  if (x.rows != y.rows || x.cols != y.cols) fail_shapes("scale", "x, y [t, m]");
  if (workspace.is_counting()) return;
  for_each_row(y.rows, y.cols, workspace.pool(), [&](Index i) {
    const float* in = x.row(i).data();
    for (float& value : y.row(i)) value = factor * *in++;
  });
}

void add(MatrixView<const float> x, MatrixView<float> y, Workspace& workspace) {
  if (x.rows != y.rows || x.cols != y.cols) fail_shapes("add", "x and y [t, m]");
  if (workspace.is_counting()) return;
  for_each_row(y.rows, y.cols, workspace.pool(), [&](Index i) {
    float* out = y.row(i).data();
    for (const float value : x.row(i)) *out++ += value;
  });
}

}  // namespace attend::ops
