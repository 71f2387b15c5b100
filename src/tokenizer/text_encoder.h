// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One text on its way to tokens: added tokens are cut out, the rest is normalized, cut into words,
// and each word goes through the model.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/parts.h"

namespace attend {

/// Appends ids, offsets and word ids of texts to an Encoding; the other fields are the caller's.
class TextEncoder {
 public:
  TextEncoder(const TokenizerParts& parts, Encoding& out) : parts_(parts), out_(out) {}

  /// All words of the text get this word id.
  void set_word(std::int32_t word) noexcept { fixed_word_ = word; }

  /// Throws: invalid_utf8, input_too_long, tokenizer_error.
  void encode(std::string_view text);

 private:
  void encode_normalized(NormalizedText text);
  void encode_words(NormalizedText& text);
  void encode_word(const NormalizedText& text, TextRange word);
  void add_matched(TokenId id, std::string_view text, TextRange source);
  void add(TokenId id, TextRange source);

  const TokenizerParts& parts_;
  Encoding& out_;
  std::int32_t word_ = 0;
  std::int32_t fixed_word_ = none;
  // Kept from call to call for their memory.
  std::vector<AddedTokenPart> raw_parts_;
  std::vector<AddedTokenPart> parts_of_text_;
  std::vector<TextRange> words_;
  std::vector<Piece> pieces_;
  ModelScratch scratch_;
};

}  // namespace attend
