// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Regular expressions of tokenizer files: those of Oniguruma with Ruby's syntax, searched within a
// budget, because patterns and texts come from strangers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "attend/core/export.h"
#include "attend/text/normalized_text.h"

namespace attend {

/// What the searches of one text may cost together.
class RegexBudget {
 public:
  explicit RegexBudget(std::size_t text_bytes) noexcept
      : text_bytes_(text_bytes), steps_(fixed_steps + steps_a_byte * text_bytes) {}

 private:
  friend class Regex;
  // Steps back, which Oniguruma counts: about a second of them, so that quadratic patterns still
  // manage runs of ten thousand blanks.
  static constexpr std::uint64_t fixed_steps = 60'000'000;
  static constexpr std::uint64_t steps_a_byte = 64;

  /// Takes time into account, since nothing counts steps forward.
  [[nodiscard]] bool is_out_of_time(std::size_t bytes_read);

  std::size_t text_bytes_;
  std::uint64_t steps_;
  std::size_t bytes_read_ = 0;  // at most, since the clock was looked at
  std::int64_t began_ = -1;
};

/// A compiled pattern. Copies share it.
/// Threads: any number may search at once.
class ATTEND_EXPORT Regex {
 public:
  static constexpr std::size_t max_pattern_bytes = 65'536;

  /// Throws: tokenizer_error when Oniguruma does not take the pattern; resource_limit when it is
  /// too long, nested too deep or repeats too much; invalid_utf8.
  explicit Regex(std::string pattern);

  /// The first match at or after byte `from` of a valid text; it may be empty.
  /// Throws: resource_limit when the search takes too many steps, too much memory or time.
  [[nodiscard]] std::optional<TextRange> find(std::string_view text, std::size_t from) const;
  /// The same for one of several searches of a text.
  [[nodiscard]] std::optional<TextRange> find(std::string_view text, std::size_t from,
                                              RegexBudget& budget) const;

  [[nodiscard]] const std::string& pattern() const noexcept;
  /// Whether the classes are those of the system's Oniguruma, which may be older than the one in
  /// tokenizers 0.22; well-known patterns have scanners with classes of their own.
  [[nodiscard]] bool has_system_classes() const noexcept;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace attend
