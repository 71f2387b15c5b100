// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// linear against a double-precision loop, and its promise: a row's bits depend on that row alone.
#include "attend/ops/linear.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>

#include "attend/core/error.h"
#include "support/activations.h"
#include "support/compute_types.h"
#include "support/error_of.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::Numbers;
using test::random_values;
using test::TestMatrix;

// Sums of k products of values in [-1, 1) reach about sqrt(k). A chain of 384 additions rounds by
// sqrt(384 / 3) * 2^-25 = 3.4e-7 of that; the worst of ten thousand outputs, by three times as
// much.
constexpr double sum_tolerance = 1e-6;

TensorRef f32_tensor(const std::vector<float>& values, Index rows, Index cols) {
  return {DType::f32, Shape{rows, cols}, reinterpret_cast<const std::byte*>(values.data())};
}

struct Case {
  Index rows;
  Index in;
  Index out;
  Index gap;
};

class LinearTest : public test::KernelTableTest {
 protected:
  ThreadPool pool{2};
  Workspace workspace{pool};
};

TEST_P(LinearTest, AgreesWithDoublePrecision) {
  for (const Case c : {Case{1, 1, 1, 0},
                       {1, 768, 96, 0},
                       {2, 5, 7, 3},
                       {3, 33, 31, 1},
                       {4, 64, 32, 0},
                       {5, 100, 33, 2},
                       {6, 17, 130, 0},
                       {7, 65, 2, 5},
                       {13, 40, 64, 0},
                       {14, 41, 65, 1},
                       {15, 300, 40, 0},
                       {16, 129, 100, 9},
                       {29, 70, 257, 0},
                       {300, 31, 70, 1},
                       {70, 3072, 66, 0}}) {
    SCOPED_TRACE(testing::Message() << c.rows << " x " << c.in << " -> " << c.out);
    TestMatrix x(c.rows, c.in, c.gap, 3);
    TestMatrix y(c.rows, c.out, c.gap, 4);
    const auto weight = random_values(c.out * c.in, 5);
    const auto bias = random_values(c.out, 6);
    const StoredWeight stored{f32_tensor(weight, c.out, c.in), std::nullopt};
    for (const ComputeType compute : compute_types) {
      SCOPED_TRACE(name(compute));
      const PackedLinear packed({&stored, 1}, bias, pool, {compute});
      ops::linear({x.view(), packed}, y.view(), workspace);
      ASSERT_TRUE(y.gaps_intact());
      const auto products = test::rounded_products(compute, x.view(), {weight.data(), c.out, c.in});
      const double scale = std::sqrt(static_cast<double>(c.in)) + 1;
      for (Index i = 0; i < c.rows; ++i) {
        for (Index j = 0; j < c.out; ++j) {
          const double sum = double{bias[static_cast<std::size_t>(j)]} +
                             products[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
          ASSERT_NEAR(double{y.view()(i, j)}, sum, sum_tolerance * scale) << i << ", " << j;
        }
      }
    }
  }
}

// In rounded products both gelus are rounded, too: 9e-5 + 3e-5 |x|.
TEST_P(LinearTest, GeluOfRoundedProductsIsNear) {
  constexpr Index out = 4001;
  std::vector<float> weight(out, 0.0F);
  std::vector<float> bias(out);
  for (Index j = 0; j < out; ++j)
    bias[static_cast<std::size_t>(j)] = static_cast<float>(j - 2000) * 0.01F;
  const StoredWeight stored{f32_tensor(weight, out, 1), std::nullopt};
  const float one = 1;
  for (const ComputeType compute : {ComputeType::bf16, ComputeType::int8, ComputeType::int4}) {
    const PackedLinear packed({&stored, 1}, bias, pool, {compute});
    for (const Activation activation : {Activation::gelu, Activation::gelu_tanh}) {
      std::vector<float> y(out);
      ops::linear({{&one, 1, 1}, packed}, {y.data(), 1, out}, workspace,
                  {.activation = activation, .residual = {}});
      for (std::size_t j = 0; j < y.size(); ++j) {
        const double x{bias[j]};
        ASSERT_NEAR(double{y[j]}, test::activate(activation, x), 9e-5 + 3e-5 * std::abs(x)) << x;
      }
    }
  }
}

// How far the types are from the exact product, as a share of its root mean square: what a weight
// of random values loses is the coarsest bound that any model meets.
TEST_P(LinearTest, RoundedTypesStayNearTheExactProduct) {
  constexpr Index rows = 20;
  constexpr Index in = 512;
  constexpr Index out = 64;
  TestMatrix x(rows, in);
  const auto weight = random_values(out * in, 18);
  const StoredWeight stored{f32_tensor(weight, out, in), std::nullopt};
  TestMatrix exact(rows, out);
  const PackedLinear plain({&stored, 1}, {}, pool);
  ops::linear({x.view(), plain}, exact.view(), workspace);
  const auto error = [&](ComputeType compute) {
    TestMatrix y(rows, out);
    const PackedLinear packed({&stored, 1}, {}, pool, {compute});
    ops::linear({x.view(), packed}, y.view(), workspace);
    double difference = 0;
    double size = 0;
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < out; ++j) {
        difference += std::pow(double{y.view()(i, j)} - double{exact.view()(i, j)}, 2);
        size += std::pow(double{exact.view()(i, j)}, 2);
      }
    }
    return std::sqrt(difference / size);
  };
  EXPECT_EQ(error(ComputeType::f32), 0);
  EXPECT_LT(error(ComputeType::bf16), 0.004);
  EXPECT_LT(error(ComputeType::int8), 0.01);
  EXPECT_LT(error(ComputeType::int4), 0.1);
}

