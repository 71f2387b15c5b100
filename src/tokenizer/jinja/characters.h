// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Texts as Python sees them: by code points, with its capitals. What other folders need of it, too,
// is in text/python_text.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tokenizer/jinja/value.h"

namespace attend::jinja {

[[nodiscard]] bool is_decimal(char32_t c) noexcept;  ///< str.isdecimal()
[[nodiscard]] bool is_digit(char32_t c) noexcept;    ///< str.isdigit()
[[nodiscard]] bool is_upper(char32_t c) noexcept;
[[nodiscard]] bool is_lower(char32_t c) noexcept;
[[nodiscard]] bool is_title(char32_t c) noexcept;  ///< one letter for two, the first of them large

[[nodiscard]] std::string upper(std::string_view text);
[[nodiscard]] std::string title(std::string_view text);
[[nodiscard]] std::string capitalize(std::string_view text);
[[nodiscard]] std::string swap_case(std::string_view text);
[[nodiscard]] std::string fold_case(std::string_view text);

enum class Sides : std::uint8_t { left = 1, right = 2, both = 3 };
/// Without characters of `set` at its ends; without blanks where there is no set.
[[nodiscard]] std::string_view strip(std::string_view text, Sides sides);
[[nodiscard]] std::string_view strip(std::string_view text, std::string_view set, Sides sides);

/// Where code point `index` begins.
[[nodiscard]] std::size_t byte_of(const Text& text, std::size_t index) noexcept;
/// Code points [begin, end).
[[nodiscard]] std::string_view part_of(const Text& text, std::size_t begin,
                                       std::size_t end) noexcept;

/// Counts what a search for `needle` takes. Throws: resource_limit.
void count_search(Meter& meter, std::string_view text, std::string_view needle,
                  bool from_right = false);
/// As std::string_view::find() and rfind(), in linear time.
[[nodiscard]] std::size_t find_text(std::string_view text, std::string_view needle,
                                    std::size_t from = 0);
[[nodiscard]] std::size_t rfind_text(std::string_view text, std::string_view needle);

using EachPart = std::function<void(std::string_view)>;
/// str.splitlines(), whose line ends are those of Unicode.
void split_lines(std::string_view text, bool keeps_ends, const EachPart& each);

}  // namespace attend::jinja
