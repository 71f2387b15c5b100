// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// layer_norm, rms_norm, l2_normalize, softmax and soft_cap against double precision; rows alone and
// together.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "attend/core/error.h"
#include "attend/ops/activation.h"
#include "attend/ops/normalize.h"
#include "attend/ops/softmax.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::random_values;
using test::TestMatrix;

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();

class RowsTest : public test::KernelTableTest {
 protected:
  ThreadPool pool{2};
  Workspace workspace{pool};
};

std::vector<double> naive_layer_norm(std::span<const float> x, std::span<const float> gain,
                                     std::span<const float> bias, double eps) {
  const auto count = static_cast<double>(x.size());
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / count;
  double variance = 0;
  for (const double value : x) variance += (value - mean) * (value - mean) / count;
  std::vector<double> out;
  for (std::size_t i = 0; i < x.size(); ++i) {
    out.push_back((double{x[i]} - mean) / std::sqrt(variance + eps) * double{gain[i]} +
                  double{bias[i]});
  }
  return out;
}

TEST_P(RowsTest, LayerNormAgreesWithDoublePrecision) {
  // The mean of values around `shift` is known to shift * 2^-24 * a few roundings.
  for (const auto& [shift, tolerance] : {std::pair{0.0F, 2e-6}, {30.0F, 1e-4}}) {
    for (const Index m : {1, 2, 7, 8, 15, 16, 17, 33, 64, 100, 768}) {
      TestMatrix x(5, m, 2, 3);
      for (Index i = 0; i < 5; ++i) {
        for (float& value : x.view().row(i)) value += shift;
      }
      const auto gain = random_values(m, 4);
      const auto bias = random_values(m, 5);
      TestMatrix y(5, m, 1);
      ops::layer_norm(x.view(), {gain, bias, 1e-5F}, y.view(), workspace);
      ASSERT_TRUE(y.gaps_intact());
      for (Index i = 0; i < 5; ++i) {
        const auto expected = naive_layer_norm(x.view().row(i), gain, bias, 1e-5);
        for (Index j = 0; j < m; ++j) {
          ASSERT_NEAR(double{y.view()(i, j)}, expected[static_cast<std::size_t>(j)], tolerance)
              << m << " columns";
        }
      }
    }
  }
}

TEST_P(RowsTest, LayerNormWithoutABiasIsThatWithZeros) {
  constexpr Index m = 37;
  TestMatrix x(3, m, 2, 11);
  const auto gain = random_values(m, 12);
  const std::vector<float> zeros(m);
  TestMatrix with_zeros(3, m);
  TestMatrix without(3, m, 1);
  ops::layer_norm(x.view(), {gain, zeros, 1e-5F}, with_zeros.view(), workspace);
  ops::layer_norm(x.view(), {gain, {}, 1e-5F}, without.view(), workspace);
  ASSERT_TRUE(without.gaps_intact());
  for (Index i = 0; i < 3; ++i) {
    ASSERT_EQ(std::memcmp(without.view().row(i).data(), with_zeros.view().row(i).data(),
                          m * sizeof(float)),
              0);
  }
}

TEST_P(RowsTest, RmsNormAgreesWithDoublePrecision) {
  for (const Index m : {1, 2, 7, 8, 15, 16, 17, 33, 64, 100, 768}) {
    TestMatrix x(5, m, 2, 7);
    const auto gain = random_values(m, 8);
    TestMatrix y(5, m, 1);
    ops::rms_norm(x.view(), {gain, 1e-5F}, y.view(), workspace);
    ASSERT_TRUE(y.gaps_intact());
    for (Index i = 0; i < 5; ++i) {
      double squares = 0;
      for (const double value : x.view().row(i)) squares += value * value;
      const double scale = 1 / std::sqrt(squares / static_cast<double>(m) + 1e-5);
      for (Index j = 0; j < m; ++j) {
        const double expected =
            double{x.view()(i, j)} * scale * double{gain[static_cast<std::size_t>(j)]};
        ASSERT_NEAR(double{y.view()(i, j)}, expected, 2e-6) << m << " columns";
      }
    }
  }
}

