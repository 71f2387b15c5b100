// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Pooling of each sequence's rows. Sums run over the rows in their order.
#include "attend/ops/pooling.h"

#include <algorithm>
#include <cmath>

#include "kernels/registry.h"

namespace attend::ops {
namespace {

void pool_one(Pooling pooling, MatrixView<const float> x, std::span<float> out) {
  const kernels::KernelTable& table = kernels::active_table();
  const auto rows = static_cast<float>(x.rows);
  const auto copy = [&](Index row) {
    std::copy(x.row(row).begin(), x.row(row).end(), out.begin());
  };
  const auto sum = [&](float step, float divisor) {
    table.pool_sum({x.data, x.stride, x.rows, x.cols, step, divisor, out.data()});
  };
  switch (pooling) {
    case Pooling::cls: return copy(0);
    case Pooling::last_token: return copy(x.rows - 1);
    case Pooling::max: return table.pool_max({x.data, x.stride, x.rows, x.cols, 0, 1, out.data()});
    case Pooling::mean: return sum(0, rows);
    case Pooling::mean_sqrt_len: return sum(0, std::sqrt(rows));
    case Pooling::weighted_mean: return sum(1, rows * (rows + 1) / 2);
  }
}

}  // namespace

void pool(Pooling pooling, MatrixView<const float> x, std::span<const Index> starts,
          MatrixView<float> y) {
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const Index begin = starts[i];
    pool_one(pooling, x.row_range(begin, starts[i + 1] - begin), y.row(static_cast<Index>(i)));
  }
}

}  // namespace attend::ops
