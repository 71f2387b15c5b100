// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: encode_single_sequence and AddedVocabulary::extract_and_normalize of tokenizers 0.22.
#include "tokenizer/text_encoder.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "attend/text/utf8.h"

namespace attend {
void TextEncoder::encode(std::string_view text) {
  check_utf8(text, "Tokenizer::encode");
  for (NormalizedText* part : {&memory_.normalized, &memory_.normalized_part}) {
    part->scratch().budget.add(text.size());
  }
  begin_ = size_ = out_.ids.size();
  memory_.raw_parts.clear();
  parts_.added_tokens.split_raw(text, memory_.raw_parts);
  for (const auto& [bytes, id] : memory_.raw_parts) {
    if (is_enough()) break;
    const std::string_view part =
        text.substr(static_cast<std::size_t>(bytes.begin), static_cast<std::size_t>(bytes.size()));
    if (id == none) {
      encode_part(part, bytes.begin);
    } else {
      begin_new();
      add_matched(id, part, bytes);
      put_new();
    }
  }
  resize(size_);
  if (fixed_word_ != none && wants_all_) {
    std::fill(out_.word_ids.begin() + static_cast<Index>(begin_), out_.word_ids.end(), fixed_word_);
  }
}

void TextEncoder::encode_part(std::string_view text, Index base) {
  const auto position = base == 0 ? ChunkPosition::text_begin : ChunkPosition::part_begin;
  if (chunking_.cuts(text) && encode_chunks(text, base, position)) return;
  encode_new(text, base, position);
  put_new();
}

// Returns false, and has done nothing, when words go on behind cuts but not behind all of them.
bool TextEncoder::encode_chunks(std::string_view text, Index base, ChunkPosition first) {
  const std::size_t size_before = size_;
  const std::int32_t word_before = word_;
  const std::size_t matched_before = out_.matched_texts.size();
  // Some at a time: the cache's lines are on their way while other chunks are made out.
  std::array<Chunk, 8> chunks;
  for (std::size_t at = 0; at < text.size() && !is_enough();) {
    std::size_t count = 0;
    for (; count < chunks.size() && at < text.size(); ++count) {
      Chunk& chunk = chunks[count];
      chunk.text = text.substr(at, chunking_.chunk_end(text, at) - at);
      chunk.begin = base + static_cast<Index>(at);
      chunk.position = at == 0 ? first : ChunkPosition::inside;
      if (chunk.has_key()) {
        chunk.key.set(text.substr(at), chunk.text.size(), chunk.position,
                      parts_.vocabulary.start());
        memory_.cache.prefetch(chunk.key);
      }
      at += chunk.text.size();
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (encode_chunk(chunks[i])) continue;
      size_ = size_before;
      word_ = word_before;
      out_.matched_texts.resize(matched_before);
      return false;
    }
  }
  return true;
}

bool TextEncoder::encode_chunk(const Chunk& chunk) {
  const bool goes_on = chunking_.words_span_cuts() && chunk.position == ChunkPosition::inside;
  if (goes_on && wants_all_) --word_;
  if (chunk.has_key()) {
    if (const auto record = memory_.cache.find(chunk.key)) {
      put(record, chunk.begin);
      return true;
    }
  }
  const bool has_added_tokens = encode_new(chunk.text, chunk.begin, chunk.position);
  if (has_added_tokens && chunking_.words_span_cuts()) return false;
  if (chunk.has_key() && !has_own_spelling_) {
    memory_.cache.insert(chunk.key, memory_.tokens, new_words_, chunk.begin);
  }
  put_new();
  return true;
}

void TextEncoder::begin_new() {
  memory_.tokens.clear();
  new_words_ = 0;
  has_own_spelling_ = false;
}

bool TextEncoder::encode_new(std::string_view text, Index base, ChunkPosition position) {
  begin_new();
  NormalizedText& normalized = memory_.normalized;
  normalized.assign(text, base);
  if (position == ChunkPosition::inside) {
    chunking_.inner_normalizer()(normalized);
  } else {
    parts_.normalizer(normalized);
  }
  auto& cut = memory_.normalized_parts;
  cut.clear();
  parts_.added_tokens.split_normalized(normalized.text(), cut);
  if (cut.size() == 1 && cut[0].id == none) {
    encode_words(normalized);
    return false;
  }
  for (const auto& [bytes, id] : cut) {
    if (id != none) {
      add_matched(id, normalized.text(bytes), normalized.source(bytes));
      continue;
    }
    memory_.normalized_part.assign(normalized, bytes);
    encode_words(memory_.normalized_part);
  }
  return true;
}

void TextEncoder::encode_words(NormalizedText& text) {
  memory_.words.assign(1, {0, static_cast<Index>(text.text().size())});
  parts_.pre_tokenizer(text, memory_.words);
  for (const TextRange word : memory_.words) encode_word(text, word);
}

void TextEncoder::encode_word(const NormalizedText& text, TextRange word) {
  memory_.pieces.clear();
  std::visit(
      [&](const auto& model) {
        model.tokenize(text.text(word), parts_.vocabulary, memory_.model, memory_.pieces);
      },
      parts_.model);
  for (const auto& [id, is_own_spelling, bytes] : memory_.pieces) {
    const TextRange piece{word.begin + bytes.begin, word.begin + bytes.end};
    if (is_own_spelling) spell(text.text(piece));
    add(id, text.source(piece));
  }
  ++new_words_;
}

void TextEncoder::add_matched(TokenId id, std::string_view text, TextRange source) {
  if (parts_.added_tokens.token(id)->content != text) spell(text);
  add(id, source);
  ++new_words_;
}

void TextEncoder::spell(std::string_view text) {
  has_own_spelling_ = true;
  if (!wants_all_) return;
  const auto token = static_cast<Index>(size_ + memory_.tokens.size());
  out_.matched_texts.push_back({token, std::string(text)});
}

void TextEncoder::add(TokenId id, TextRange source) {
  memory_.tokens.push_back({.id = id,
                            .word = new_words_,
                            .bytes = {static_cast<std::uint32_t>(source.begin),
                                      static_cast<std::uint32_t>(source.end)}});
}

void TextEncoder::put_new() {
  make_room(memory_.tokens.size());
  for (std::size_t i = 0; i < memory_.tokens.size(); ++i) {
    const TextToken& token = memory_.tokens[i];
    out_.ids[size_ + i] = token.id;
    if (!wants_all_) continue;
    out_.offsets[size_ + i] = {token.bytes.begin, token.bytes.end};
    out_.word_ids[size_ + i] = word_ + token.word;
  }
  size_ += memory_.tokens.size();
  if (wants_all_) word_ += new_words_;
}

void TextEncoder::put(const ChunkCache::Record& record, Index base) {
  const std::size_t count = record.size();
  make_room(count);
  TokenId* const ids = out_.ids.data() + size_;
  size_ += count;
  if (!wants_all_) {
    for (std::size_t i = 0; i < count; ++i) ids[i] = record.id(i);
    return;
  }
  Range* const offsets = out_.offsets.data() + size_ - count;
  std::int32_t* const word_ids = out_.word_ids.data() + size_ - count;
  std::int32_t word = word_ - 1;
  for (std::size_t i = 0; i < count; ++i) {
    word += record.begins_word(i);
    ids[i] = record.id(i);
    offsets[i] = {base + record.begin(i), base + record.end(i)};
    word_ids[i] = word;
  }
  word_ = word + 1;
}

void TextEncoder::make_room(std::size_t tokens) {
  constexpr std::size_t more = 32;  // not every chunk shall ask again
  if (size_ + tokens > out_.ids.size()) resize(size_ + tokens + more);
}

void TextEncoder::resize(std::size_t tokens) {
  out_.ids.resize(tokens);
  if (!wants_all_) return;
  out_.offsets.resize(tokens);
  out_.word_ids.resize(tokens);
}

}  // namespace attend
