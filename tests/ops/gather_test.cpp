// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// gather, gather_add, add_row and add: every row, every stored type, any number of threads.
#include "attend/ops/gather.h"

#include <gtest/gtest.h>

#include "attend/core/error.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::TestMatrix;

TensorRef tensor(DType dtype, const void* data, Shape shape) {
  return {dtype, shape, static_cast<const std::byte*>(data)};
}

class GatherTest : public test::KernelTableTest {};

TEST_P(GatherTest, TakesRowsAndAddsRows) {
  constexpr Index rows = 50;
  constexpr Index m = 1100;  // more than one buffer of gather_add
  const auto values = test::random_values(rows * m, 1);
  const StoredWeight table{tensor(DType::f32, values.data(), Shape{rows, m}), std::nullopt};
  std::vector<std::int32_t> ids;
  for (std::int32_t i = 0; i < 200; ++i) ids.push_back(i * 37 % 50);
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    Workspace workspace(pool);
    TestMatrix y(200, m, 3);
    ops::gather({table, ids, 0.5F}, y.view(), workspace);
    for (Index i = 0; i < 200; ++i) {
      for (Index j = 0; j < m; ++j) {
        ASSERT_EQ(
            y.view()(i, j),
            0.5F * values[static_cast<std::size_t>(ids[static_cast<std::size_t>(i)] * m + j)]);
      }
    }
    ops::gather_add({table, ids, 1.5F}, y.view(), workspace);
    for (Index i = 0; i < 200; ++i) {
      for (Index j = 0; j < m; ++j) {
        ASSERT_EQ(y.view()(i, j),
                  2 * values[static_cast<std::size_t>(ids[static_cast<std::size_t>(i)] * m + j)]);
      }
    }
    ASSERT_TRUE(y.gaps_intact());
  }
}

TEST_P(GatherTest, OneRowIsAddedToAll) {
  constexpr Index m = 1100;
  const auto row = test::random_values(m, 1);
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    Workspace workspace(pool);
    TestMatrix y(200, m, 3);
    TestMatrix before(200, m, 3);
    ops::add_row(row, y.view(), workspace);
    for (Index i = 0; i < 200; ++i) {
      for (Index j = 0; j < m; ++j) {
        ASSERT_EQ(y.view()(i, j), before.view()(i, j) + row[static_cast<std::size_t>(j)]);
      }
    }
    ASSERT_TRUE(y.gaps_intact());
    EXPECT_THROW(ops::add_row(std::span(row).first(m - 1), y.view(), workspace), Error);
  }
}

TEST_P(GatherTest, MatricesAreAdded) {
  ThreadPool pool(3);
  Workspace workspace(pool);
  for (const Index m : {1, 15, 16, 1100}) {
    TestMatrix x(200, m, 2, 2);
    TestMatrix y(200, m, 3);
    TestMatrix before = y;
    ops::add(x.view(), y.view(), workspace);
    for (Index i = 0; i < 200; ++i) {
      for (Index j = 0; j < m; ++j) {
        ASSERT_EQ(y.view()(i, j), before.view()(i, j) + x.view()(i, j));
      }
    }
    ASSERT_TRUE(y.gaps_intact());
  }
}

TEST_P(GatherTest, WidensAndScales) {
  ThreadPool pool(1);
  Workspace workspace(pool);
  const std::int8_t bytes[] = {1, -2, 3, 4, -5, 6};
  const float scales[] = {0.5F, 2.0F};
  const StoredWeight table{tensor(DType::i8, bytes, Shape{2, 3}),
                           tensor(DType::f32, scales, Shape{2})};
  const std::int32_t ids[] = {1, 0, 1};
  std::vector<float> y(9);
  ops::gather({table, ids}, {y.data(), 3, 3}, workspace);
  EXPECT_EQ(y, (std::vector<float>{8, -10, 12, 0.5F, -1, 1.5F, 8, -10, 12}));
  EXPECT_THROW(ops::gather({table, ids}, {y.data(), 2, 3}, workspace), Error);
  EXPECT_THROW(ops::gather_add({table, ids}, {y.data(), 3, 2}, workspace), Error);
}

ATTEND_TEST_ALL_TABLES(GatherTest);

}  // namespace
}  // namespace attend
