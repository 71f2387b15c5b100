// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Chance that is the same on every machine: a counter-based generator, and draws by weight.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"

namespace attend {

/// Four words of a counter and a key: what Random is made of.
/// Source: Philox4x32-10, Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
[[nodiscard]] ATTEND_EXPORT std::array<std::uint32_t, 4> philox(
    std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) noexcept;

/// Numbers that depend on the seed, the stream and how many were taken, and on nothing else.
/// Streams of one seed are independent: each text has its own, so that it does not matter which
/// others are generated beside it.
class ATTEND_EXPORT Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) noexcept
      : seed_(seed), stream_(stream) {}

  /// In [0, 1), a multiple of 2^-53.
  [[nodiscard]] double uniform() noexcept;

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t taken_ = 0;
};

/// An index, each with the probability of its weight among all: the first at which the sum of the
/// weights, in double precision, exceeds uniform() times their sum.
/// Throws: weight_value when the sum is no positive number.
[[nodiscard]] ATTEND_EXPORT Index draw(std::span<const float> weights, Random& random);

/// What was drawn, and memory that is used again.
struct DistinctDraw {
  std::vector<Index> drawn;
  std::vector<double> sums;  // of blocks of weights
};

/// `count` different ones, one after the other; when no weight is left, those of weight 0, lowest
/// first. What was drawn has weight 0 afterwards.
/// Throws: weight_value as draw(). Requires: count <= weights.size().
ATTEND_EXPORT void draw_distinct(std::span<float> weights, Index count, Random& random,
                                 DistinctDraw& result);

}  // namespace attend
