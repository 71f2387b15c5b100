// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Angles and turning against double-precision loops; rows alone and together.
#include "attend/ops/rotary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "attend/core/error.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::TestMatrix;

class RotaryTest : public test::KernelTableTest {
 protected:
  ThreadPool pool{2};
  Workspace workspace{pool};
};

TEST_P(RotaryTest, AnglesAreThoseOfTheReference) {
  const std::vector<std::int32_t> positions = {0, 1, 2, 511, 8191, 40000};
  for (const auto& [theta, slowdown] :
       {std::pair(10000.0F, 1.0F), std::pair(160000.0F, 1.0F), std::pair(20000.0F, 1.0671F)}) {
    for (const Index d : {2, 6, 64}) {
      TestMatrix table(6, d, 3);
      ops::rotary_angles(positions, {.theta = theta, .size = d, .slowdown = slowdown}, table.view(),
                         workspace);
      ASSERT_TRUE(table.gaps_intact());
      for (Index r = 0; r < 6; ++r) {
        for (Index i = 0; i < d / 2; ++i) {
          // Rounded where the reference rounds: the power, its inverse, slower, the product.
          const auto power = static_cast<float>(
              std::pow(double{theta}, double{static_cast<float>(2 * i) / static_cast<float>(d)}));
          const float frequency = 1.0F / power / slowdown;
          const float angle =
              static_cast<float>(positions[static_cast<std::size_t>(r)]) * frequency;
          // A float power may be off by one unit in the last place, which is as much of the angle.
          const double tolerance = 6e-8 + 1.2e-7 * double{angle};
          ASSERT_NEAR(double{table.view()(r, i)}, std::cos(double{angle}), tolerance) << angle;
          ASSERT_NEAR(double{table.view()(r, d / 2 + i)}, std::sin(double{angle}), tolerance);
        }
      }
    }
  }
}

TEST_P(RotaryTest, TurnsPairsOfHalvesOfEveryHead) {
  for (const Index d : {2, 6, 16, 34, 64}) {
    constexpr Index heads = 3;
    TestMatrix x(7, heads * d, 2, 3);
    TestMatrix table(7, d, 1, 4);
    TestMatrix y = x;
    ops::rotate(y.view(), table.view(), workspace);
    ASSERT_TRUE(y.gaps_intact());
    for (Index r = 0; r < 7; ++r) {
      for (Index h = 0; h < heads; ++h) {
        for (Index i = 0; i < d / 2; ++i) {
          const double a = double{x.view()(r, h * d + i)};
          const double b = double{x.view()(r, h * d + d / 2 + i)};
          const double cosine = double{table.view()(r, i)};
          const double sine = double{table.view()(r, d / 2 + i)};
          ASSERT_NEAR(double{y.view()(r, h * d + i)}, a * cosine - b * sine, 2e-7);
          ASSERT_NEAR(double{y.view()(r, h * d + d / 2 + i)}, b * cosine + a * sine, 2e-7);
        }
      }
    }
  }
}

TEST_P(RotaryTest, RowsDoNotDependOnTheirBatch) {
  constexpr Index rows = 150;  // several chunks
  constexpr Index d = 64;
  constexpr Index m = 12 * d;
  std::vector<std::int32_t> positions(rows);
  for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = static_cast<int>(i * 7 % 100);
  TestMatrix x(rows, m, 0, 5);
  TestMatrix expected = x;
  TestMatrix angles(rows, d);
  for (Index r = 0; r < rows; ++r) {
    const MatrixView<float> own = angles.view().row_range(r, 1);
    ops::rotary_angles({&positions[static_cast<std::size_t>(r)], 1}, {.size = d}, own, workspace);
    ops::rotate(expected.view().row_range(r, 1), own, workspace);
  }
  for (const int threads : {1, 3}) {
    ThreadPool some(threads);
    Workspace own(some);
    TestMatrix table(rows, d, 1);
    TestMatrix y = x;
    ops::rotary_angles(positions, {.size = d}, table.view(), own);
    ops::rotate(y.view(), table.view(), own);
    for (Index r = 0; r < rows; ++r) {
      ASSERT_EQ(
          std::memcmp(y.view().row(r).data(), expected.view().row(r).data(), m * sizeof(float)), 0);
    }
  }
}

ATTEND_TEST_ALL_TABLES(RotaryTest);

TEST(Rotary, ChecksShapes) {
  ThreadPool pool(1);
  Workspace workspace(pool);
  TestMatrix x(2, 8);
  TestMatrix table(2, 4);
  const std::vector<std::int32_t> positions = {0, 1};
  const auto angles = [&](Index size, MatrixView<float> out) {
    ops::rotary_angles(positions, {.size = size}, out, workspace);
  };
  EXPECT_THROW(angles(3, table.view().col_range(0, 3)), Error);
  EXPECT_THROW(angles(6, table.view()), Error);
  EXPECT_THROW(angles(4, table.view().row_range(0, 1)), Error);
  EXPECT_THROW(ops::rotate(x.view(), table.view().row_range(0, 1), workspace), Error);
  EXPECT_THROW(ops::rotate(x.view().col_range(0, 6), table.view(), workspace), Error);
  EXPECT_THROW(ops::rotate(x.view(), table.view().col_range(0, 1), workspace), Error);
  EXPECT_THROW(ops::rotate(x.view(), table.view().col_range(0, 0), workspace), Error);
}

}  // namespace
}  // namespace attend
