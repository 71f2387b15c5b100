// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A progress bar on the terminal, for calls that take long enough to wonder.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <ostream>

#include "attend/core/shape.h"

namespace attend::cli {

/// Draws on one line, at most ten times a second and not in the first half second. Nothing is
/// written where `shown` is false.
class Progress {
 public:
  enum class Shown : bool { no, yes };

  Progress(std::ostream& out, Shown shown) : out_(out), shown_(shown) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` items, and the part of the whole if it is known, in [0, 1].
  void update(Index done, std::optional<double> part);
  /// Takes the bar away, so that something else may be written.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::ostream& out_;
  Shown shown_;
  bool drawn_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point next_ = begin_ + std::chrono::milliseconds(500);
};

}  // namespace attend::cli
