// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// gate against double precision and against its parts; in place; by chunks.
#include "attend/ops/gate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "attend/core/error.h"
#include "support/activations.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::TestMatrix;

class GateTest : public test::KernelTableTest {
 protected:
  ThreadPool pool{2};
  Workspace workspace{pool};
};

TEST_P(GateTest, AgreesWithDoublePrecision) {
  for (const Index f : {1, 7, 8, 16, 33, 100}) {
    TestMatrix fused(5, 2 * f, 3, 2);
    const auto x = fused.view().col_range(0, f);
    const auto gate = fused.view().col_range(f, f);
    TestMatrix y(5, f, 1);
    ops::gate({x, gate, Activation::silu}, y.view(), workspace);
    ASSERT_TRUE(y.gaps_intact());
    for (Index i = 0; i < 5; ++i) {
      for (Index j = 0; j < f; ++j) {
        const double expected =
            test::activate(Activation::silu, double{x(i, j)}) * double{gate(i, j)};
        ASSERT_NEAR(double{y.view()(i, j)}, expected, 3e-7) << f << " columns";
      }
    }
  }
}

// Every activation is that of activate(), in place and in many chunks too.
TEST_P(GateTest, IsTheActivationTimesTheGate) {
  constexpr Index rows = 90;
  constexpr Index f = 1001;
  for (const Activation activation : test::every_activation) {
    TestMatrix x(rows, f, 2, 4);
    TestMatrix gate(rows, f, 1, 5);
    TestMatrix expected = x;
    for (Index i = 0; i < rows; ++i) {
      ops::activate(activation, expected.view().row(i));
      for (Index j = 0; j < f; ++j) expected.view()(i, j) *= gate.view()(i, j);
    }
    for (const int threads : {1, 3}) {
      ThreadPool some(threads);
      Workspace own(some);
      TestMatrix y = x;
      ops::gate({y.view(), gate.view(), activation}, y.view(), own);
      for (Index i = 0; i < rows; ++i) {
        ASSERT_EQ(
            std::memcmp(y.view().row(i).data(), expected.view().row(i).data(), f * sizeof(float)),
            0)
            << static_cast<int>(activation);
      }
    }
  }
}

TEST_P(GateTest, NanSurfaces) {
  constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();
  TestMatrix x(1, 3);
  TestMatrix gate(1, 3);
  x.view()(0, 0) = nan_value;
  gate.view()(0, 1) = nan_value;
  ops::gate({x.view(), gate.view(), Activation::gelu}, x.view(), workspace);
  EXPECT_TRUE(std::isnan(x.view()(0, 0)) && std::isnan(x.view()(0, 1)));
  EXPECT_FALSE(std::isnan(x.view()(0, 2)));
}

ATTEND_TEST_ALL_TABLES(GateTest);

TEST(Gate, ChecksShapes) {
  ThreadPool pool(1);
  Workspace workspace(pool);
  TestMatrix x(2, 4);
  const auto call = [&](MatrixView<float> gate, MatrixView<float> y) {
    ops::gate({x.view(), gate, Activation::none}, y, workspace);
  };
  EXPECT_THROW(call(x.view().col_range(0, 3), x.view()), Error);
  EXPECT_THROW(call(x.view().row_range(0, 1), x.view()), Error);
  EXPECT_THROW(call(x.view(), x.view().col_range(0, 3)), Error);
  EXPECT_THROW(call(x.view(), x.view().row_range(0, 1)), Error);
}

}  // namespace
}  // namespace attend