// Stored integers are used as they are: with rows of small integers the product is exact.
TEST_P(LinearTest, Int8KeepsStoredIntegers) {
  constexpr Index in = 70;
  constexpr Index out = 40;
  std::vector<std::int8_t> values(out * in);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<std::int8_t>(static_cast<int>(i * 37 % 200) - 100);
  }
  const std::vector<float> scales(out, 0.5F);
  const StoredWeight stored{
      {DType::i8, Shape{out, in}, reinterpret_cast<const std::byte*>(values.data())},
      TensorRef{DType::f32, Shape{out}, reinterpret_cast<const std::byte*>(scales.data())}};
  const PackedLinear packed({&stored, 1}, {}, pool, {ComputeType::int8});
  std::vector<float> x(in);
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = static_cast<float>(k % 5);
  x[0] = 127;
  std::vector<float> y(out);
  ops::linear({{x.data(), 1, in}, packed}, {y.data(), 1, out}, workspace);
  for (std::size_t j = 0; j < y.size(); ++j) {
    float sum = 0;
    for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * values[j * in + k];
    ASSERT_EQ(y[j], 0.5F * sum);
  }
}

TEST_P(LinearTest, RowsOfZerosAndOfNanAreWhatTheyAre) {
  constexpr Index in = 40;
  TestMatrix x(3, in);
  std::ranges::fill(x.view().row(0), 0.0F);
  x.view()(1, 39) = std::nanf("");
  const auto weight = random_values(33 * in, 19);
  const StoredWeight stored{f32_tensor(weight, 33, in), std::nullopt};
  for (const ComputeType compute : compute_types) {
    SCOPED_TRACE(name(compute));
    TestMatrix y(3, 33);
    const PackedLinear packed({&stored, 1}, {}, pool, {compute});
    ops::linear({x.view(), packed}, y.view(), workspace);
    for (Index j = 0; j < 33; ++j) {
      ASSERT_EQ(y.view()(0, j), 0);
      ASSERT_TRUE(std::isnan(y.view()(1, j)));
      ASSERT_TRUE(std::isfinite(y.view()(2, j)));
    }
  }
}

TEST_P(LinearTest, AppliesActivationThenResidual) {
  constexpr Index rows = 9;
  constexpr Index in = 24;
  constexpr Index out = 45;
  TestMatrix x(rows, in, 1, 7);
  const auto weight = random_values(out * in, 8);
  const StoredWeight stored{f32_tensor(weight, out, in), std::nullopt};
  const PackedLinear packed({&stored, 1}, random_values(out, 9), pool);
  TestMatrix plain(rows, out);
  ops::linear({x.view(), packed}, plain.view(), workspace);
  for (const Activation activation : test::every_activation) {
    TestMatrix residual(rows, out, 4, 10);
    TestMatrix y(rows, out, 2, 11);
    ops::linear({x.view(), packed}, y.view(), workspace,
                {.activation = activation, .residual = residual.view()});
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < out; ++j) {
        const double expected =
            test::activate(activation, double{plain.view()(i, j)}) + double{residual.view()(i, j)};
        // The activation's own bound (activation_test) plus one rounding of the sum.
        ASSERT_NEAR(double{y.view()(i, j)}, expected, 1e-6 * std::max(1.0, std::abs(expected)));
      }
    }
    // y may be the residual.
    ops::linear({x.view(), packed}, residual.view(), workspace,
                {.activation = activation, .residual = residual.view()});
    for (Index i = 0; i < rows; ++i) {
      ASSERT_EQ(std::memcmp(residual.view().row(i).data(), y.view().row(i).data(), out * 4), 0);
    }
    ASSERT_TRUE(residual.gaps_intact());
  }
}

