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
      ops::rotary_angles({positions}, {.theta = theta, .size = d, .slowdown = slowdown},
                         table.view(), workspace);
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
    ops::rotate(y.view(), {table.view()}, workspace);
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

TEST_P(RotaryTest, TurnsInterleavedPairsAndTheFirstColumnsOfAHead) {
  constexpr Index heads = 3;
  for (const RotaryPairs pairs : {RotaryPairs::halves, RotaryPairs::interleaved}) {
    for (const auto& [d, size] : {std::pair<Index, Index>(6, 2), {10, 8}, {40, 40}, {64, 16}}) {
      TestMatrix x(5, heads * d, 2, 3);
      TestMatrix table(5, size, 1, 4);
      TestMatrix y = x;
      ops::rotate(y.view(), {table.view(), d, pairs}, workspace);
      ASSERT_TRUE(y.gaps_intact());
      const bool by_half = pairs == RotaryPairs::halves;
      for (Index r = 0; r < 5; ++r) {
        for (Index h = 0; h < heads; ++h) {
          for (Index i = 0; i < size / 2; ++i) {
            const Index low = h * d + (by_half ? i : 2 * i);
            const Index high = low + (by_half ? size / 2 : 1);
            const double a = double{x.view()(r, low)};
            const double b = double{x.view()(r, high)};
            const double cosine = double{table.view()(r, i)};
            const double sine = double{table.view()(r, size / 2 + i)};
            ASSERT_NEAR(double{y.view()(r, low)}, a * cosine - b * sine, 2e-7);
            ASSERT_NEAR(double{y.view()(r, high)}, b * cosine + a * sine, 2e-7);
          }
          for (Index i = h * d + size; i < (h + 1) * d; ++i) {
            ASSERT_EQ(y.view()(r, i), x.view()(r, i));
          }
        }
      }
    }
  }
}

// Every sequence by its own length: the second is longer than those of training.
TEST_P(RotaryTest, ScaledFrequenciesAreThoseOfEachSequence) {
  const std::vector<std::int32_t> positions = {0, 1, 2, 5, 8, 9};
  const std::vector<Index> starts = {0, 3, 6};
  constexpr Index size = 6;
  const auto frequency = [](double theta, Index i) {
    return 1 / std::pow(theta, 2 * static_cast<double>(i) / size);
  };
  const std::vector<float> within = {1.0F, 1.5F, 2.0F};
  const std::vector<float> beyond = {3.0F, 4.0F, 5.0F};
  const auto expect = [&](const RotaryOptions& options, const auto& expected) {
    TestMatrix table(6, size);
    ops::rotary_angles({positions, starts}, options, table.view(), workspace);
    for (Index r = 0; r < 6; ++r) {
      for (Index i = 0; i < size / 2; ++i) {
        const double angle = positions[static_cast<std::size_t>(r)] * expected(r >= 3, i);
        ASSERT_NEAR(double{table.view()(r, i)}, 0.5 * std::cos(angle), 2e-6);
        ASSERT_NEAR(double{table.view()(r, size / 2 + i)}, 0.5 * std::sin(angle), 2e-6);
      }
    }
  };
  expect({.theta = 100, .size = size, .scaling = NtkScaling{3, 5}, .amplitude = 0.5F},
         [&](bool is_long, Index i) {
           return frequency(is_long ? 100 * std::pow(3.0 * 10 / 5 - 2, 1.5) : 100, i);
         });
  expect({.theta = 100, .size = size, .scaling = LongScaling{within, beyond, 5}, .amplitude = 0.5F},
         [&](bool is_long, Index i) {
           const auto& divisors = is_long ? beyond : within;
           return frequency(100, i) / double{divisors[static_cast<std::size_t>(i)]};
         });
}

// Slow pairs are divided, fast ones stay; those between lie between.
TEST_P(RotaryTest, SlowFrequenciesAreDivided) {
  const std::vector<std::int32_t> positions = {1};
  constexpr Index size = 32;
  constexpr double factor = 8;
  for (const RotaryScaling& scaling :
       {RotaryScaling(YarnScaling{.factor = 8, .trained = 1000}),
        RotaryScaling(
            YarnScaling{.factor = 8, .trained = 1000, .bounds = YarnScaling::Bounds::exact}),
        RotaryScaling(Llama3Scaling{.factor = 8, .trained = 1000})}) {
    TestMatrix table(1, size);
    TestMatrix plain(1, size);
    ops::rotary_angles({positions}, {.size = size, .scaling = scaling}, table.view(), workspace);
    ops::rotary_angles({positions}, {.size = size}, plain.view(), workspace);
    double last = 1;
    for (Index i = 0; i < size / 2; ++i) {
      const double share = std::asin(double{table.view()(0, size / 2 + i)}) /
                           std::asin(double{plain.view()(0, size / 2 + i)});
      EXPECT_LE(share, last + 1e-6);
      EXPECT_GE(share, 1 / factor - 1e-6);
      last = share;
    }
    EXPECT_NEAR(double{table.view()(0, size / 2)}, double{plain.view()(0, size / 2)}, 1e-6);
    EXPECT_NEAR(last, 1 / factor, 1e-5);
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
    ops::rotary_angles({{&positions[static_cast<std::size_t>(r)], 1}}, {.size = d}, own, workspace);
    ops::rotate(expected.view().row_range(r, 1), {own}, workspace);
  }
  for (const int threads : {1, 3}) {
    ThreadPool some(threads);
    Workspace own(some);
    TestMatrix table(rows, d, 1);
    TestMatrix y = x;
    ops::rotary_angles({positions}, {.size = d}, table.view(), own);
    ops::rotate(y.view(), {table.view()}, own);
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
    ops::rotary_angles({positions}, {.size = size}, out, workspace);
  };
  EXPECT_THROW(angles(3, table.view().col_range(0, 3)), Error);
  EXPECT_THROW(angles(6, table.view()), Error);
  EXPECT_THROW(angles(4, table.view().row_range(0, 1)), Error);
  EXPECT_THROW(ops::rotate(x.view(), {table.view().row_range(0, 1)}, workspace), Error);
  EXPECT_THROW(ops::rotate(x.view().col_range(0, 6), {table.view()}, workspace), Error);
  EXPECT_THROW(ops::rotate(x.view(), {table.view().col_range(0, 1)}, workspace), Error);
  EXPECT_THROW(ops::rotate(x.view(), {table.view().col_range(0, 0)}, workspace), Error);
}

}  // namespace
}  // namespace attend
