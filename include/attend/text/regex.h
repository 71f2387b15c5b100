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
#include "attend/text/regex_budget.h"

namespace attend {

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
