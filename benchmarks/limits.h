// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What this machine can do at most, measured in the same run as the benchmarks: speeds are only
// worth comparing as shares of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace attend::bench {

/// CPU time of this thread in seconds: what neighbours take is not counted in.
inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Best of some runs of body, in seconds of CPU time.
template <class Body>
double best_seconds(int runs, const Body& body) {
  double best = 1e30;
  for (int i = 0; i < runs; ++i) {
    const double begin = cpu_seconds();
    body();
    best = std::min(best, cpu_seconds() - begin);
  }
  return best;
}

#if defined(__x86_64__)
// Twelve independent chains: enough for two units with a latency of four or five cycles.
__attribute__((target("avx512f"))) inline void fma_chains_512(long steps) {
  __m512 sum[12] = {};
  const __m512 a = _mm512_set1_ps(1e-9F);
  for (long i = 0; i < steps; ++i) {
#pragma GCC unroll 12
    for (int j = 0; j < 12; ++j) {
      sum[j] = _mm512_fmadd_ps(a, a, sum[j]);
      __asm__ volatile("" : "+v"(sum[j]));
    }
  }
}

__attribute__((target("avx2,fma"))) inline void fma_chains_256(long steps) {
  __m256 sum[12] = {};
  const __m256 a = _mm256_set1_ps(1e-9F);
  for (long i = 0; i < steps; ++i) {
#pragma GCC unroll 12
    for (int j = 0; j < 12; ++j) {
      sum[j] = _mm256_fmadd_ps(a, a, sum[j]);
      __asm__ volatile("" : "+x"(sum[j]));
    }
  }
}
#endif

/// Single-precision multiply-adds of one core in floating-point operations a second; 0 if unknown.
inline double fma_peak() {
#if defined(__x86_64__)
  constexpr long steps = 1'000'000;
  double best = 0;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    best = 2.0 * 8 * 12 * steps / best_seconds(20, [] { fma_chains_256(steps); });
  }
  if (__builtin_cpu_supports("avx512f")) {
    best = std::max(best, 2.0 * 16 * 12 * steps / best_seconds(20, [] { fma_chains_512(steps); }));
  }
  return best;
#else
  return 0;
#endif
}

/// Bytes a second that one core reads from memory too large for any cache.
inline double read_bandwidth() {
  constexpr std::size_t count = std::size_t{64} << 20U;  // 512 MB of 8
  const std::vector<unsigned long long> data(count, 1);
  unsigned long long sum = 0;
  const double seconds = best_seconds(3, [&] {
    unsigned long long lane[16] = {};
    for (std::size_t i = 0; i < count; i += 16) {
      for (std::size_t j = 0; j < 16; ++j) lane[j] ^= data[i + j];
    }
    for (const auto value : lane) sum += value;
    __asm__ volatile("" : "+r"(sum));
  });
  return static_cast<double>(count * sizeof data[0]) / seconds;
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
