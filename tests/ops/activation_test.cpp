// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Activations against double precision, over all magnitudes; special values; positions.
#include "attend/ops/activation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <string_view>
#include <vector>

#include "support/activations.h"
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

// The names of ACT2FN in its order, and the values at both infinities: NaN where the formula
// multiplies infinity by zero or takes it from itself, as torch does.
// Source: transformers 4.57 activations.py.
struct Name {
  std::string_view name;
  Activation activation;
  float at_infinity;
  float at_minus_infinity;
};

constexpr Name names[] = {
    {"gelu", Activation::gelu, infinity, 0},
    {"gelu_10", Activation::gelu_10, 10, 0},
    {"gelu_fast", Activation::gelu_tanh, infinity, nan_value},
    {"gelu_new", Activation::gelu_tanh, infinity, nan_value},
    {"gelu_python", Activation::gelu, infinity, 0},
    {"gelu_pytorch_tanh", Activation::gelu_tanh, infinity, nan_value},
    {"gelu_python_tanh", Activation::gelu_tanh, infinity, nan_value},
    {"gelu_accurate", Activation::gelu_tanh, infinity, nan_value},
    {"laplace", Activation::laplace, 1, 0},
    {"leaky_relu", Activation::leaky_relu, infinity, -infinity},
    {"linear", Activation::none, infinity, -infinity},
    {"mish", Activation::mish, infinity, nan_value},
    {"quick_gelu", Activation::quick_gelu, infinity, nan_value},
    {"relu", Activation::relu, infinity, 0},
    {"relu2", Activation::relu2, infinity, 0},
    {"relu6", Activation::relu6, 6, 0},
    {"sigmoid", Activation::sigmoid, 1, 0},
    {"silu", Activation::silu, infinity, nan_value},
    {"swish", Activation::silu, infinity, nan_value},
    {"tanh", Activation::tanh, 1, -1},
    {"prelu", Activation::prelu, infinity, -infinity},
    {"xielu", Activation::xielu, infinity, nan_value},
};

// The fits' errors of 3e-8 and a few roundings; where the value is small against x, the rounding of
// x times the slope.
double tolerance(double expected) { return 1e-7 + 4e-7 * std::abs(expected); }

// Of xielu, whose parts have the size of x where they may cancel.
double tolerance(const ActivationFunction& function, double expected, float x) {
  return tolerance(std::abs(expected) +
                   (function.kind == Activation::xielu ? std::abs(double{x}) : 0.0));
}

TEST_P(ActivationTest, AgreesWithDoublePrecision) {
  const std::vector<float> x = sweep(1e4F);
  for (const Activation activation : test::every_activation) {
    std::vector<float> y = x;
    ops::activate(activation, y);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double expected = test::activate(activation, double{x[i]});
      ASSERT_NEAR(double{y[i]}, expected, tolerance(activation, expected, x[i]))
          << static_cast<int>(activation) << " of " << x[i];
    }
  }
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
  for (const Name& row : names) {
    SCOPED_TRACE(row.name);
    EXPECT_TRUE(std::isnan(apply_one(row.activation, nan_value)));
    EXPECT_TRUE(std::isnan(apply_one(row.activation, -nan_value)));
    EXPECT_EQ(apply_one(row.activation, infinity), row.at_infinity);
    const float low = apply_one(row.activation, -infinity);
    if (std::isnan(row.at_minus_infinity)) {
      EXPECT_TRUE(std::isnan(low)) << low;
    } else if (std::isinf(row.at_minus_infinity)) {
      EXPECT_EQ(low, row.at_minus_infinity);
    } else {
      EXPECT_NEAR(low, row.at_minus_infinity, 1e-30F);
    }
  }
}

TEST_P(ActivationTest, TakesTheNumbersThatWereLearned) {
  const std::vector<float> x = sweep(100);
  ActivationFunction function;
  function.slope = -0.75F;
  function.positive = 1.5F;
  function.negative = 0.375F;
  function.linear = -0.25F;
  function.largest = -0.5F;
  for (const Activation kind : {Activation::prelu, Activation::xielu}) {
    function.kind = kind;
    std::vector<float> y = x;
    ops::activate(function, y);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double expected = test::activate(function, double{x[i]});
      ASSERT_NEAR(double{y[i]}, expected, tolerance(function, expected, x[i])) << x[i];
    }
  }
}

// Below 0 the curve leaves its tangent by x^2 / 2.
TEST_P(ActivationTest, XieluKeepsItsPrecisionNearZero) {
  ActivationFunction function = Activation::xielu;
  function.linear = 0;
  function.negative = 1;
  for (float x = -0.5F; x < -1e-3F; x *= 0.97F) {
    float y = x;
    ops::activate(function, {&y, 1});
    ASSERT_NEAR(double{y}, test::activate(function, double{x}), 4e-7 * -double{x}) << x;
  }
}

TEST_P(ActivationTest, PositionAndLengthDoNotMatter) {
  const std::vector<float> x = test::random_values(70, 3);
  for (const Activation activation : test::every_activation) {
    for (std::size_t begin = 0; begin < x.size(); ++begin) {
      std::vector<float> part(x.begin() + static_cast<std::ptrdiff_t>(begin), x.end());
      ops::activate(activation, part);
      for (std::size_t i = 0; i < part.size(); ++i) {
        ASSERT_EQ(part[i], apply_one(activation, x[begin + i])) << static_cast<int>(activation);
      }
    }
  }
}

ATTEND_TEST_ALL_TABLES(ActivationTest);

TEST(FindActivation, KnowsTheNamesOfTransformers) {
  for (const Name& row : names) EXPECT_EQ(find_activation(row.name), row.activation) << row.name;
  // Every activation has a name.
  for (const Activation activation : test::every_activation) {
    EXPECT_NE(std::ranges::find(names, activation, &Name::activation), std::end(names))
        << static_cast<int>(activation);
  }
}

// Its formula is that of gelu_new with a constant cut after ten digits.
TEST(FindActivation, GeluFastIsGeluTanh) {
  for (double x = -20; x < 20; x += 0.01) {
    const double fast = 0.5 * x * (1 + std::tanh(x * 0.7978845608 * (1 + 0.044715 * x * x)));
    ASSERT_NEAR(fast, test::activate(Activation::gelu_tanh, x), 1e-10) << x;
  }
}

TEST(FindActivation, KnowsNothingElse) {
  for (const std::string_view name : {"", "GELU", "gelu_11", "PReLU", "none"}) {
    EXPECT_EQ(find_activation(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace attend
