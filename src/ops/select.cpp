// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Picking indices by value.
#include "attend/ops/select.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace attend::ops {
namespace {

// Largest first, NaN before everything (as torch.argmax and torch.topk have it), then lowest index.
// A strict weak order even when there are NaNs.
bool before(std::span<const float> x, Index a, Index b) noexcept {
  const float left = x[static_cast<std::size_t>(a)];
  const float right = x[static_cast<std::size_t>(b)];
  const bool left_nan = std::isnan(left);
  const bool right_nan = std::isnan(right);
  if (left_nan != right_nan) return left_nan;
  if (!left_nan && left != right) return left > right;
  return a < b;
}

}  // namespace

Index argmax(std::span<const float> x) noexcept {
  Index best = 0;
  for (Index i = 1; i < static_cast<Index>(x.size()); ++i) {
    if (before(x, i, best)) best = i;
  }
  return best;
}

std::vector<Index> top_k(std::span<const float> x, Index k) {
  std::vector<Index> order(x.size());
  std::iota(order.begin(), order.end(), Index{0});
  const auto end = order.begin() + std::clamp<Index>(k, 0, static_cast<Index>(x.size()));
  std::partial_sort(order.begin(), end, order.end(),
                    [x](Index a, Index b) { return before(x, a, b); });
  order.erase(end, order.end());
  return order;
}

bool all_finite(std::span<const float> x) noexcept {
  constexpr std::uint32_t exponent = 0x7F800000U;  // all ones: infinity or NaN
  std::uint32_t bad = 0;
  for (const float value : x) {  // no early exit, so that it vectorises
    bad |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & exponent) == exponent);
  }
  return bad == 0;
}

}  // namespace attend::ops
