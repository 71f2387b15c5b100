// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every pooling mode on two sequences, by hand.
#include "attend/ops/pooling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace attend {
namespace {

std::vector<float> pooled(Pooling pooling) {
  const std::vector<float> x = {1, -2, 3, 4, 5, -6,  // three rows
                                7, 8};               // one row
  const Index starts[] = {0, 3, 4};
  std::vector<float> y(4, -1);
  ops::pool(pooling, {x.data(), 4, 2}, starts, {y.data(), 2, 2});
  return y;
}

TEST(Pool, EveryMode) {
  using Values = std::vector<float>;
  EXPECT_EQ(pooled(Pooling::cls), (Values{1, -2, 7, 8}));
  EXPECT_EQ(pooled(Pooling::last_token), (Values{5, -6, 7, 8}));
  EXPECT_EQ(pooled(Pooling::max), (Values{5, 4, 7, 8}));
  EXPECT_EQ(pooled(Pooling::mean), (Values{3, -4.0F / 3, 7, 8}));
  const float root = std::sqrt(3.0F);
  EXPECT_EQ(pooled(Pooling::mean_sqrt_len), (Values{9 / root, -4 / root, 7, 8}));
  EXPECT_EQ(pooled(Pooling::weighted_mean), (Values{22.0F / 6, -12.0F / 6, 7, 8}));
}

TEST(Pool, NanSurfaces) {
  const float nan_value = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {1, nan_value, 3};
  const Index starts[] = {0, 3};
  for (const Pooling pooling :
       {Pooling::max, Pooling::mean, Pooling::mean_sqrt_len, Pooling::weighted_mean}) {
    float y = 0;
    ops::pool(pooling, {x.data(), 3, 1}, starts, {&y, 1, 1});
    EXPECT_EQ(std::isnan(y), true) << static_cast<int>(pooling);
  }
}

}  // namespace
}  // namespace attend
