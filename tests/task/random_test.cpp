// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Chance: published values of the generator, fixed draws, and that draws follow their weights.
#include "attend/task/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "support/error_of.h"

namespace attend::test {
namespace {

using Words = std::array<std::uint32_t, 4>;

// kat_vectors of Random123, philox4x32 with 10 rounds.
TEST(Random, PublishedValues) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}));
  constexpr std::uint32_t ones = 0xFFFFFFFF;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (Words{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD}));
  EXPECT_EQ(philox({0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, {0xA4093822, 0x299F31D0}),
            (Words{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}));
}

TEST(Random, SameSeedSameNumbers) {
  Random random(42, 7);
  Random same(42, 7);
  Random other_stream(42, 8);
  Random other_seed(43, 7);
  std::set<double> seen;
  for (int i = 0; i < 100; ++i) {
    const double x = random.uniform();
    EXPECT_GE(x, 0);
    EXPECT_LT(x, 1);
    EXPECT_EQ(x, same.uniform());
    seen.insert({x, other_stream.uniform(), other_seed.uniform()});
  }
  EXPECT_EQ(seen.size(), 300U);
}

// Written down once: they must never change, on no machine.
TEST(Random, FixedDraws) {
  const std::vector<float> weights = {0.1F, 0, 0.4F, 0.2F, 0.3F};
  Random random(1);
  std::vector<Index> drawn;
  for (int i = 0; i < 12; ++i) drawn.push_back(draw(weights, random));
  EXPECT_EQ(drawn, (std::vector<Index>{4, 3, 2, 4, 2, 2, 2, 2, 4, 2, 2, 3}));
  DistinctDraw distinct;
  auto left = weights;
  draw_distinct(left, 5, random, distinct);
  EXPECT_EQ(distinct.drawn, (std::vector<Index>{2, 3, 4, 0, 1}));
  EXPECT_EQ(left, (std::vector<float>{0, 0, 0, 0, 0}));
}

TEST(Random, DrawsFollowTheirWeights) {
  const std::vector<float> weights = {0.5F, 0.125F, 0, 0.375F};
  constexpr int count = 20'000;
  std::vector<int> times(weights.size());
  Random random(5);
  for (int i = 0; i < count; ++i) ++times[static_cast<std::size_t>(draw(weights, random))];
  EXPECT_EQ(times[2], 0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    EXPECT_NEAR(times[i], count * static_cast<double>(weights[i]), 5 * std::sqrt(count * 0.25))
        << i;
  }
}

// The second of two is drawn from what the first left.
TEST(Random, DistinctDrawsFollowWhatIsLeft) {
  constexpr int count = 20'000;
  const std::vector<float> weights = {0.5F, 0.25F, 0.25F};
  int first_then_second = 0;
  Random random(6);
  DistinctDraw draws;
  for (int i = 0; i < count; ++i) {
    auto left = weights;
    draw_distinct(left, 2, random, draws);
    ASSERT_NE(draws.drawn[0], draws.drawn[1]);
    first_then_second += draws.drawn == std::vector<Index>{1, 0} ? 1 : 0;
  }
  // 1/4 of 1/2 over 3/4
  EXPECT_NEAR(first_then_second, count / 6.0, 5 * std::sqrt(count * 0.14));
}

TEST(Random, ManyWeightsAndFewThatCount) {
  std::vector<float> weights(100'000);
  weights[77'777] = 0.25F;
  weights[3] = 0.5F;
  Random random(9);
  DistinctDraw draws;
  auto left = weights;
  draw_distinct(left, 4, random, draws);
  const std::set<Index> two(draws.drawn.begin(), draws.drawn.begin() + 2);
  EXPECT_EQ(two, (std::set<Index>{3, 77'777}));
  EXPECT_EQ(draws.drawn[2], 0);
  EXPECT_EQ(draws.drawn[3], 1);
}

TEST(Random, WeightsThatAreNone) {
  Random random(1);
  DistinctDraw draws;
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (std::vector<float> weights : {std::vector<float>{0, 0}, {1, nan}, {1, infinity}}) {
    expect_error(ErrorKind::weight_value, {"probabilities of the next token"},
                 [&] { return draw(weights, random); });
    expect_error(ErrorKind::weight_value, {"probabilities of the next token"}, [&] {
      draw_distinct(weights, 1, random, draws);
      return 0;
    });
  }
}

}  // namespace
}  // namespace attend::test
