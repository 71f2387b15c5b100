// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Texts as Python's str and re see them, where a script in Python is the rule. All want valid
// UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attend {

/// str.lower(), the final sigma included.
[[nodiscard]] std::string python_lower(std::string_view text);

/// str.split(): the parts between white space.
[[nodiscard]] std::vector<std::string_view> python_split(std::string_view text);

/// repr() of a str: in quotes, with escapes for what cannot be printed. Python 3.11 follows Unicode
/// 14, where some characters of Unicode 15 are unassigned and escaped.
[[nodiscard]] std::string python_repr(std::string_view text);

/// ascii() of a str: repr() with escapes for all that is not ASCII, too.
[[nodiscard]] std::string python_ascii(std::string_view text);

/// Whether `\w` of a str pattern matches: letters and numbers of any script, and "_"; no marks.
[[nodiscard]] bool is_python_word(char32_t c) noexcept;

}  // namespace attend
