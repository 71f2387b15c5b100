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

constexpr Index block = 32;

// Calls visit(i) for every i from `first` on whose value may exceed what bound() says then; most
// blocks have none, and are seen as a whole. NaN exceeds everything.
template <class Bound, class Visit>
void visit_above(std::span<const float> x, Index first, const Bound& bound, const Visit& visit) {
  const auto size = static_cast<Index>(x.size());
  for (Index begin = first; begin < size; begin += block) {
    const float limit = bound();
    const float* values = x.data() + begin;
    const Index count = std::min(block, size - begin);
    if (count == block) {
      unsigned above = 0;
      for (Index j = 0; j < block; ++j) above |= static_cast<unsigned>(!(values[j] <= limit));
      if (above == 0) continue;
    }
    for (Index j = 0; j < count; ++j) visit(begin + j);
  }
}

}  // namespace

Index argmax(std::span<const float> x) noexcept {
  Index best = 0;
  visit_above(
      x, 1, [&] { return x[static_cast<std::size_t>(best)]; },
      [&](Index i) {
        if (before(x, i, best)) best = i;
      });
  return best;
}

void top_k(std::span<const float> x, Index k, std::vector<Index>& out) {
  const auto size = static_cast<Index>(x.size());
  k = std::clamp<Index>(k, 0, size);
  const auto first = [x](Index a, Index b) { return before(x, a, b); };
  constexpr Index sorted_share = 8;  // of k in size, from which on a heap would be slower
  if (k == 0 || k > size / sorted_share) {
    out.resize(x.size());
    std::iota(out.begin(), out.end(), Index{0});
    std::partial_sort(out.begin(), out.begin() + k, out.end(), first);
    out.resize(static_cast<std::size_t>(k));
    return;
  }
  // A heap of the k largest so far, the smallest of them in front.
  out.resize(static_cast<std::size_t>(k));
  std::iota(out.begin(), out.end(), Index{0});
  std::make_heap(out.begin(), out.end(), first);
  visit_above(
      x, k, [&] { return x[static_cast<std::size_t>(out.front())]; },
      [&](Index i) {
        if (!before(x, i, out.front())) return;
        std::pop_heap(out.begin(), out.end(), first);
        out.back() = i;
        std::push_heap(out.begin(), out.end(), first);
      });
  std::sort_heap(out.begin(), out.end(), first);
}

std::vector<Index> top_k(std::span<const float> x, Index k) {
  std::vector<Index> out;
  top_k(x, k, out);
  return out;
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