/// A weight without values.
StoredWeight planned(const StoredWeight& weight) {
  return {{weight.values.dtype, weight.values.shape, nullptr}, std::nullopt};
}

/// Values at places as aligned as those of a file.
struct AlignedValues {
  Tensor panels;
  Tensor scales;
  Tensor sums;

  explicit AlignedValues(const PackedLinear& packed)
      : panels(copy(packed.values().panels)),
        scales(copy(packed.values().scales)),
        sums(copy(packed.values().sums)) {}

  static Tensor copy(const TensorRef& values) {
    if (values.bytes == nullptr) return {};
    Tensor out(values.dtype, values.shape);
    std::memcpy(out.bytes(), values.bytes, values.size_bytes());
    return out;
  }
  [[nodiscard]] PackedLinear::Values view() const {
    return {panels.ref(), scales.ref(), sums.ref()};
  }
};

TEST_P(LinearTest, AdoptedValuesGiveTheSameBits) {
  const Index in = 70;
  const Index out = 45;
  const auto values = random_values(out * in, 31);
  const auto bias = random_values(out, 32);
  const StoredWeight stored{f32_tensor(values, out, in), std::nullopt};
  const StoredWeight without = planned(stored);
  TestMatrix x(5, in, 0, 33);
  TestMatrix expected(5, out, 0, 34);
  TestMatrix y(5, out, 0, 35);
  for (const ComputeType compute : compute_types) {
    SCOPED_TRACE(name(compute));
    const PackedLinear packed({&stored, 1}, bias, pool, {compute});
    PackedLinear adopting({&without, 1}, bias, pool, {compute});
    EXPECT_EQ(adopting.size_bytes(), packed.size_bytes());
    EXPECT_EQ(adopting.values().size_bytes(), packed.values().size_bytes());
    const AlignedValues values_of_file(packed);
    adopting.adopt(values_of_file.view());
    EXPECT_EQ(adopting.panels(), values_of_file.panels.bytes());
    // What is left is the bias.
    EXPECT_EQ(packed.size_bytes() - adopting.size_bytes(),
              packed.values().size_bytes() + Tensor::alignment);
    const PackedLinear moved = std::move(adopting);
    ops::linear({x.view(), packed}, expected.view(), workspace);
    ops::linear({x.view(), moved}, y.view(), workspace);
    for (Index i = 0; i < y.view().rows; ++i) {
      EXPECT_EQ(std::memcmp(y.view().row(i).data(), expected.view().row(i).data(),
                            sizeof(float) * static_cast<std::size_t>(out)),
                0);
    }
  }
}

// Aligned floats are read in place, others by a copy.
TEST_P(LinearTest, PacksTheSameWhereverTheFloatsLie) {
  constexpr Index in = 300;
  constexpr Index out = 70;
  const auto values = random_values(out * in, 36);
  const StoredWeight aligned{f32_tensor(values, out, in), std::nullopt};
  std::vector<std::byte> shifted(values.size() * sizeof(float) + 1);
  std::memcpy(shifted.data() + 1, values.data(), values.size() * sizeof(float));
  const StoredWeight odd{{DType::f32, Shape{out, in}, shifted.data() + 1}, std::nullopt};
  for (const ComputeType compute : compute_types) {
    SCOPED_TRACE(name(compute));
    const PackedLinear one({&aligned, 1}, {}, pool, {compute});
    const PackedLinear other({&odd, 1}, {}, pool, {compute});
    const AlignedValues a(one);
    const AlignedValues b(other);
    for (const auto part : {&AlignedValues::panels, &AlignedValues::scales, &AlignedValues::sums}) {
      ASSERT_EQ((a.*part).ref().size_bytes(), (b.*part).ref().size_bytes());
      if ((a.*part).ref().size_bytes() == 0) continue;
      EXPECT_EQ(std::memcmp((a.*part).bytes(), (b.*part).bytes(), (a.*part).ref().size_bytes()), 0);
    }
  }
}

