// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One timed call.
#pragma once

#include <chrono>
#include <vector>

namespace attend::cli::bench {

/// Its times, and what came of it.
struct Round {
  double milliseconds = 0;
  double first_milliseconds = 0;  ///< of a GenerationShape: until the first new token is there
  double sum = 0;
  std::vector<float> output = {};
};

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

template <class Body>
[[nodiscard]] double milliseconds_of(const Body& body) {
  const auto begin = Clock::now();
  body();
  return milliseconds_since(begin);
}

}  // namespace attend::cli::bench
