// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What is done to all parallel arrays of an Encoding alike.
#pragma once

#include "attend/tokenizer/encoding.h"

namespace attend {

/// Calls f(values) for each of the parallel arrays that are wanted.
template <class F>
void for_each_field(Encoding& encoding, EncodingFields fields, F&& f) {
  f(encoding.ids);
  f(encoding.type_ids);
  if (fields == EncodingFields::ids) return;
  f(encoding.offsets);
  f(encoding.word_ids);
  f(encoding.sequence_ids);
  f(encoding.special_tokens_mask);
}

/// Takes tokens out, and what is known of them.
inline void erase(Encoding& encoding, EncodingFields fields, Range tokens) {
  if (tokens.size() == 0) return;
  for_each_field(encoding, fields, [&](auto& values) {
    values.erase(values.begin() + tokens.begin, values.begin() + tokens.end);
  });
  auto& texts = encoding.matched_texts;
  std::erase_if(texts, [&](const MatchedText& text) {
    return text.token >= tokens.begin && text.token < tokens.end;
  });
  for (MatchedText& text : texts) {
    if (text.token >= tokens.end) text.token -= tokens.size();
  }
}

}  // namespace attend