// Rows come in groups of every size, at every position, on every number of threads: same bytes.
TEST_P(LinearTest, RowsDoNotDependOnTheirBatch) {
  constexpr Index rows = 64;
  for (const ComputeType compute : compute_types) {
    SCOPED_TRACE(name(compute));
    for (const auto& [in, out] : {std::pair<Index, Index>{768, 200}, {129, 70}, {3072, 40}}) {
      TestMatrix x(rows, in, 1, 12);
      const auto weight = random_values(out * in, 13);
      const StoredWeight stored{f32_tensor(weight, out, in), std::nullopt};
      const PackedLinear packed({&stored, 1}, random_values(out, 14), pool, {compute});
      TestMatrix expected(rows, out);
      const ops::Epilogue gelu{.activation = Activation::gelu, .residual = {}};
      ops::linear({x.view(), packed}, expected.view(), workspace, gelu);
      for (const int threads : {1, 2, 3, 8}) {
        ThreadPool some(threads);
        Workspace own(some);
        for (const Index group : {1, 2, 3, 5, 8, 17, 64}) {
          TestMatrix y(rows, out, 3);
          for (Index begin = 0; begin < rows; begin += group) {
            const Index count = std::min(group, rows - begin);
            ops::linear({x.view().row_range(begin, count), packed},
                        y.view().row_range(begin, count), own, gelu);
          }
          for (Index i = 0; i < rows; ++i) {
            ASSERT_EQ(std::memcmp(y.view().row(i).data(), expected.view().row(i).data(),
                                  static_cast<std::size_t>(out) * sizeof(float)),
                      0)
                << "row " << i << " in groups of " << group << " on " << threads << " threads";
          }
        }
      }
    }
  }
}

// Rows of one panel of which some are stored as integers with scales and others as floats.
TEST_P(LinearTest, Int8TakesStoredScalesAndOthersInOnePanel) {
  constexpr Index in = 300;  // packed in two pieces
  constexpr Index out = 10;
  std::vector<std::int8_t> bytes(out * in);
  std::vector<std::uint16_t> halves(out * in);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::int8_t>(static_cast<int>(i * 37 % 200) - 100);
    halves[i] = static_cast<std::uint16_t>(0x3800 + i * 37 % 1024 + i % 2 * 0x8000);  // 0.5 to 1
  }
  const auto floats = random_values(out * in, 20);
  const auto scales = random_values(out, 21);
  const auto tensor = [](DType dtype, const void* data, Shape shape) {
    return TensorRef{dtype, shape, static_cast<const std::byte*>(data)};
  };
  const StoredWeight parts[] = {{tensor(DType::f16, halves.data(), Shape{out, in}), std::nullopt},
                                {tensor(DType::i8, bytes.data(), Shape{out, in}),
                                 tensor(DType::f32, scales.data(), Shape{out})},
                                {f32_tensor(floats, out, in), std::nullopt}};
  const PackedLinear stacked(parts, {}, pool, {ComputeType::int8});
  TestMatrix x(3, in);
  TestMatrix all(3, 3 * out);
  ops::linear({x.view(), stacked}, all.view(), workspace);
  for (Index p = 0; p < 3; ++p) {
    const PackedLinear single({&parts[p], 1}, {}, pool, {ComputeType::int8});
    TestMatrix one(3, out);
    ops::linear({x.view(), single}, one.view(), workspace);
    for (Index j = 0; j < out; ++j) {
      ASSERT_EQ(stacked.columns().scales[p * out + j], single.columns().scales[j]) << p;
      for (Index i = 0; i < 3; ++i) ASSERT_EQ(all.view()(i, p * out + j), one.view()(i, j)) << p;
    }
  }
}

// The column that an output has in its panel does not matter either.
TEST_P(LinearTest, StackedWeightsGiveTheSameBitsAsSingleOnes) {
  constexpr Index in = 50;
  TestMatrix x(11, in);
  const auto a = random_values(45 * in, 15);
  const auto b = random_values(20 * in, 16);
  const StoredWeight parts[] = {{f32_tensor(a, 45, in), std::nullopt},
                                {f32_tensor(b, 20, in), std::nullopt}};
  const PackedLinear stacked(parts, {}, pool);
  const PackedLinear single({&parts[1], 1}, {}, pool);
  EXPECT_EQ(stacked.out_features(), 65);
  EXPECT_EQ(stacked.columns().bias, nullptr);
  TestMatrix both(11, 65);
  TestMatrix one(11, 20);
  ops::linear({x.view(), stacked}, both.view(), workspace);
  ops::linear({x.view(), single}, one.view(), workspace);
  for (Index i = 0; i < 11; ++i) {
    for (Index j = 0; j < 20; ++j) ASSERT_EQ(both.view()(i, 45 + j), one.view()(i, j));
  }
}

