// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What this machine can do at most, measured in the same run as the benchmarks: speeds are only
// worth comparing as shares of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "attend/core/cpu.h"
#include "core/thread_clock.h"

namespace attend::bench {

/// Best of some runs of body, in seconds of CPU time.
template <class Body>
double best_seconds(int runs, const Body& body) {
  double best = 1e30;
  for (int i = 0; i < runs; ++i) {
    const double begin = thread_seconds();
    body();
    best = std::min(best, thread_seconds() - begin);
  }
  return best;
}

/// Operations a second of one core on operands of this type; 0 if it has none for them.
inline double peak(DType operands) {
  ThreadPool one(1);
  return measure_peak(operands, one);
}

/// Bytes a second that one core reads from memory too large for any cache.
inline double read_bandwidth() {
  ThreadPool one(1);
  return measure_read_bandwidth(one);
}

/// Bytes a second that memcpy of one core copies, in memory too large for any cache.
inline double copy_bandwidth() {
  constexpr std::size_t size = std::size_t{128} << 20U;
  const std::vector<char> from(size, 1);
  std::vector<char> to(size);
  const double seconds = best_seconds(5, [&] {
    std::memcpy(to.data(), from.data(), size);
    __asm__ volatile("" : : "r"(to.data()) : "memory");
  });
  return static_cast<double>(size) / seconds;
}

}  // namespace attend::bench
