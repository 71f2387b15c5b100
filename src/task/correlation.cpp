// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Correlation of two lists of numbers, and the place of the first hit.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "attend/core/error.h"
#include "attend/task/metrics.h"

namespace attend {
namespace {

void check_pairs(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) {
    fail(ErrorKind::config_error,
         {.where = "metrics",
          .what = "values to correlate",
          .expected = "as many on both sides",
          .found = std::to_string(a.size()) + " and " + std::to_string(b.size())});
  }
  for (const std::span<const double> values : {a, b}) {
    for (const double value : values) {
      if (std::isfinite(value)) continue;
      fail(ErrorKind::config_error, {.where = "metrics",
                                     .what = "values to correlate",
                                     .expected = "finite numbers",
                                     .found = std::to_string(value)});
    }
  }
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// From 1; equal values share the mean of their ranks.
std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> out(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = static_cast<double>(begin + 1 + end) / 2;
    for (; begin < end; ++begin) out[order[begin]] = shared;
  }
  return out;
}

}  // namespace

std::optional<double> pearson_correlation(std::span<const double> a, std::span<const double> b) {
  check_pairs(a, b);
  const auto varies = [](std::span<const double> values) {
    return std::any_of(values.begin(), values.end(), [&](double v) { return v != values[0]; });
  };
  if (!varies(a) || !varies(b)) return std::nullopt;
  // The largest distance is taken out before squaring: neither tiny nor huge values lose digits.
  const auto centred = [](std::span<const double> values) {
    const double middle = mean(values);
    std::vector<double> out;
    double largest = 0;
    for (const double value : values) {
      out.push_back(value - middle);
      largest = std::max(largest, std::abs(out.back()));
    }
    for (double& value : out) value /= largest;
    const double length = std::sqrt(std::inner_product(out.begin(), out.end(), out.begin(), 0.0));
    for (double& value : out) value /= length;
    return out;
  };
  const std::vector<double> x = centred(a);
  const std::vector<double> y = centred(b);
  return std::clamp(std::inner_product(x.begin(), x.end(), y.begin(), 0.0), -1.0, 1.0);
}

std::optional<double> spearman_correlation(std::span<const double> a, std::span<const double> b) {
  check_pairs(a, b);
  return pearson_correlation(ranks(a), ranks(b));
}

double reciprocal_rank(const std::vector<bool>& relevant_by_rank, Index depth) {
  const auto end = relevant_by_rank.begin() +
                   std::clamp<Index>(depth, 0, static_cast<Index>(relevant_by_rank.size()));
  const auto found = std::find(relevant_by_rank.begin(), end, true);
  return found == end ? 0 : 1 / static_cast<double>(found - relevant_by_rank.begin() + 1);
}

}  // namespace attend