TEST_P(LinearTest, NanAndInfinityOfAWeightSurface) {
  constexpr Index in = 40;
  TestMatrix x(5, in);
  for (const float poison : {std::nanf(""), INFINITY}) {
    auto weight = random_values(33 * in, 17);
    weight[32 * in + 7] = poison;
    const StoredWeight stored{f32_tensor(weight, 33, in), std::nullopt};
    const PackedLinear packed({&stored, 1}, {}, pool);
    for (const Activation activation :
         {Activation::none, Activation::gelu, Activation::gelu_tanh, Activation::silu}) {
      TestMatrix y(5, 33);
      ops::linear({x.view(), packed}, y.view(), workspace, {.activation = activation});
      for (Index i = 0; i < 5; ++i) {
        ASSERT_TRUE(std::isfinite(y.view()(i, 31)));
        if (std::isnan(poison)) {
          ASSERT_TRUE(std::isnan(y.view()(i, 32)));
        }
        if (activation == Activation::none) {
          ASSERT_FALSE(std::isfinite(y.view()(i, 32)));
        }
      }
    }
  }
}

// Rounding must not hide it, wherever it stands among other values.
TEST_P(LinearTest, NanAndInfinityOfARoundedWeightSurface) {
  constexpr Index in = 600;  // weights are packed in three pieces
  TestMatrix x(5, in);
  for (const ComputeType compute : compute_types) {
    for (const float poison : {std::nanf(""), INFINITY}) {
      for (const Index place : {0, 7, 31, 300, 599}) {
        SCOPED_TRACE(testing::Message() << name(compute) << ", " << poison << " at " << place);
        auto weight = random_values(33 * in, 17);
        weight[static_cast<std::size_t>(32 * in + place)] = poison;
        const StoredWeight stored{f32_tensor(weight, 33, in), std::nullopt};
        const PackedLinear packed({&stored, 1}, {}, pool, {compute});
        TestMatrix y(5, 33);
        ops::linear({x.view(), packed}, y.view(), workspace);
        for (Index i = 0; i < 5; ++i) {
          ASSERT_TRUE(std::isfinite(y.view()(i, 31)));
          ASSERT_FALSE(std::isfinite(y.view()(i, 32)));
        }
      }
    }
  }
}

TEST_P(LinearTest, WidensEveryStoredType) {
  constexpr Index in = 35;
  constexpr Index out = 34;
  const std::uint16_t half = 0x3E00;   // 1.5
  const std::uint16_t brain = 0xC020;  // -2.5
  const std::int8_t small = -3;
  const float scale = 0.25F;
  const std::vector<std::uint16_t> halves(in * out, half);
  const std::vector<std::uint16_t> brains(in * out, brain);
  const std::vector<std::int8_t> bytes(in * out, small);
  const std::vector<float> scales(out, scale);
  const auto tensor = [](DType dtype, const void* data, Shape shape) {
    return TensorRef{dtype, shape, static_cast<const std::byte*>(data)};
  };
  const StoredWeight weights[] = {
      {tensor(DType::f16, halves.data(), Shape{out, in}), std::nullopt},
      {tensor(DType::bf16, brains.data(), Shape{out, in}), std::nullopt},
      {tensor(DType::i8, bytes.data(), Shape{out, in}),
       tensor(DType::f32, scales.data(), Shape{out})}};
  const PackedLinear packed(weights, {}, pool);
  const std::vector<float> x(in, 1.0F);
  std::vector<float> y(3 * out);
  ops::linear({{x.data(), 1, in}, packed}, {y.data(), 1, 3 * out}, workspace);
  EXPECT_EQ(y[0], 1.5F * in);
  EXPECT_EQ(y[2 * out - 1], -2.5F * in);
  EXPECT_EQ(y[3 * out - 1], -0.75F * in);
}

