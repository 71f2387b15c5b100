// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A bound of work for patterns from files, which may take exponential time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace attend {

/// What the searches of one text may cost together.
class RegexBudget {
 public:
  explicit RegexBudget(std::size_t text_bytes) noexcept { add(text_bytes); }

  /// The text is longer than was known.
  void add(std::size_t bytes) noexcept {
    text_bytes_ += bytes;
    steps_ += steps_a_byte * bytes;
  }

 private:
  friend class Regex;
  // Steps back, which Oniguruma counts: about a second of them, so that quadratic patterns still
  // manage runs of ten thousand blanks.
  static constexpr std::uint64_t fixed_steps = 60'000'000;
  static constexpr std::uint64_t steps_a_byte = 64;

  /// Takes time into account, since nothing counts steps forward.
  [[nodiscard]] bool is_out_of_time(std::size_t bytes_read);

  std::size_t text_bytes_ = 0;
  std::uint64_t steps_ = fixed_steps;
  std::size_t bytes_read_ = 0;  // at most, since the clock was looked at
  std::int64_t began_ = -1;
};

}  // namespace attend
