// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The measurements of attend/core/cpu.h: the best of many short runs, by the clock on the wall,
// because what several threads do together is asked.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>

#include "attend/core/cpu.h"
#include "attend/core/tensor.h"
#include "kernels/registry.h"

namespace attend {
namespace {

/// Seconds of the fastest of some runs in which every thread of the pool calls body.
double best_seconds(ThreadPool& pool, int runs, IndexFunction body) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < runs; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    pool.parallel_for(pool.threads(), body);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    best = std::min(best, taken.count());
  }
  return best;
}

}  // namespace

double measure_peak(DType operands, ThreadPool& pool) {
  constexpr Index steps = 1'000'000;  // 3 ms where a step is twelve cycles
  constexpr int runs = 30;
  double best = 0;
  for (const kernels::KernelTable* const table : kernels::compiled_tables()) {
    if (!kernels::usable(*table)) continue;
    const double operations = table->multiply_adds(operands, 1) * steps;
    if (operations == 0) continue;
    const double seconds = best_seconds(
        pool, runs, [&](Index) { static_cast<void>(table->multiply_adds(operands, steps)); });
    best = std::max(best, operations * pool.threads() / seconds);
  }
  return best;
}

double measure_read_bandwidth(ThreadPool& pool) {
  constexpr std::size_t size = std::size_t{512} << 20U;
  constexpr Index piece = 512;  // what read_bytes() takes at once
  constexpr int runs = 5;
  const kernels::KernelTable& table = kernels::active_table();
  Tensor memory(DType::u8, {static_cast<Index>(size)});
  std::byte* const bytes = memory.bytes();
  std::memset(bytes, 1, size);  // pages that nobody wrote to are one page, in the cache
  const Index share = static_cast<Index>(size) / piece / pool.threads() * piece;
  const double seconds = best_seconds(
      pool, runs, [&](Index thread) { table.read_bytes(bytes + thread * share, share); });
  return static_cast<double>(share) * pool.threads() / seconds;
}

}  // namespace attend
