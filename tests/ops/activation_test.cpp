// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Activations against double precision, over all magnitudes; special values; positions.
#include "attend/ops/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "support/kernel_tables.h"

namespace attend {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();

class ActivationTest : public test::KernelTableTest {};

// Values of both signs and all magnitudes from 2^-40 to `largest`.
std::vector<float> sweep(float largest) {
  std::vector<float> values = {0.0F, -0.0F};
  for (float size = 0x1p-40F; size < largest; size *= 1.00037F) {
    values.push_back(size);
    values.push_back(-size);
  }
  return values;
}

float apply_one(Activation activation, float x) {
  ops::activate(activation, {&x, 1});
  return x;
}

template <class Reference>
double worst_error(Activation activation, float largest, const Reference& reference) {
  const std::vector<float> x = sweep(largest);
  std::vector<float> y = x;
  ops::activate(activation, y);
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = reference(double{x[i]});
    worst =
        std::max(worst, std::abs(double{y[i]} - expected) / std::max(1.0, std::abs(double{x[i]})));
  }
  return worst;
}

// Relative to the size of x: the fit's 3e-8 and two roundings.
constexpr double gelu_tolerance = 2e-7;
constexpr double tanh_tolerance = 2e-7;

TEST_P(ActivationTest, AgreesWithDoublePrecision) {
  const auto gelu = [](double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); };
  EXPECT_LT(worst_error(Activation::gelu, 1e4F, gelu), gelu_tolerance);
  const auto gelu_tanh = [](double x) {
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
  };
  EXPECT_LT(worst_error(Activation::gelu_tanh, 1e4F, gelu_tanh), gelu_tolerance);
  EXPECT_LT(worst_error(Activation::tanh, 1e4F, [](double x) { return std::tanh(x); }),
            tanh_tolerance);
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  EXPECT_LT(worst_error(Activation::sigmoid, 1e4F, sigmoid), tanh_tolerance);
  EXPECT_LT(worst_error(Activation::silu, 1e4F, [&](double x) { return x * sigmoid(x); }),
            gelu_tolerance);
  EXPECT_EQ(worst_error(Activation::relu, 1e30F, [](double x) { return std::max(x, 0.0); }), 0);
  EXPECT_EQ(worst_error(Activation::none, 1e30F, [](double x) { return x; }), 0);
}

// For large negative x the sigmoid is exp(x) (1 - ...): its relative error is that of exp.
TEST_P(ActivationTest, ExpIsGoodToThreeUlp) {
  constexpr double ulp = 0x1p-23;
  for (float x = -87.0F; x < 0; x += 0.00713F) {
    const double expected = 1 / (1 + std::exp(-double{x}));
    const double found = double{apply_one(Activation::sigmoid, x)};
    ASSERT_LT(std::abs(found / expected - 1), 3 * ulp) << x;
  }
}

TEST_P(ActivationTest, TanhKeepsItsRelativePrecisionNearZero) {
  for (const float x : sweep(2.0F)) {
    if (x == 0) continue;
    ASSERT_NEAR(double{apply_one(Activation::tanh, x)} / std::tanh(double{x}), 1, 4e-7) << x;
  }
}

TEST_P(ActivationTest, PassesNanAndInfinity) {
  for (const auto activation :
       {Activation::none, Activation::gelu, Activation::gelu_tanh, Activation::relu,
        Activation::silu, Activation::tanh, Activation::sigmoid}) {
    EXPECT_TRUE(std::isnan(apply_one(activation, nan_value))) << static_cast<int>(activation);
    EXPECT_TRUE(std::isnan(apply_one(activation, -nan_value))) << static_cast<int>(activation);
  }
  for (const auto activation : {Activation::none, Activation::gelu, Activation::gelu_tanh,
                                Activation::relu, Activation::silu}) {
    EXPECT_EQ(apply_one(activation, infinity), infinity) << static_cast<int>(activation);
  }
  EXPECT_EQ(apply_one(Activation::tanh, infinity), 1.0F);
  EXPECT_EQ(apply_one(Activation::tanh, -infinity), -1.0F);
  EXPECT_EQ(apply_one(Activation::sigmoid, infinity), 1.0F);
  EXPECT_EQ(apply_one(Activation::sigmoid, -infinity), 0.0F);
  EXPECT_EQ(apply_one(Activation::relu, -infinity), 0.0F);
  EXPECT_NEAR(apply_one(Activation::gelu, -infinity), 0.0F, 1e-30F);
}

TEST_P(ActivationTest, PositionAndLengthDoNotMatter) {
  const std::vector<float> x = test::random_values(70, 3);
  for (const auto activation : {Activation::gelu, Activation::gelu_tanh, Activation::silu,
                                Activation::tanh, Activation::sigmoid}) {
    for (std::size_t begin = 0; begin < x.size(); ++begin) {
      std::vector<float> part(x.begin() + static_cast<std::ptrdiff_t>(begin), x.end());
      ops::activate(activation, part);
      for (std::size_t i = 0; i < part.size(); ++i) {
        ASSERT_EQ(part[i], apply_one(activation, x[begin + i]));
      }
    }
  }
}

ATTEND_TEST_ALL_TABLES(ActivationTest);

TEST(FindActivation, KnowsTheNamesOfTransformers) {
  EXPECT_EQ(find_activation("gelu"), Activation::gelu);
  EXPECT_EQ(find_activation("gelu_new"), Activation::gelu_tanh);
  EXPECT_EQ(find_activation("gelu_pytorch_tanh"), Activation::gelu_tanh);
  EXPECT_EQ(find_activation("swish"), Activation::silu);
  EXPECT_EQ(find_activation("relu"), Activation::relu);
  EXPECT_EQ(find_activation("linear"), Activation::none);
  EXPECT_EQ(find_activation("gelu_10"), std::nullopt);
  EXPECT_EQ(find_activation(""), std::nullopt);
}

}  // namespace
}  // namespace attend
