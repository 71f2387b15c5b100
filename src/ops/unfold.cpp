// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Neighbouring rows side by side; rows are shared among threads.
#include "attend/ops/unfold.h"

#include <algorithm>
#include <functional>

#include "ops/columns.h"
#include "ops/row_chunks.h"
#include "ops/shape_check.h"

namespace attend::ops {
namespace {

struct SequenceRows {
  Index begin;
  Index end;
};

// The row of a sequence that stands `offset` columns after `row`, or nothing of it: then its end.
Index neighbour(const UnfoldInput& in, SequenceRows sequence, Index row, Index offset) {
  if (in.columns.empty()) {
    const Index found = row + offset;
    return found < sequence.begin || found >= sequence.end ? sequence.end : found;
  }
  const std::int32_t* columns = in.columns.data();
  const Index wanted = Index{columns[row]} + offset;
  const auto* found = std::lower_bound(columns + sequence.begin, columns + sequence.end, wanted,
                                       std::less<Index>());
  return found == columns + sequence.end || *found != wanted ? sequence.end : found - columns;
}

void unfold_row(const UnfoldInput& in, SequenceRows sequence, Index row, std::span<float> out) {
  const Index m = in.x.cols;
  const Index width = static_cast<Index>(out.size()) / m;
  for (Index k = 0; k < width; ++k) {
    float* to = out.data() + k * m;
    const Index from = neighbour(in, sequence, row, k - width / 2);
    if (from == sequence.end) {
      std::fill_n(to, m, 0.0F);
    } else {
      std::copy_n(in.x.row(from).data(), m, to);
    }
  }
}

}  // namespace

void unfold(const UnfoldInput& input, Index width, MatrixView<float> y, Workspace& workspace) {
  const std::span<const Index> starts = input.starts;
  const MatrixView<const float>& x = input.x;
  if (width < 1 || width % 2 == 0 || y.rows != x.rows || y.cols != width * x.cols) {
    fail_shapes("unfold", "x [t, m], width odd, y [t, width * m]");
  }
  if (starts.empty() || starts.front() != 0 || starts.back() != x.rows ||
      !std::is_sorted(starts.begin(), starts.end())) {
    fail_shapes("unfold", "starts from 0 to t, in order");
  }
  if (!columns_fit(input.columns, starts, x.rows)) {
    fail_shapes("unfold", "columns [t], ascending in every sequence");
  }
  if (x.cols == 0 || workspace.is_counting()) return;
  for_row_chunks(y.rows, y.cols, workspace.pool(), [&](Index begin, Index count) {
    auto next = std::upper_bound(starts.begin(), starts.end(), begin);
    for (Index row = begin; row < begin + count; ++row) {
      while (*next <= row) ++next;
      unfold_row(input, {*(next - 1), *next}, row, y.row(row));
    }
  });
}

}  // namespace attend::ops
