// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The rules of utf8proc, and a short way for ASCII.
#include "text/grapheme.h"

#include <utf8proc.h>

#include "attend/text/utf8.h"

namespace attend {

std::size_t grapheme_end(std::string_view text, std::size_t at) noexcept {
  const auto is_ascii = [&](std::size_t i) { return static_cast<unsigned char>(text[i]) < 0x80; };
  const auto is_alone = [&] {
    return text[at] != '\r' && (at + 1 == text.size() || is_ascii(at + 1));
  };
  if (is_ascii(at) && is_alone()) return at + 1;
  CodePoint last = decode_utf8(text.substr(at));
  utf8proc_int32_t state = 0;
  for (at += static_cast<std::size_t>(last.length); at < text.size();) {
    const CodePoint next = decode_utf8(text.substr(at));
    if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(last.value),
                                         static_cast<utf8proc_int32_t>(next.value), &state) != 0) {
      break;
    }
    at += static_cast<std::size_t>(next.length);
    last = next;
  }
  return at;
}

const std::vector<char32_t>& prepended_characters() {
  static const std::vector<char32_t> characters = [] {
    std::vector<char32_t> out;
    for (utf8proc_int32_t c = 0; c <= 0x10FFFF; ++c) {
      if (utf8proc_get_property(c)->boundclass == UTF8PROC_BOUNDCLASS_PREPEND) {
        out.push_back(static_cast<char32_t>(c));
      }
    }
    return out;
  }();
  return characters;
}

}  // namespace attend