// Gate and lower half as products of their own, multiplied afterwards: the same bits.
TEST_P(LinearTest, AGateIsTheProductOfItsHalves) {
  constexpr Index rows = 37;
  for (const auto& [in, out] :
       {std::pair<Index, Index>{70, 1}, {64, 15}, {33, 16}, {129, 41}, {40, 64}, {300, 200}}) {
    const auto values = random_values(2 * out * in, 41);
    const auto bias = random_values(2 * out, 42);
    const StoredWeight stored{f32_tensor(values, 2 * out, in), std::nullopt};
    const StoredWeight halves[] = {stored.row_range(0, out), stored.row_range(out, out)};
    TestMatrix x(rows, in, 1, 43);
    TestMatrix residual(rows, out, 0, 44);
    for (const ComputeType compute : compute_types) {
      SCOPED_TRACE(testing::Message() << name(compute) << ' ' << in << " -> " << out);
      const PackedLinear gated(halves, bias, pool, {compute, LinearForm::gated});
      ASSERT_EQ(gated.out_features(), out);
      const auto half = static_cast<std::ptrdiff_t>(out);
      const PackedLinear gate({halves, 1}, {bias.begin(), bias.begin() + half}, pool, {compute});
      const PackedLinear lower({halves + 1, 1}, {bias.begin() + half, bias.end()}, pool, {compute});
      for (const Activation activation : {Activation::gelu, Activation::silu}) {
        TestMatrix opened(rows, out);
        TestMatrix expected(rows, out);
        ops::linear({x.view(), gate}, opened.view(), workspace, {.activation = activation});
        ops::linear({x.view(), lower}, expected.view(), workspace);
        for (Index i = 0; i < rows; ++i) {
          for (Index j = 0; j < out; ++j) {
            expected.view()(i, j) *= opened.view()(i, j);
            expected.view()(i, j) += residual.view()(i, j);
          }
        }
        for (const int threads : {1, 3}) {
          ThreadPool some(threads);
          Workspace own(some);
          for (const Index group : {Index{1}, Index{3}, rows}) {
            TestMatrix y(rows, out, 2);
            for (Index begin = 0; begin < rows; begin += group) {
              const Index count = std::min(group, rows - begin);
              ops::linear(
                  {x.view().row_range(begin, count), gated}, y.view().row_range(begin, count), own,
                  {.activation = activation, .residual = residual.view().row_range(begin, count)});
            }
            ASSERT_TRUE(y.gaps_intact());
            for (Index i = 0; i < rows; ++i) {
              ASSERT_EQ(std::memcmp(y.view().row(i).data(), expected.view().row(i).data(),
                                    static_cast<std::size_t>(out) * sizeof(float)),
                        0)
                  << "row " << i << " in groups of " << group;
            }
          }
        }
      }
    }
  }
}

TEST_P(LinearTest, PacksIntoMemoryOfOthers) {
  constexpr Index in = 70;
  constexpr Index out = 45;
  const auto values = random_values(out * in, 45);
  const StoredWeight stored{f32_tensor(values, out, in), std::nullopt};
  for (const ComputeType compute : compute_types) {
    const PackedLinear own({&stored, 1}, {}, pool, {compute});
    const TensorRef panels = own.values().panels;
    Tensor memory(DType::u8, Shape{static_cast<Index>(panels.size_bytes()) + 5});
    const auto all = std::as_writable_bytes(memory.values<std::uint8_t>());
    all[panels.size_bytes()] = std::byte{7};
    const PackedLinear there({&stored, 1}, {}, pool, {.compute = compute, .memory = all});
    EXPECT_EQ(there.panels(), memory.bytes());
    EXPECT_EQ(std::memcmp(there.panels(), panels.bytes, panels.size_bytes()), 0);
    EXPECT_EQ(all[panels.size_bytes()], std::byte{7});
    const auto too_little = all.first(panels.size_bytes() - 1);
    test::expect_error(ErrorKind::internal, {"panels"}, [&] {
      PackedLinear({&stored, 1}, {}, pool, {.compute = compute, .memory = too_little});
    });
  }
}

ATTEND_TEST_ALL_TABLES(LinearTest);

