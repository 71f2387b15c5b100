// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A text in lower case, code point by code point.
// Differs from Python's str.lower() in the final sigma alone, which no comparison here needs.
#pragma once

#include <string>
#include <string_view>

#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "attend/tokenizer/tokenizer.h"

namespace attend {

/// Requires: valid UTF-8.
[[nodiscard]] inline std::string lower_cased(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    append_utf8(lowercase(c.value), out);
    if (c.value == U'\u0130') append_utf8(U'\u0307', out);  // the one that becomes two
    text.remove_prefix(static_cast<std::size_t>(c.length));
  }
  return out;
}

/// Whether a folder that asks for lower case needs it here: a tokenizer that lower-cases by itself
/// keeps the case of special tokens in the text.
[[nodiscard]] inline bool needs_lower_case(const Tokenizer& tokenizer) {
  return tokenizer.encode("Aa").ids != tokenizer.encode("aa").ids;
}

}  // namespace attend
