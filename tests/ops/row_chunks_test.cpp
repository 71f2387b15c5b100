// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Little work stays on the caller's thread; much is shared.
#include "ops/row_chunks.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <thread>

#include "attend/ops/gather.h"
#include "attend/ops/linear.h"
#include "attend/ops/normalize.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::TestMatrix;

TEST(RowChunks, EveryPieceComesOnce) {
  ThreadPool pool(3);
  for (const Index count : {Index{0}, Index{1}, Index{7}, Index{1000}, Index{100000}}) {
    for (const double us_each : {0.0, 0.001, 0.7, 50.0}) {
      std::vector<int> seen(static_cast<std::size_t>(count));
      ops::for_chunks(count, us_each, pool, [&](Index begin, Index size) {
        for (Index i = begin; i < begin + size; ++i) ++seen[static_cast<std::size_t>(i)];
      });
      EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](int n) { return n == 1; }));
    }
  }
}

// A pool starts its threads for the first work that it shares.
std::ptrdiff_t threads_of_process() {
  using Files = std::filesystem::directory_iterator;
  return std::distance(Files("/proc/self/task"), Files());
}

class SharingTest : public testing::Test {
 protected:
  void multiply(Index rows) {
    TestMatrix x(rows, m);
    TestMatrix y(rows, m);
    ops::linear({x.view(), packed_}, y.view(), workspace_);
  }
  void run_row_operations(Index rows) {
    TestMatrix x(rows, m);
    TestMatrix y(rows, m);
    const std::vector<std::int32_t> ids(static_cast<std::size_t>(rows), 3);
    ops::gather({stored_, ids, 2.0F}, x.view(), workspace_);
    ops::gather_add({stored_, ids}, x.view(), workspace_);
    ops::add_row(gain_, x.view(), workspace_);
    ops::rms_norm(x.view(), {gain_, 1e-6F}, x.view(), workspace_);
    ops::add(x.view(), y.view(), workspace_);
  }

  static constexpr Index m = 128;
  const std::vector<float> values_ = test::random_values(m * m, 1);
  const std::vector<float> gain_ = test::random_values(m, 2);
  const StoredWeight stored_{
      {DType::f32, Shape{m, m}, reinterpret_cast<const std::byte*>(values_.data())}, std::nullopt};
  ThreadPool packing_{1};
  const PackedLinear packed_{{&stored_, 1}, {}, packing_};
  ThreadPool pool_{3};
  Workspace workspace_{pool_};
};

TEST_F(SharingTest, LittleWorkWakesNobody) {
  const auto before = threads_of_process();
  for (const Index rows : {1, 16, 64}) multiply(rows);  // 2 * rows * 128 * 128 operations
  for (const Index rows : {1, 64, 600}) run_row_operations(rows);  // on rows * 128 values
  EXPECT_EQ(threads_of_process(), before);
}

TEST_F(SharingTest, MuchOfAProductIsShared) {
  const auto before = threads_of_process();
  multiply(2000);
  EXPECT_EQ(threads_of_process(), before + 2);
}

TEST_F(SharingTest, ManyRowsAreShared) {
  const auto before = threads_of_process();
  run_row_operations(2000);
  EXPECT_EQ(threads_of_process(), before + 2);
}

}  // namespace
}  // namespace attend