TEST_P(RowsTest, RmsNormIsInPlaceAndByRow) {
  constexpr Index m = 771;
  constexpr Index rows = 130;  // several chunks
  TestMatrix x(rows, m, 1, 9);
  const auto gain = random_values(m, 10);
  TestMatrix alone(1, m);
  TestMatrix together(rows, m);
  ops::rms_norm(x.view(), {gain, 1e-6F}, together.view(), workspace);
  ops::rms_norm(x.view().row_range(77, 1), {gain, 1e-6F}, alone.view(), workspace);
  ops::rms_norm(x.view(), {gain, 1e-6F}, x.view(), workspace);
  ASSERT_TRUE(x.gaps_intact());
  for (const MatrixView<float> other : {alone.view(), x.view().row_range(77, 1)}) {
    EXPECT_EQ(std::memcmp(other.row(0).data(), together.view().row(77).data(), m * sizeof(float)),
              0);
  }
}

TEST_P(RowsTest, RmsNormKeepsNanAndRefusesOtherShapes) {
  TestMatrix x(2, 20, 0, 3);
  x.view()(1, 5) = nan_value;
  const auto gain = random_values(20, 4);
  TestMatrix y(2, 20);
  ops::rms_norm(x.view(), {gain, 1e-6F}, y.view(), workspace);
  for (Index j = 0; j < 20; ++j) {
    EXPECT_TRUE(std::isfinite(y.view()(0, j)));
    EXPECT_TRUE(std::isnan(y.view()(1, j)));
  }
  EXPECT_THROW(ops::rms_norm(x.view(), {std::span(gain).first(19), 1e-6F}, y.view(), workspace),
               Error);
}

TEST_P(RowsTest, LayerNormRowsDoNotDependOnTheirBatch) {
  constexpr Index m = 771;
  constexpr Index rows = 130;  // several chunks
  TestMatrix x(rows, m, 1, 6);
  const auto gain = random_values(m, 7);
  TestMatrix expected(rows, m);
  for (Index i = 0; i < rows; ++i) {
    ops::layer_norm(x.view().row_range(i, 1), {gain, gain, 1e-12F}, expected.view().row_range(i, 1),
                    workspace);
  }
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool some(threads);
    Workspace own(some);
    TestMatrix y(rows, m, 3);
    for (Index i = 0; i < rows; ++i) {
      std::copy(x.view().row(i).begin(), x.view().row(i).end(), y.view().row(i).begin());
    }
    ops::layer_norm(y.view(), {gain, gain, 1e-12F}, y.view(), own);  // in place
    for (Index i = 0; i < rows; ++i) {
      ASSERT_EQ(
          std::memcmp(y.view().row(i).data(), expected.view().row(i).data(), m * sizeof(float)), 0);
    }
  }
}

TEST_P(RowsTest, LayerNormShowsNanAndKeepsItInItsRow) {
  TestMatrix x(3, 40);
  x.view()(1, 39) = nan_value;
  const auto gain = random_values(40, 8);
  ops::layer_norm(x.view(), {gain, gain, 1e-5F}, x.view(), workspace);
  for (Index j = 0; j < 40; ++j) {
    ASSERT_FALSE(std::isnan(x.view()(0, j)));
    ASSERT_TRUE(std::isnan(x.view()(1, j)));
    ASSERT_FALSE(std::isnan(x.view()(2, j)));
  }
}

TEST_P(RowsTest, SoftmaxAgreesWithDoublePrecision) {
  for (const Index columns : {1, 2, 3, 8, 15, 16, 17, 31, 100, 5003}) {
    TestMatrix x(3, columns, 2, 9);
    for (Index i = 0; i < 3; ++i) {
      for (float& value : x.view().row(i)) value *= 20.0F;
    }
    TestMatrix y = x;
    ops::softmax(y.view());
    ASSERT_TRUE(y.gaps_intact());
    for (Index i = 0; i < 3; ++i) {
      const auto row = x.view().row(i);
      const double largest = double{*std::max_element(row.begin(), row.end())};
      double sum = 0;
      for (const double value : row) sum += std::exp(value - largest);
      for (Index j = 0; j < columns; ++j) {
        const double expected = std::exp(double{row[static_cast<std::size_t>(j)]} - largest) / sum;
        // Rounding of x - max (40 * 2^-24), of exp and of the sum, each relative.
        ASSERT_NEAR(double{y.view()(i, j)}, expected, expected * 4e-6 + 1e-40) << columns;
      }
      std::vector<float> alone(row.begin(), row.end());
      ops::softmax(std::span(alone));
      ASSERT_EQ(std::memcmp(alone.data(), y.view().row(i).data(), alone.size() * 4), 0);
    }
  }
}

