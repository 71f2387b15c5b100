// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The measurements of attend/core/cpu.h. Arithmetic is timed by each thread's own clock, which
// stands still while a neighbour has the core; memory is shared, so its clock is the one on the
// wall.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "attend/core/cpu.h"
#include "attend/core/tensor.h"
#include "core/thread_clock.h"
#include "kernels/registry.h"

namespace attend {
namespace {

/// Operations a second of all threads of the pool with one table; 0 where it has none. The median
/// of many runs: threads that share a core must not count as if each had it alone, which the best
/// run, in which they missed each other, would do.
double peak_of(const kernels::KernelTable& table, DType operands, ThreadPool& pool) {
  constexpr Index steps = 1'000'000;  // 3 ms where a step is twelve cycles
  constexpr std::size_t runs = 31;
  if (table.multiply_adds(operands, 1) == 0) return 0;
  std::vector<double> rates(static_cast<std::size_t>(pool.threads()));
  std::vector<double> totals;
  while (totals.size() < runs) {
    pool.parallel_for(pool.threads(), [&](Index thread) {
      const double begin = thread_seconds();
      const double operations = table.multiply_adds(operands, steps);
      rates[static_cast<std::size_t>(thread)] = operations / (thread_seconds() - begin);
    });
    totals.push_back(std::accumulate(rates.begin(), rates.end(), 0.0));
  }
  std::nth_element(totals.begin(), totals.begin() + runs / 2, totals.end());
  return totals[runs / 2];
}

}  // namespace

double measure_peak(DType operands, ThreadPool& pool) {
  const kernels::KernelTable& active = kernels::active_table();
  double best = 0;
  for (const kernels::KernelTable* const table : kernels::compiled_tables()) {
    // Nobody runs those that are only used by name but who asked for them.
    if (table->only_by_name && table != &active) continue;
    if (kernels::prepare(*table)) best = std::max(best, peak_of(*table, operands, pool));
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
  double best = std::numeric_limits<double>::infinity();  // seconds
  for (int i = 0; i < runs; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    pool.parallel_for(pool.threads(),
                      [&](Index thread) { table.read_bytes(bytes + thread * share, share); });
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    best = std::min(best, taken.count());
  }
  return static_cast<double>(share) * pool.threads() / best;
}

}  // namespace attend
