// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Texts as Python's str and re see them, where a script in Python is the rule. All want valid
// UTF-8. Python 3.11 follows Unicode 14, this Unicode 15.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attend {

// Of one character.

/// str.isspace(), and `\s` of re: Unicode's white space and the four separators of ASCII.
[[nodiscard]] bool is_python_space(char32_t c) noexcept;
/// str.isalpha().
[[nodiscard]] bool is_python_letter(char32_t c) noexcept;
/// Whether `\w` of a str pattern matches: letters and numbers of any script, and "_"; no marks.
[[nodiscard]] bool is_python_word(char32_t c) noexcept;
/// str.isprintable(): what repr() prints as it is.
[[nodiscard]] bool is_python_printable(char32_t c) noexcept;

/// Unicode's Cased: a letter that has another case or is in one.
[[nodiscard]] bool is_cased(char32_t c) noexcept;
/// Unicode's Case_Ignorable: what does not count when a rule of case looks at neighbours.
[[nodiscard]] bool is_case_ignorable(char32_t c) noexcept;

/// str.lower(), the final sigma included.
[[nodiscard]] std::string python_lower(std::string_view text);

/// str.split(): the parts between white space, none empty.
[[nodiscard]] std::vector<std::string_view> python_split(std::string_view text);
/// str.strip(), str.lstrip(), str.rstrip(): the text without white space at both ends or at one.
[[nodiscard]] std::string_view python_strip(std::string_view text);
[[nodiscard]] std::string_view python_lstrip(std::string_view text);
[[nodiscard]] std::string_view python_rstrip(std::string_view text);

/// repr() of a str: in quotes, with escapes for what cannot be printed.
void append_python_repr(std::string_view text, std::string& out);
[[nodiscard]] std::string python_repr(std::string_view text);
/// ascii() of a str: repr() with escapes for all that is not ASCII, too.
[[nodiscard]] std::string python_ascii(std::string_view text);

}  // namespace attend
