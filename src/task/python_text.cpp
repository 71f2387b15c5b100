// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Classes of code points by utf8proc, and the one rule of lower case that looks at neighbours.
#include "task/python_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "attend/text/unicode.h"
#include "attend/text/utf8.h"

namespace attend {
namespace {

constexpr char32_t capital_sigma = U'\u03A3';
constexpr char32_t small_sigma = U'\u03C3';
constexpr char32_t final_sigma = U'\u03C2';

utf8proc_category_t category(char32_t c) noexcept {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

bool is_letter(char32_t c) noexcept {
  const auto of_c = category(c);
  return of_c == UTF8PROC_CATEGORY_LU || of_c == UTF8PROC_CATEGORY_LL ||
         of_c == UTF8PROC_CATEGORY_LT || of_c == UTF8PROC_CATEGORY_LM ||
         of_c == UTF8PROC_CATEGORY_LO;
}

// Unicode 15, section 3.13: Cased, and Case_Ignorable, which is five categories and the characters
// that join letters in words.
bool is_cased(char32_t c) noexcept {
  const auto value = static_cast<utf8proc_int32_t>(c);
  return utf8proc_isupper(value) != 0 || utf8proc_islower(value) != 0 ||
         category(c) == UTF8PROC_CATEGORY_LT;
}

bool is_case_ignorable(char32_t c) noexcept {
  constexpr std::array<char32_t, 17> joiners = {
      U'\'',     U'.',      U':',      U'\u00B7', U'\u0387', U'\u055F',
      U'\u05F4', U'\u2018', U'\u2019', U'\u2024', U'\u2027', U'\uFE13',
      U'\uFE52', U'\uFE55', U'\uFF07', U'\uFF0E', U'\uFF1A'};
  const auto of_c = category(c);
  return of_c == UTF8PROC_CATEGORY_MN || of_c == UTF8PROC_CATEGORY_ME ||
         of_c == UTF8PROC_CATEGORY_CF || of_c == UTF8PROC_CATEGORY_LM ||
         of_c == UTF8PROC_CATEGORY_SK ||
         std::find(joiners.begin(), joiners.end(), c) != joiners.end();
}

/// Whether a letter follows, behind what does not count.
bool cased_follows(std::string_view text) noexcept {
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    if (!is_case_ignorable(c.value)) return is_cased(c.value);
    text.remove_prefix(static_cast<std::size_t>(c.length));
  }
  return false;
}

bool is_python_space(char32_t c) noexcept {
  return is_white_space(c) || (c >= 0x1C && c <= 0x1F);  // the separators of ASCII
}

/// str.isprintable() of one character.
bool is_printable(char32_t c) noexcept {
  switch (category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return false;
    case UTF8PROC_CATEGORY_ZS: return c == U' ';
    default: return true;
  }
}

/// \xNN, \uNNNN or \UNNNNNNNN.
void append_escape(char32_t c, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += c <= 0xFF ? "\\x" : c <= 0xFFFF ? "\\u" : "\\U";
  for (int shift = c <= 0xFF ? 4 : c <= 0xFFFF ? 12 : 28; shift >= 0; shift -= 4) {
    out += digits[(c >> shift) & 0xF];
  }
}

enum class Escapes : std::uint8_t { unprintable, non_ascii };

std::string literal(std::string_view text, Escapes escapes) {
  const auto has = [&](char c) { return text.find(c) != std::string_view::npos; };
  const char quote = has('\'') && !has('"') ? '"' : '\'';
  std::string out(1, quote);
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    text.remove_prefix(static_cast<std::size_t>(c.length));
    if (c.value == static_cast<char32_t>(quote) || c.value == U'\\') {
      out += '\\';
      out += static_cast<char>(c.value);
    } else if (c.value == U'\t') {
      out += "\\t";
    } else if (c.value == U'\n') {
      out += "\\n";
    } else if (c.value == U'\r') {
      out += "\\r";
    } else if (!is_printable(c.value) || (escapes == Escapes::non_ascii && c.value > 0x7F)) {
      append_escape(c.value, out);
    } else {
      append_utf8(c.value, out);
    }
  }
  return out += quote;
}

}  // namespace

std::string python_lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool cased_before = false;  // behind what does not count
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    text.remove_prefix(static_cast<std::size_t>(c.length));
    if (c.value == capital_sigma) {
      append_utf8(cased_before && !cased_follows(text) ? final_sigma : small_sigma, out);
    } else {
      append_utf8(lowercase(c.value), out);
      if (c.value == U'\u0130') append_utf8(U'\u0307', out);  // the one that becomes two
    }
    if (!is_case_ignorable(c.value)) cased_before = is_cased(c.value);
  }
  return out;
}

std::vector<std::string_view> python_split(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const CodePoint c = at < text.size() ? decode_utf8(text.substr(at)) : CodePoint{U' ', 1};
    const auto length = static_cast<std::size_t>(c.length);
    if (is_python_space(c.value)) {
      if (begin < at) words.push_back(text.substr(begin, at - begin));
      begin = at + length;
    }
    at += length;
  }
  return words;
}

std::string python_repr(std::string_view text) { return literal(text, Escapes::unprintable); }

std::string python_ascii(std::string_view text) { return literal(text, Escapes::non_ascii); }

bool is_python_word(char32_t c) noexcept { return c == U'_' || is_letter(c) || is_numeric(c); }

}  // namespace attend
