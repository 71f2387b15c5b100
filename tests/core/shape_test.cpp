// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Counts that would overflow, and what counts as a shape.
#include "attend/core/shape.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/error_of.h"

namespace attend {
namespace {

constexpr Index most = std::numeric_limits<Index>::max();

TEST(CheckedProduct, IsExactOrNothing) {
  EXPECT_EQ(checked_product(6, 7), 42);
  EXPECT_EQ(checked_product(0, most), 0);
  EXPECT_EQ(checked_product(most, 0), 0);
  EXPECT_EQ(checked_product(most, 1), most);
  EXPECT_EQ(checked_product(most / 2 + 1, 2), std::nullopt);
  EXPECT_EQ(checked_product(Index{1} << 32, Index{1} << 32), std::nullopt);
  EXPECT_EQ(checked_product(-1, 1), std::nullopt);
  EXPECT_EQ(checked_product(1, -1), std::nullopt);
}

TEST(Shape, CountsElements) {
  EXPECT_EQ(Shape().count(), 1);  // a scalar
  EXPECT_EQ(Shape().to_string(), "[]");
  EXPECT_EQ((Shape{2, 3, 4, 5}.count()), 120);
  EXPECT_EQ((Shape{768, 3072}.to_string()), "[768, 3072]");
  EXPECT_EQ((Shape{5, 0}.count()), 0);
  EXPECT_TRUE((Shape{2, 3} == Shape{2, 3}));
  EXPECT_FALSE((Shape{2, 3} == Shape{2, 3, 1}));
  EXPECT_FALSE((Shape{} == Shape{0}));
}

TEST(Shape, RefusesWhatDoesNotFit) {
  const auto refuses = [](std::initializer_list<Index> extents) {
    test::expect_error(ErrorKind::invalid_format, {"Shape"}, [&] { return Shape(extents); });
  };
  refuses({1, 1, 1, 1, 1});
  refuses({-1});
  refuses({Index{1} << 32, Index{1} << 32});
  refuses({0, Index{1} << 32, Index{1} << 32});  // zero must not hide the overflow
  refuses({Index{1} << 32, Index{1} << 32, 0});
}

}  // namespace
}  // namespace attend
