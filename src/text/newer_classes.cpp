// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Replacements in texts and patterns.
#include "text/newer_classes.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "attend/text/utf8.h"
#include "text/unicode_tables.h"

namespace attend {
namespace {

// The first code point from `at` on that may be replaced, by its first byte: none before U+0340 is.
std::size_t next_replaceable(std::string_view text, std::size_t at) noexcept {
  constexpr unsigned char first_lead = 0xCD;
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  while (at < text.size()) {
    std::uint64_t word = 0;
    if (text.size() - at >= sizeof word) {
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & high_bits) == 0) {
        at += sizeof word;
        continue;
      }
    }
    if (static_cast<unsigned char>(text[at]) >= first_lead) return at;
    ++at;
  }
  return at;
}

constexpr std::string_view bracket = "[:punct:]";
constexpr std::string_view not_bracket = "[:^punct:]";

// Of "[" or "[^" and of a "]" behind it, which stands for itself.
std::size_t class_begin(std::string_view rest) noexcept {
  const std::size_t length = rest.substr(1).starts_with('^') ? 2 : 1;
  return rest.substr(length).starts_with(']') ? length + 1 : length;
}

// Of "(?#...)".
std::size_t comment_length(std::string_view rest) noexcept {
  std::size_t at = 3;
  while (at < rest.size() && rest[at] != ')') at += rest[at] == '\\' ? 2U : 1U;
  return std::min(at + 1, rest.size());
}

}  // namespace

KnownText::KnownText(const Regex& regex, std::string_view text) : text_(text) {
  if (!regex.has_system_classes()) return;
  for (std::size_t at = next_replaceable(text, 0); at < text.size();
       at = next_replaceable(text, at)) {
    const CodePoint c = decode_utf8(text.substr(at));
    if (const auto* range = tables::find_range(tables::known_ranges, c.value)) {
      if (copy_.empty()) copy_ = text;
      std::string known;
      append_utf8(range->known, known);
      copy_.replace(at, known.size(), known);
    }
    at += static_cast<std::size_t>(c.length);
  }
}

// Only within a class is it more than a class of its letters.
std::string with_newer_brackets(std::string_view pattern) {
  std::string out;
  std::size_t depth = 0;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::string_view rest = pattern.substr(at);
    std::size_t length = 1;
    std::string_view put;
    if (rest[0] == '\\') {
      length = 2;
    } else if (depth == 0 && rest.starts_with("(?#")) {
      length = comment_length(rest);
    } else if (depth > 0 && rest.starts_with(bracket)) {
      length = bracket.size();
      put = R"(\p{P}\p{S})";
    } else if (depth > 0 && rest.starts_with(not_bracket)) {
      length = not_bracket.size();
      put = R"([^\p{P}\p{S}])";
    } else if (depth > 0 && rest.starts_with("[:")) {
      length = 2;  // another one, whose end closes it
      ++depth;
    } else if (rest[0] == '[') {
      length = class_begin(rest);
      ++depth;
    } else if (rest[0] == ']' && depth > 0) {
      --depth;
    }
    out += put.empty() ? rest.substr(0, length) : put;
    at += length;
  }
  return out;
}

}  // namespace attend