TEST_P(RowsTest, SoftmaxOfSpecialValues) {
  std::vector<float> masked = {1.0F, -infinity, 1.0F};
  ops::softmax(std::span(masked));
  EXPECT_EQ(masked, (std::vector<float>{0.5F, 0.0F, 0.5F}));
  std::vector<float> huge = {3e38F, -3e38F};
  ops::softmax(std::span(huge));
  EXPECT_EQ(huge, (std::vector<float>{1.0F, 0.0F}));
  for (const Index at : {0, 5, 19}) {
    std::vector<float> poisoned(20, 1.0F);
    poisoned[static_cast<std::size_t>(at)] = nan_value;
    ops::softmax(std::span(poisoned));
    for (const float value : poisoned) EXPECT_TRUE(std::isnan(value));
  }
  std::vector<float> none;
  ops::softmax(std::span(none));
}

// Divided, not multiplied by an inverse: bits of the reference's quotient.
TEST_P(RowsTest, SoftCapIsTanhOfTheQuotient) {
  constexpr float cap = 30;
  for (const Index columns : {1, 7, 16, 37}) {
    TestMatrix x(130, columns, 2, 21);
    for (Index i = 0; i < x.view().rows; ++i) {
      for (float& value : x.view().row(i)) value *= 60;
    }
    TestMatrix expected = x;
    ops::soft_cap(x.view(), cap, workspace);
    ASSERT_TRUE(x.gaps_intact());
    for (Index i = 0; i < x.view().rows; ++i) {
      const auto row = expected.view().row(i);
      const std::vector<float> scores(row.begin(), row.end());
      for (float& value : row) value /= cap;
      ops::activate(Activation::tanh, row);
      for (Index j = 0; j < columns; ++j) {
        ASSERT_EQ(x.view()(i, j), row[static_cast<std::size_t>(j)] * cap);
        const double score = double{scores[static_cast<std::size_t>(j)]} / double{cap};
        ASSERT_NEAR(double{x.view()(i, j)}, double{cap} * std::tanh(score), 3e-5);
      }
    }
  }
}

TEST_P(RowsTest, L2NormalizeAgreesWithDoublePrecision) {
  for (const float size : {1.0F, 1e30F, 1e-30F}) {
    for (const Index m : {1, 2, 7, 8, 15, 16, 17, 33, 64, 100, 771}) {
      TestMatrix x(5, m, 2, 7);
      for (Index i = 0; i < 5; ++i) {
        for (float& value : x.view().row(i)) value *= size;
      }
      TestMatrix y = x;
      ops::l2_normalize(y.view());
      ASSERT_TRUE(y.gaps_intact());
      for (Index i = 0; i < 5; ++i) {
        double squares = 0;
        for (const double value : x.view().row(i)) squares += value * value;
        const double length = std::max(std::sqrt(squares), 1e-12);
        for (Index j = 0; j < m; ++j) {
          // Roundings of the length and of the quotient.
          const double expected = double{x.view()(i, j)} / length;
          ASSERT_NEAR(double{y.view()(i, j)}, expected, std::abs(expected) * 1.3e-7) << m;
        }
      }
    }
  }
}

TEST_P(RowsTest, L2NormalizeDividesByTheLength) {
  std::vector<float> x = {3, 4, 0, 0, 1e-20F, 0, nan_value, 1};
  ops::l2_normalize({x.data(), 4, 2});
  EXPECT_FLOAT_EQ(x[0], 0.6F);
  EXPECT_FLOAT_EQ(x[1], 0.8F);
  EXPECT_EQ(x[2], 0.0F);  // not NaN: the length is at least 1e-12
  EXPECT_FLOAT_EQ(x[4], 1e-8F);
  EXPECT_TRUE(std::isnan(x[6]) && std::isnan(x[7]));
}

ATTEND_TEST_ALL_TABLES(RowsTest);

TEST(LayerNorm, ChecksShapes) {
  ThreadPool pool(1);
  Workspace workspace(pool);
  TestMatrix x(2, 4);
  const std::vector<float> three(3);
  const std::vector<float> four(4);
  EXPECT_THROW(ops::layer_norm(x.view(), {three, four, 1e-5F}, x.view(), workspace), Error);
  EXPECT_THROW(ops::layer_norm(x.view(), {four, three, 1e-5F}, x.view(), workspace), Error);
  EXPECT_THROW(ops::layer_norm(x.view(), {four, four, 1e-5F}, x.view().row_range(0, 1), workspace),
               Error);
}

}  // namespace
}  // namespace attend
