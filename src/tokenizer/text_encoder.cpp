// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: encode_single_sequence and AddedVocabulary::extract_and_normalize of tokenizers 0.22.
#include "tokenizer/text_encoder.h"

#include <string>
#include <utility>

#include "attend/core/error.h"
#include "attend/text/utf8.h"

namespace attend {
namespace {

constexpr std::string_view where = "Tokenizer::encode";

}  // namespace

void TextEncoder::encode(std::string_view text) {
  if (text.size() > NormalizedText::max_bytes) {
    fail(ErrorKind::input_too_long,
         {.where = std::string(where),
          .what = "bytes of a text",
          .expected = "at most " + std::to_string(NormalizedText::max_bytes),
          .found = std::to_string(text.size())});
  }
  check_utf8(text, where);
  raw_parts_.clear();
  parts_.added_tokens.split_raw(text, raw_parts_);
  for (const auto& [bytes, id] : raw_parts_) {
    const std::string_view part =
        text.substr(static_cast<std::size_t>(bytes.begin), static_cast<std::size_t>(bytes.size()));
    if (id != none) {
      add_matched(id, part, bytes);
      continue;
    }
    NormalizedText normalized(part, bytes.begin);
    parts_.normalizer(normalized);
    encode_normalized(std::move(normalized));
  }
}

void TextEncoder::encode_normalized(NormalizedText text) {
  parts_of_text_.clear();
  parts_.added_tokens.split_normalized(text.text(), parts_of_text_);
  const bool is_whole = parts_of_text_.size() == 1 && parts_of_text_[0].id == none;
  if (is_whole) {
    encode_words(text);
    return;
  }
  for (const auto& [bytes, id] : parts_of_text_) {
    if (id != none) {
      add_matched(id, text.text(bytes), text.source(bytes));
      continue;
    }
    NormalizedText part = text.slice(bytes);
    encode_words(part);
  }
}

void TextEncoder::encode_words(NormalizedText& text) {
  words_.assign(1, {0, static_cast<Index>(text.text().size())});
  parts_.pre_tokenizer(text, words_);
  for (const TextRange word : words_) encode_word(text, word);
}

void TextEncoder::encode_word(const NormalizedText& text, TextRange word) {
  pieces_.clear();
  std::visit(
      [&](const auto& model) {
        model.tokenize(text.text(word), parts_.vocabulary, scratch_, pieces_);
      },
      parts_.model);
  for (const auto& [id, is_own_spelling, bytes] : pieces_) {
    const TextRange piece{word.begin + bytes.begin, word.begin + bytes.end};
    if (is_own_spelling) out_.matched_texts.push_back({out_.size(), std::string(text.text(piece))});
    add(id, text.source(piece));
  }
  ++word_;
}

void TextEncoder::add_matched(TokenId id, std::string_view text, TextRange source) {
  if (parts_.added_tokens.token(id)->content != text) {
    out_.matched_texts.push_back({out_.size(), std::string(text)});
  }
  add(id, source);
  ++word_;
}

void TextEncoder::add(TokenId id, TextRange source) {
  out_.ids.push_back(id);
  out_.offsets.push_back({source.begin, source.end});
  out_.word_ids.push_back(fixed_word_ != none ? fixed_word_ : word_);
}

}  // namespace attend
