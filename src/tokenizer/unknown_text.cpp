// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The spelling of byte tokens is sentencepiece's.
#include "tokenizer/unknown_text.h"

#include <algorithm>
#include <string>

#include "attend/core/error.h"

namespace attend {

ByteTokens find_byte_tokens(const Vocabulary& vocabulary) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  ByteTokens out;
  std::string token = "<0x00>";
  for (std::size_t byte = 0; byte < out.size(); ++byte) {
    token[3] = digits[byte / 16];
    token[4] = digits[byte % 16];
    out[byte] = vocabulary.find(token).value_or(none);
  }
  return out;
}

bool has_all_bytes(const ByteTokens& tokens, std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [&](char byte) { return tokens[static_cast<unsigned char>(byte)] != none; });
}

void fail_without_unknown_token(std::string_view word, std::string_view unk_token) {
  fail(ErrorKind::tokenizer_error,
       {.where = "Tokenizer",
        .what = "word " + quote(word) + " is unknown, and the vocabulary lacks the unknown token " +
                quote(unk_token),
        .hint = "add it to the vocabulary, or set unk_token to one that is there"});
}

}  // namespace attend
