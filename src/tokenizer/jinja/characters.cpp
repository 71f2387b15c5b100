// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Cases of characters are utf8proc's, but for a table of those that become several.
// Source: Objects/unicodeobject.c of CPython 3.11.
#include "tokenizer/jinja/characters.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "text/python_text.h"
#include "tokenizer/jinja/case_tables.h"

namespace attend::jinja {
namespace {

constexpr char32_t capital_sigma = 0x3A3;
constexpr char32_t small_sigma = 0x3C3;
constexpr char32_t final_sigma = 0x3C2;
constexpr char32_t dotted_capital_i = 0x130;

utf8proc_category_t category(char32_t c) noexcept {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

enum class Case : std::uint8_t { upper, title };

void append_capital(char32_t c, Case form, std::string& out) {
  const auto& table = tables::special_capitals;
  const auto* const row =
      std::lower_bound(table.begin(), table.end(), c,
                       [](const tables::SpecialCapital& one, char32_t at) { return one.c < at; });
  if (row != table.end() && row->c == c) {
    out += form == Case::upper ? row->upper : row->title;
    return;
  }
  const auto code = static_cast<utf8proc_int32_t>(c);
  const auto capital = form == Case::upper ? utf8proc_toupper(code) : utf8proc_totitle(code);
  append_utf8(static_cast<char32_t>(capital), out);
}

// A sigma at the end of a word, which begins before it.
bool is_final(std::string_view text, std::size_t at, std::size_t end) {
  bool is_after_letter = false;
  for (std::size_t i = at; i > 0;) {
    do --i;
    while ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U);
    const char32_t c = decode_utf8(text.substr(i)).value;
    if (is_case_ignorable(c)) continue;
    is_after_letter = is_cased(c);
    break;
  }
  if (!is_after_letter) return false;
  for (std::size_t i = end; i < text.size();) {
    const CodePoint c = decode_utf8(text.substr(i));
    if (!is_case_ignorable(c.value)) return !is_cased(c.value);
    i += static_cast<std::size_t>(c.length);
  }
  return true;
}

// The character at `at`, which ends at `end`.
void append_lower(std::string_view text, std::size_t at, std::size_t end, std::string& out) {
  const char32_t c = decode_utf8(text.substr(at)).value;
  if (c == capital_sigma) {
    append_utf8(is_final(text, at, end) ? final_sigma : small_sigma, out);
  } else if (c == dotted_capital_i) {
    out += "i\xCC\x87";
  } else {
    append_utf8(static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))), out);
  }
}

// visit(c, begin, end) for each code point.
template <class Visit>
void for_each_character(std::string_view text, Visit&& visit) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(text.substr(at));
    const std::size_t end = at + static_cast<std::size_t>(std::max(c.length, 1));
    visit(c.value, at, end);
    at = end;
  }
}

template <class Drops>
std::string_view strip_if(std::string_view text, Sides sides, Drops&& drops) {
  const auto has = [&](Sides side) {
    return (static_cast<unsigned>(sides) & static_cast<unsigned>(side)) != 0;
  };
  while (has(Sides::left) && !text.empty()) {
    const CodePoint c = decode_utf8(text);
    if (!drops(c.value)) break;
    text.remove_prefix(static_cast<std::size_t>(c.length));
  }
  while (has(Sides::right) && !text.empty()) {
    std::size_t begin = text.size();
    do --begin;
    while ((static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U);
    if (!drops(decode_utf8(text.substr(begin)).value)) break;
    text.remove_suffix(text.size() - begin);
  }
  return text;
}

}  // namespace

bool is_decimal(char32_t c) noexcept { return category(c) == UTF8PROC_CATEGORY_ND; }
bool is_digit(char32_t c) noexcept {
  if (is_decimal(c)) return true;
  const auto& table = tables::further_digits;
  const auto* const row =
      std::lower_bound(table.begin(), table.end(), c,
                       [](const tables::DigitRange& one, char32_t at) { return one.last < at; });
  return row != table.end() && c >= row->first;
}
bool is_upper(char32_t c) noexcept {
  return utf8proc_isupper(static_cast<utf8proc_int32_t>(c)) != 0;
}
bool is_lower(char32_t c) noexcept {
  return utf8proc_islower(static_cast<utf8proc_int32_t>(c)) != 0;
}
bool is_title(char32_t c) noexcept { return category(c) == UTF8PROC_CATEGORY_LT; }

std::string upper(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_character(
      text, [&](char32_t c, std::size_t, std::size_t) { append_capital(c, Case::upper, out); });
  return out;
}

std::string title(std::string_view text) {
  std::string out;
  bool is_inside = false;
  for_each_character(text, [&](char32_t c, std::size_t at, std::size_t end) {
    if (is_inside) {
      append_lower(text, at, end, out);
    } else {
      append_capital(c, Case::title, out);
    }
    is_inside = is_cased(c);
  });
  return out;
}

