// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What speeds are compared with: that the work is really done, by every table, and counted right.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "attend/core/cpu.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

class Probe : public test::KernelTableTest {};
ATTEND_TEST_ALL_TABLES(Probe);

/// Seconds of the fastest of some calls.
template <class Body>
double best_seconds(const Body& body) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    body();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    best = std::min(best, taken.count());
  }
  return best;
}

// A compiler that sees through the loop makes it as short as it likes.
TEST_P(Probe, MoreStepsTakeLonger) {
  const auto seconds = [&](Index steps) {
    return best_seconds([&] { static_cast<void>(table().multiply_adds(DType::f32, steps)); });
  };
  EXPECT_GT(seconds(200'000), 4 * seconds(20'000));
}

TEST_P(Probe, CountsTwoOperationsForEveryLane) {
  const double one = table().multiply_adds(DType::f32, 1);
  EXPECT_GE(one, 2.0 * 4);
  EXPECT_EQ(table().multiply_adds(DType::f32, 1000), 1000 * one);
  EXPECT_EQ(table().multiply_adds(DType::f64, 1000), 0);
  const double bytes = table().multiply_adds(DType::i8, 1);
  const double pairs = table().multiply_adds(DType::bf16, 1);
  if ((table().features & kernels::feature_amx_tile) != 0) {
    // Four sums of 16 x 16, of 16 words each.
    EXPECT_EQ(bytes, 2.0 * 4 * 16 * 16 * 16 * 4);
    EXPECT_EQ(pairs, 2.0 * 4 * 16 * 16 * 16 * 2);
  } else {
    EXPECT_EQ(bytes, table().has_int8() ? 4 * one : 0);
    EXPECT_EQ(pairs, table().has_bf16() ? 2 * one : 0);
  }
}

TEST_P(Probe, MoreBytesTakeLonger) {
  const std::vector<std::byte> bytes(std::size_t{1} << 20U);
  const auto seconds = [&](Index count) {
    return best_seconds([&] { table().read_bytes(bytes.data(), count); });
  };
  EXPECT_GT(seconds(Index{1} << 20), 4 * seconds(Index{1} << 16));
}

// From the slowest core of today to more than all of one, and nothing where there is no arithmetic.
TEST(CpuLimits, ThePeakIsInOperationsASecond) {
  ThreadPool pool(1);
  const double peak = measure_peak(DType::f32, pool);
  EXPECT_GT(peak, 1e8);
  EXPECT_LT(peak, 1e13);
  EXPECT_EQ(measure_peak(DType::f64, pool), 0);
}

// From the slowest memory that a computer of today has to more than any.
TEST(CpuLimits, BandwidthIsInBytesASecond) {
  ThreadPool pool(2);
  const double bandwidth = measure_read_bandwidth(pool);
  EXPECT_GT(bandwidth, 1e8);
  EXPECT_LT(bandwidth, 1e13);
}

}  // namespace
}  // namespace attend
