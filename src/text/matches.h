// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// All matches of a string or a pattern in a text, one after the other, as the reference finds them:
// an empty match right behind another match is none, and an empty text has none at all.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "attend/text/regex.h"
#include "attend/text/utf8.h"
#include "text/newer_classes.h"

namespace attend {

/// Bytes of the code point at `at`, 1 at the end.
inline std::size_t code_point_length(std::string_view text, std::size_t at) noexcept {
  return at < text.size() ? static_cast<std::size_t>(decode_utf8(text.substr(at)).length) : 1;
}

/// Calls f(begin, end) for each; both are bytes.
template <class F>
void for_each_match(std::string_view string, std::string_view text, F&& f) {
  if (text.empty()) return;
  for (std::size_t at = text.find(string); at != std::string_view::npos;) {
    const std::size_t end = at + string.size();
    f(at, end);
    at = text.find(string, string.empty() ? end + code_point_length(text, end) : end);
  }
}

/// Strings cost nothing of a budget.
template <class F>
void for_each_match(std::string_view string, std::string_view text, RegexBudget&, F&& f) {
  for_each_match(string, text, std::forward<F>(f));
}

/// Throws: resource_limit when the matches take too many steps to find.
template <class F>
void for_each_match(const Regex& regex, std::string_view text, RegexBudget& budget, F&& f) {
  if (text.empty()) return;
  const KnownText known(regex, text);
  std::optional<std::size_t> last_end;
  for (std::size_t from = 0; from <= text.size();) {
    const auto match = regex.find(known.text(), from, budget);
    if (!match) return;
    const auto begin = static_cast<std::size_t>(match->begin);
    const auto end = static_cast<std::size_t>(match->end);
    if (begin == end && last_end == end) {
      from += code_point_length(text, from);
      continue;
    }
    f(begin, end);
    from = end;
    last_end = end;
  }
}

/// For a text that is searched once.
template <class F>
void for_each_match(const Regex& regex, std::string_view text, F&& f) {
  RegexBudget budget(text.size());
  for_each_match(regex, text, budget, f);
}

}  // namespace attend
