// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Classes of code points by utf8proc, and the one rule of lower case that looks at neighbours.
// Source: Objects/unicodeobject.c of CPython 3.11.
#include "text/python_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "core/utf8_sequence.h"

namespace attend {
namespace {

constexpr char32_t capital_sigma = U'\u03A3';
constexpr char32_t small_sigma = U'\u03C3';
constexpr char32_t final_sigma = U'\u03C2';

utf8proc_category_t category(char32_t c) noexcept {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
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

/// \xNN, \uNNNN or \UNNNNNNNN.
void append_escape(char32_t c, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += c <= 0xFF ? "\\x" : c <= 0xFFFF ? "\\u" : "\\U";
  for (int shift = c <= 0xFF ? 4 : c <= 0xFFFF ? 12 : 28; shift >= 0; shift -= 4) {
    out += digits[(c >> shift) & 0xF];
  }
}

enum class Escapes : std::uint8_t { unprintable, non_ascii };

void append_literal(std::string_view text, Escapes escapes, std::string& out) {
  const auto has = [&](char c) { return text.find(c) != std::string_view::npos; };
  const char quote = has('\'') && !has('"') ? '"' : '\'';
  out += quote;
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
    } else if (!is_python_printable(c.value) || (escapes == Escapes::non_ascii && c.value > 0x7F)) {
      append_escape(c.value, out);
    } else {
      append_utf8(c.value, out);
    }
  }
  out += quote;
}

}  // namespace

bool is_python_space(char32_t c) noexcept { return is_white_space(c) || (c >= 0x1C && c <= 0x1F); }

bool is_python_letter(char32_t c) noexcept {
  switch (category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return true;
    default: return false;
  }
}

bool is_python_word(char32_t c) noexcept {
  return c == U'_' || is_python_letter(c) || is_numeric(c);
}

bool is_python_printable(char32_t c) noexcept {
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

bool is_cased(char32_t c) noexcept {
  const auto value = static_cast<utf8proc_int32_t>(c);
  return utf8proc_isupper(value) != 0 || utf8proc_islower(value) != 0 ||
         category(c) == UTF8PROC_CATEGORY_LT;
}

// Five categories, and the characters that join letters in words: Unicode 15, section 3.13.
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
  for (text = python_lstrip(text); !text.empty(); text = python_lstrip(text)) {
    std::size_t size = 0;
    while (size < text.size()) {
      const CodePoint c = decode_utf8(text.substr(size));
      if (is_python_space(c.value)) break;
      size += static_cast<std::size_t>(c.length);
    }
    words.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return words;
}

std::string_view python_strip(std::string_view text) { return python_rstrip(python_lstrip(text)); }

std::string_view python_lstrip(std::string_view text) {
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    if (!is_python_space(c.value)) break;
    text.remove_prefix(static_cast<std::size_t>(c.length));
  }
  return text;
}

std::string_view python_rstrip(std::string_view text) {
  while (!text.empty()) {
    const std::size_t last = last_code_point(text);
    if (!is_python_space(decode_utf8(text.substr(last)).value)) break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

void append_python_repr(std::string_view text, std::string& out) {
  append_literal(text, Escapes::unprintable, out);
}

std::string python_repr(std::string_view text) {
  std::string out;
  append_literal(text, Escapes::unprintable, out);
  return out;
}

std::string python_ascii(std::string_view text) {
  std::string out;
  append_literal(text, Escapes::non_ascii, out);
  return out;
}

}  // namespace attend
