// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every pooling mode on two sequences, by hand, and on long rows against double precision.
#include "attend/ops/pooling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/kernel_tables.h"

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

class PoolTest : public test::KernelTableTest {};

TEST_P(PoolTest, EveryMode) {
  using Values = std::vector<float>;
  EXPECT_EQ(pooled(Pooling::cls), (Values{1, -2, 7, 8}));
  EXPECT_EQ(pooled(Pooling::last_token), (Values{5, -6, 7, 8}));
  EXPECT_EQ(pooled(Pooling::max), (Values{5, 4, 7, 8}));
  EXPECT_EQ(pooled(Pooling::mean), (Values{3, -4.0F / 3, 7, 8}));
  const float root = std::sqrt(3.0F);
  EXPECT_EQ(pooled(Pooling::mean_sqrt_len), (Values{9 / root, -4 / root, 7, 8}));
  EXPECT_EQ(pooled(Pooling::weighted_mean), (Values{22.0F / 6, -12.0F / 6, 7, 8}));
}

// Sums of n values in [-1, 1) round by less than n * 2^-24 each time.
TEST_P(PoolTest, AgreesWithDoublePrecision) {
  for (const Index m : {1, 7, 16, 33, 100, 771}) {
    constexpr Index rows = 50;
    constexpr Index first = 2;
    const Index starts[] = {first, rows};
    const auto n = static_cast<double>(rows - first);
    test::TestMatrix x(rows, m, 3, 1);
    const auto expect = [&](Pooling pooling, double divisor, const auto& weight) {
      test::TestMatrix y(1, m, 2);
      ops::pool(pooling, x.view(), starts, y.view());
      ASSERT_TRUE(y.gaps_intact());
      for (Index j = 0; j < m; ++j) {
        double sum = 0;
        double largest = -1;
        for (Index r = first; r < rows; ++r) {
          sum += weight(r - first) * double{x.view()(r, j)};
          largest = std::max(largest, double{x.view()(r, j)});
        }
        if (pooling == Pooling::max) {
          ASSERT_EQ(double{y.view()(0, j)}, largest);
        } else {
          ASSERT_NEAR(double{y.view()(0, j)}, sum / divisor, 2e-6) << m << " columns";
        }
      }
    };
    const auto one = [](Index) { return 1.0; };
    expect(Pooling::max, 1, one);
    expect(Pooling::mean, n, one);
    expect(Pooling::mean_sqrt_len, std::sqrt(n), one);
    expect(Pooling::weighted_mean, n * (n + 1) / 2,
           [](Index r) { return static_cast<double>(r + 1); });
  }
}

TEST_P(PoolTest, NanSurfaces) {
  const float nan_value = std::numeric_limits<float>::quiet_NaN();
  constexpr Index m = 20;
  std::vector<float> x(3 * m, 1.0F);
  x[m + 17] = nan_value;  // in the row between
  const Index starts[] = {0, 3};
  for (const Pooling pooling :
       {Pooling::max, Pooling::mean, Pooling::mean_sqrt_len, Pooling::weighted_mean}) {
    std::vector<float> y(m);
    ops::pool(pooling, {x.data(), 3, m}, starts, {y.data(), 1, m});
    for (std::size_t j = 0; j < y.size(); ++j) {
      EXPECT_EQ(std::isnan(y[j]), j == 17) << static_cast<int>(pooling);
    }
  }
}

ATTEND_TEST_ALL_TABLES(PoolTest);

}  // namespace
}  // namespace attend
