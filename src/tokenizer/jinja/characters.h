// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Texts as Python sees them: by code points, with its capitals. What other folders need of it, too,
// is in text/python_text.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/jinja/value.h"

namespace attend::jinja {

/// str.isdecimal(), and str.isdigit() but for superscripts and the like.
[[nodiscard]] bool is_decimal(char32_t c) noexcept;
[[nodiscard]] bool is_upper(char32_t c) noexcept;
[[nodiscard]] bool is_lower(char32_t c) noexcept;
[[nodiscard]] bool is_title(char32_t c) noexcept;  ///< one letter for two, the first of them large

[[nodiscard]] std::string upper(std::string_view text);
[[nodiscard]] std::string title(std::string_view text);
[[nodiscard]] std::string capitalize(std::string_view text);
[[nodiscard]] std::string swap_case(std::string_view text);

enum class Sides : std::uint8_t { left = 1, right = 2, both = 3 };
/// Without characters of `set` at its ends; without blanks where there is no set.
[[nodiscard]] std::string_view strip(std::string_view text, Sides sides);
[[nodiscard]] std::string_view strip(std::string_view text, std::string_view set, Sides sides);

/// Where code point `index` begins.
[[nodiscard]] std::size_t byte_of(const Text& text, std::size_t index) noexcept;
/// Code points [begin, end).
[[nodiscard]] std::string_view part_of(const Text& text, std::size_t begin,
                                       std::size_t end) noexcept;

/// As std::string_view::find() and rfind(), in linear time.
[[nodiscard]] std::size_t find_text(std::string_view text, std::string_view needle,
                                    std::size_t from = 0);
[[nodiscard]] std::size_t rfind_text(std::string_view text, std::string_view needle);

/// str.splitlines(), whose line ends are those of Unicode.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text, bool keeps_ends);

}  // namespace attend::jinja
