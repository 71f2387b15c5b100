// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Pooling of each sequence's rows. Sums run over the rows in their order.
#include "attend/ops/pooling.h"

#include <algorithm>
#include <cmath>

namespace attend::ops {
namespace {

// out = sum of weight(r) * row r, divided by `divisor`.
template <class Weight>
void weighted_sum(MatrixView<const float> x, std::span<float> out, float divisor,
                  const Weight& weight) noexcept {
  std::fill(out.begin(), out.end(), 0.0F);
  for (Index r = 0; r < x.rows; ++r) {
    const auto row = x.row(r);
    const float w = weight(r);
    for (std::size_t j = 0; j < out.size(); ++j) out[j] += row[j] * w;
  }
  for (float& value : out) value /= divisor;
}

void largest(MatrixView<const float> x, std::span<float> out) noexcept {
  std::copy(x.row(0).begin(), x.row(0).end(), out.begin());
  for (Index r = 1; r < x.rows; ++r) {
    const auto row = x.row(r);
    for (std::size_t j = 0; j < out.size(); ++j) {
      if (row[j] > out[j] || std::isnan(row[j])) out[j] = row[j];
    }
  }
}

void pool_one(Pooling pooling, MatrixView<const float> x, std::span<float> out) noexcept {
  const auto rows = static_cast<float>(x.rows);
  const auto one = [](Index) { return 1.0F; };
  switch (pooling) {
    case Pooling::cls: std::copy(x.row(0).begin(), x.row(0).end(), out.begin()); return;
    case Pooling::last_token: {
      const auto last = x.row(x.rows - 1);
      std::copy(last.begin(), last.end(), out.begin());
      return;
    }
    case Pooling::max: return largest(x, out);
    case Pooling::mean: return weighted_sum(x, out, rows, one);
    case Pooling::mean_sqrt_len: return weighted_sum(x, out, std::sqrt(rows), one);
    case Pooling::weighted_mean:
      return weighted_sum(x, out, rows * (rows + 1) / 2,
                          [](Index r) { return static_cast<float>(r + 1); });
  }
}

}  // namespace

void pool(Pooling pooling, MatrixView<const float> x, std::span<const Index> starts,
          MatrixView<float> y) noexcept {
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const Index begin = starts[i];
    pool_one(pooling, x.row_range(begin, starts[i + 1] - begin), y.row(static_cast<Index>(i)));
  }
}

}  // namespace attend::ops