std::string capitalize(std::string_view text) {
  std::string out;
  for_each_character(text, [&](char32_t c, std::size_t at, std::size_t end) {
    if (at == 0) {
      append_capital(c, Case::title, out);
    } else {
      append_lower(text, at, end, out);
    }
  });
  return out;
}

std::string swap_case(std::string_view text) {
  std::string out;
  for_each_character(text, [&](char32_t c, std::size_t at, std::size_t end) {
    if (is_upper(c)) {
      append_lower(text, at, end, out);
    } else if (is_lower(c)) {
      append_capital(c, Case::upper, out);
    } else {
      append_utf8(c, out);
    }
  });
  return out;
}

std::string fold_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_character(text, [&](char32_t c, std::size_t, std::size_t) {
    std::array<utf8proc_int32_t, 8> folded{};
    int state = 0;
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), folded.data(),
                                               static_cast<utf8proc_ssize_t>(folded.size()),
                                               UTF8PROC_CASEFOLD, &state);
    for (std::size_t i = 0; i < static_cast<std::size_t>(std::max<utf8proc_ssize_t>(count, 0)); ++i)
      append_utf8(static_cast<char32_t>(folded[i]), out);
  });
  return out;
}

std::string_view strip(std::string_view text, Sides sides) {
  return strip_if(text, sides, is_python_space);
}

std::string_view strip(std::string_view text, std::string_view set, Sides sides) {
  std::u32string characters;
  for_each_character(set, [&](char32_t c, std::size_t, std::size_t) { characters.push_back(c); });
  std::sort(characters.begin(), characters.end());
  return strip_if(text, sides, [&](char32_t c) {
    return std::binary_search(characters.begin(), characters.end(), c);
  });
}

std::size_t byte_of(const Text& text, std::size_t index) noexcept {
  if (text.is_ascii() || index == 0) return index;
  if (index == text.characters) return text.bytes.size();
  std::size_t at = 0;
  for (; index > 0; --index) {
    at += static_cast<std::size_t>(decode_utf8(std::string_view(text.bytes).substr(at)).length);
  }
  return at;
}

std::string_view part_of(const Text& text, std::size_t begin, std::size_t end) noexcept {
  if (begin >= end) return {};
  const std::size_t first = byte_of(text, begin);
  const std::size_t last = byte_of(text, end);
  return std::string_view(text.bytes).substr(first, last - first);
}

void count_search(Meter& meter, std::string_view text, std::string_view needle, bool from_right) {
  const std::size_t compared = std::min(needle.size(), text.size());
  meter.touch(4 * (text.size() + compared));
  const std::size_t borders = sizeof(std::uint32_t) * compared;
  const std::size_t mirrored = from_right ? text.size() + needle.size() : 0;
  meter.check_room(borders + mirrored);
}

std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from) {
  constexpr std::size_t always_fast = 16;
  if (needle.size() <= always_fast || text.size() < from + needle.size()) {
    return text.find(needle, from);
  }
  // Knuth, Morris and Pratt (1977): the library's search takes the product of both sizes.
  std::vector<std::uint32_t> border(needle.size(), 0);  // no text has so many bytes
  for (std::size_t i = 1, matched = 0; i < needle.size(); ++i) {
    while (matched > 0 && needle[i] != needle[matched]) matched = border[matched - 1];
    if (needle[i] == needle[matched]) ++matched;
    border[i] = static_cast<std::uint32_t>(matched);
  }
  for (std::size_t i = from, matched = 0; i < text.size(); ++i) {
    while (matched > 0 && text[i] != needle[matched]) matched = border[matched - 1];
    if (text[i] == needle[matched]) ++matched;
    if (matched == needle.size()) return i + 1 - matched;
  }
  return std::string_view::npos;
}

std::size_t rfind_text(std::string_view text, std::string_view needle) {
  std::string mirrored_text(text.rbegin(), text.rend());
  const std::string mirrored_needle(needle.rbegin(), needle.rend());
  const std::size_t at = find_text(mirrored_text, mirrored_needle);
  return at == std::string_view::npos ? at : text.size() - at - needle.size();
}

void split_lines(std::string_view text, bool keeps_ends, const EachPart& each) {
  std::size_t begin = 0;
  for_each_character(text, [&](char32_t c, std::size_t at, std::size_t end) {
    if (at < begin) return;  // the second half of "\r\n"
    const bool ends_line = (c >= 0xA && c <= 0xD) || (c >= 0x1C && c <= 0x1E) || c == 0x85 ||
                           c == 0x2028 || c == 0x2029;
    if (!ends_line) return;
    if (c == U'\r' && text.substr(end).starts_with('\n')) ++end;
    each(text.substr(begin, (keeps_ends ? end : at) - begin));
    begin = end;
  });
  if (begin < text.size()) each(text.substr(begin));
}

}  // namespace attend::jinja
