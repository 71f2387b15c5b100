// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a call may cost: bad input is refused at once, and without much memory.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>

#include "support/sanitized.h"

namespace attend::test {

/// The time that this process has worked, so that a busy machine does not count.
inline std::chrono::microseconds work_time() {
  rusage now{};
  getrusage(RUSAGE_SELF, &now);
  return std::chrono::seconds(now.ru_utime.tv_sec + now.ru_stime.tv_sec) +
         std::chrono::microseconds(now.ru_utime.tv_usec + now.ru_stime.tv_usec);
}

/// Measures from its making to its end, and fails the test when that was too much.
class CostLimit {
 public:
  struct Allowed {
    std::chrono::duration<double> time = time_allowed;  ///< of work
    long memory_kib = kilobytes_allowed;  ///< by which the peak of the process may grow
  };

  explicit CostLimit(const Allowed& allowed) : allowed_(allowed) {}
  CostLimit() : CostLimit(Allowed{}) {}
  CostLimit(const CostLimit&) = delete;
  CostLimit& operator=(const CostLimit&) = delete;
  ~CostLimit() {
    EXPECT_LT(std::chrono::duration<double>(work_time() - begin_), allowed_.time);
    EXPECT_LT(peak_kib() - peak_, allowed_.memory_kib);
  }

 private:
  static long peak_kib() {
    rusage now{};
    getrusage(RUSAGE_SELF, &now);
    return now.ru_maxrss;
  }

  Allowed allowed_;
  long peak_ = peak_kib();
  std::chrono::microseconds begin_ = work_time();
};

}  // namespace attend::test
