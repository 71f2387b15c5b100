// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: Py_UNICODE_ISSPACE of CPython.
#include "tokenizer/python_text.h"

#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "core/utf8_sequence.h"

namespace attend {
namespace {

bool is_blank(char32_t c) noexcept { return is_white_space(c) || (c >= 0x1C && c <= 0x1F); }

// Bytes of the blanks that a text begins with.
std::size_t blanks_at_front(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const CodePoint c = decode_utf8(text.substr(at));
    if (!is_blank(c.value)) break;
    at += static_cast<std::size_t>(c.length);
  }
  return at;
}

// Bytes up to the first blank.
std::size_t word_at_front(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const CodePoint c = decode_utf8(text.substr(at));
    if (is_blank(c.value)) break;
    at += static_cast<std::size_t>(c.length);
  }
  return at;
}

}  // namespace

std::vector<std::string_view> split_python(std::string_view text) {
  std::vector<std::string_view> parts;
  for (text.remove_prefix(blanks_at_front(text)); !text.empty();
       text.remove_prefix(blanks_at_front(text))) {
    const std::size_t size = word_at_front(text);
    parts.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return parts;
}

std::string_view strip_python(std::string_view text) { return rstrip_python(lstrip_python(text)); }

std::string_view lstrip_python(std::string_view text) { return text.substr(blanks_at_front(text)); }

std::string_view rstrip_python(std::string_view text) {
  while (!text.empty()) {
    const std::size_t last = last_code_point(text);
    if (!is_blank(decode_utf8(text.substr(last)).value)) break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

}  // namespace attend
