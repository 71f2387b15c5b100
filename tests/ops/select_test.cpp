// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// argmax, top_k and all_finite: ties, NaN, edges.
#include "attend/ops/select.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace attend {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();
using Indices = std::vector<Index>;

TEST(Select, TiesGoToTheLowestIndex) {
  const std::vector<float> x = {1, 3, 2, 3, 1, 0.0F, -0.0F};
  EXPECT_EQ(ops::argmax(x), 1);
  EXPECT_EQ(ops::top_k(x, 4), (Indices{1, 3, 2, 0}));
  EXPECT_EQ(ops::top_k(x, 100), (Indices{1, 3, 2, 0, 4, 5, 6}));
  EXPECT_EQ(ops::top_k(x, 0), Indices{});
  EXPECT_EQ(ops::top_k(x, -1), Indices{});
  EXPECT_EQ(ops::top_k({}, 3), Indices{});
}

TEST(Select, NanComesFirst) {
  const std::vector<float> x = {1, nan_value, infinity, nan_value};
  EXPECT_EQ(ops::argmax(x), 1);
  EXPECT_EQ(ops::top_k(x, 4), (Indices{1, 3, 2, 0}));
}

// Whatever k is beside the size: what sorting gives.
TEST(Select, LargeOnes) {
  std::mt19937 random(1);
  Indices found;
  for (const std::size_t size : {33U, 64U, 1000U, 4099U}) {
    std::vector<float> x(size);
    for (float& value : x) {
      value = static_cast<float>(random() % 500) - 250;
      if (random() % 400 == 0) value = nan_value;
    }
    Indices sorted(size);
    std::iota(sorted.begin(), sorted.end(), Index{0});
    std::stable_sort(sorted.begin(), sorted.end(), [&](Index a, Index b) {
      const float left = x[static_cast<std::size_t>(a)];
      const float right = x[static_cast<std::size_t>(b)];
      return std::isnan(left) ? !std::isnan(right) : left > right;
    });
    EXPECT_EQ(ops::argmax(x), sorted[0]);
    for (const Index k : {1, 2, 3, 8, 50, 125, 512, 513, 4099}) {
      ops::top_k(x, k, found);
      const auto end = sorted.begin() + std::min(k, static_cast<Index>(size));
      EXPECT_EQ(found, Indices(sorted.begin(), end)) << size << ' ' << k;
    }
  }
}

TEST(Select, AllFinite) {
  std::vector<float> x(37, 3e38F);
  EXPECT_TRUE(ops::all_finite(x));
  EXPECT_TRUE(ops::all_finite({}));
  for (const float bad : {infinity, -infinity, nan_value, -nan_value}) {
    for (const std::size_t at : {std::size_t{0}, std::size_t{36}}) {
      x[at] = bad;
      EXPECT_FALSE(ops::all_finite(x));
      x[at] = -1e-40F;
    }
  }
}

}  // namespace
}  // namespace attend
