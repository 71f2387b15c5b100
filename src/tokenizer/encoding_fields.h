// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What is done to all parallel arrays of an Encoding alike. Nobody else has a list of them.
#pragma once

#include <algorithm>
#include <vector>

#include "attend/tokenizer/encoding.h"

namespace attend {

/// An encoding that is written to, and which of its fields are wanted.
struct EncodingTarget {
  Encoding& encoding;
  EncodingFields fields = EncodingFields::all;
};

/// Calls f(member), a pointer to member, for each of the parallel arrays that not everybody wants.
template <class F>
void for_each_further_field(F&& f) {
  f(&Encoding::offsets);
  f(&Encoding::word_ids);
  f(&Encoding::sequence_ids);
  f(&Encoding::special_tokens_mask);
}

/// Calls f(member) for each of the parallel arrays that are wanted.
template <class F>
void for_each_field(EncodingFields fields, F&& f) {
  f(&Encoding::ids);
  f(&Encoding::type_ids);
  if (fields == EncodingFields::all) for_each_further_field(f);
}

/// Empties all but the ids and type ids.
inline void keep_ids(Encoding& encoding) {
  for_each_further_field([&](auto field) { (encoding.*field).clear(); });
  encoding.matched_texts.clear();
}

inline void clear(Encoding& encoding) {
  encoding.ids.clear();
  encoding.type_ids.clear();
  keep_ids(encoding);
}

template <class T>
void append_all(std::vector<T>& out, const std::vector<T>& part) {
  out.insert(out.end(), part.begin(), part.end());
}

inline void append_all(Encoding& out, const Encoding& part) {
  const Index before = out.size();
  for_each_field(EncodingFields::all, [&](auto field) { append_all(out.*field, part.*field); });
  for (const MatchedText& text : part.matched_texts) {
    out.matched_texts.push_back({before + text.token, text.text});
  }
}

/// Some of the tokens, and what is known of them. Fields that are not there are left empty.
[[nodiscard]] inline Encoding slice(const Encoding& from, Range tokens) {
  Encoding out;
  for_each_field(EncodingFields::all, [&](auto field) {
    const auto& values = from.*field;
    if (values.empty()) return;
    (out.*field).assign(values.begin() + tokens.begin, values.begin() + tokens.end);
  });
  const auto& texts = from.matched_texts;
  const auto before = [](const MatchedText& text, Index token) { return text.token < token; };
  for (auto text = std::lower_bound(texts.begin(), texts.end(), tokens.begin, before);
       text != texts.end() && text->token < tokens.end; ++text) {
    out.matched_texts.push_back({text->token - tokens.begin, text->text});
  }
  return out;
}

/// Takes tokens out, and what is known of them.
inline void erase(const EncodingTarget& target, Range tokens) {
  if (tokens.size() == 0) return;
  for_each_field(target.fields, [&](auto field) {
    auto& values = target.encoding.*field;
    values.erase(values.begin() + tokens.begin, values.begin() + tokens.end);
  });
  auto& texts = target.encoding.matched_texts;
  std::erase_if(texts, [&](const MatchedText& text) {
    return text.token >= tokens.begin && text.token < tokens.end;
  });
  for (MatchedText& text : texts) {
    if (text.token >= tokens.end) text.token -= tokens.size();
  }
}

}  // namespace attend