TEST(PackedLinear, RefusesPartsThatDoNotFit) {
  ThreadPool pool(1);
  const auto values = random_values(100, 1);
  const auto kind = [&](std::vector<StoredWeight> parts, std::size_t bias) {
    try {
      const PackedLinear packed(parts, std::vector<float>(bias), pool);
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("PackedLinear"), std::string::npos);
      return error.kind();
    }
    return ErrorKind::internal;
  };
  const StoredWeight a{f32_tensor(values, 10, 10), std::nullopt};
  const StoredWeight b{f32_tensor(values, 10, 9), std::nullopt};
  StoredWeight c = a;
  c.row_scales = f32_tensor(values, 9, 1);
  EXPECT_EQ(kind({a, b}, 0), ErrorKind::weight_shape);
  EXPECT_EQ(kind({a}, 9), ErrorKind::weight_shape);
  EXPECT_EQ(kind({c}, 0), ErrorKind::weight_shape);
  EXPECT_EQ(kind({a}, 10), ErrorKind::internal) << "must be accepted";
}

TEST(PackedLinear, AdoptsNothingButWhatItWouldHavePacked) {
  ThreadPool pool(1);
  const auto values = random_values(40 * 70, 41);
  const StoredWeight stored{f32_tensor(values, 40, 70), std::nullopt};
  const StoredWeight without = planned(stored);
  for (const ComputeType compute : compute_types) {
    SCOPED_TRACE(name(compute));
    const PackedLinear packed({&stored, 1}, {}, pool, {compute});
    const AlignedValues sound(packed);
    PackedLinear({&without, 1}, {}, pool, {compute}).adopt(sound.view());
    const auto refuses = [&](const std::function<void(PackedLinear::Values&)>& change) {
      PackedLinear::Values changed = sound.view();
      change(changed);
      PackedLinear plan({&without, 1}, {}, pool, {compute});
      test::expect_error(ErrorKind::weight_shape, {"PackedLinear", "packed values"}, [&] {
        plan.adopt(changed);
        return 0;
      });
      EXPECT_EQ(plan.panels(), nullptr);
    };
    refuses([](auto& changed) { changed.panels.bytes = nullptr; });
    refuses([](auto& changed) { changed.panels.bytes += 4; });
    refuses([](auto& changed) { changed.panels.dtype = DType::i8; });
    refuses([](auto& changed) { changed.panels.shape = Shape{1, changed.panels.shape[1]}; });
    const bool has_sums = packed.columns().sums != nullptr;
    refuses([&](auto& changed) { changed.sums.bytes = has_sums ? nullptr : changed.panels.bytes; });
    if (has_sums) refuses([](auto& changed) { changed.sums.shape = Shape{32}; });
    PackedLinear whole({&stored, 1}, {}, pool, {compute});
    test::expect_error(ErrorKind::weight_shape, {"packed values"}, [&] {
      whole.adopt(sound.view());
      return 0;
    });
  }
}

// Sums of integers must fit 32 bits; the other types take any depth.
TEST(PackedLinear, RefusesMoreColumnsThanIntegersCanSum) {
  ThreadPool pool(1);
  const auto plan = [&](Index in, ComputeType compute) {
    const StoredWeight weight{{DType::f32, Shape{32, in}, nullptr}, std::nullopt};
    return PackedLinear({&weight, 1}, {}, pool, {compute}).in_features();
  };
  EXPECT_EQ(plan(65536, ComputeType::int8), 65536);
  EXPECT_EQ(plan(65537, ComputeType::bf16), 65537);
  try {
    (void)plan(65537, ComputeType::int8);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::resource_limit);
    EXPECT_NE(std::string(error.what()).find("bf16"), std::string::npos) << error.what();
  }
}

TEST(Linear, ChecksShapes) {
  ThreadPool pool(1);
  Workspace workspace(pool);
  const auto values = random_values(100, 1);
  const StoredWeight a{f32_tensor(values, 10, 10), std::nullopt};
  const PackedLinear packed({&a, 1}, {}, pool);
  TestMatrix x(2, 9);
  TestMatrix y(2, 10);
  EXPECT_THROW(ops::linear({x.view(), packed}, y.view(), workspace), Error);
  TestMatrix fits(2, 10);
  EXPECT_THROW(ops::linear({fits.view(), packed}, y.view().row_range(0, 1), workspace), Error);
  EXPECT_THROW(ops::linear({fits.view(), packed}, y.view(), workspace,
                           {.activation = Activation::none, .residual = x.view()}),
               Error);
  ops::linear({fits.view().row_range(0, 0), packed}, y.view().row_range(0, 0), workspace);
}

}  // namespace
}  // namespace attend
