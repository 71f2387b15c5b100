// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One text on its way to tokens: added tokens are cut out, the rest is normalized, cut into words,
// and each word goes through the model. Where the tokenizer allows it, all this is done chunk by
// chunk, and what became of known chunks is looked up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "tokenizer/encoder_memory.h"
#include "tokenizer/encoding_fields.h"
#include "tokenizer/parts.h"

namespace attend {

/// Appends the tokens of texts to an Encoding: ids, and unless only they are wanted offsets, word
/// ids and matched texts. The other fields are the caller's.
class TextEncoder {
 public:
  TextEncoder(const TokenizerParts& parts, const Chunking& chunking, EncoderMemory& memory,
              const EncodingTarget& target)
      : parts_(parts),
        chunking_(chunking),
        memory_(memory),
        out_(target.encoding),
        wants_all_(target.fields == EncodingFields::all) {
    for (NormalizedText* text : {&memory.normalized, &memory.normalized_part}) {
      text->scratch().budget = RegexBudget(0);
    }
  }

  /// All words of the text get this word id.
  void set_word(std::int32_t word) noexcept { fixed_word_ = word; }
  /// So many tokens of a text are enough: what comes after them may be left out.
  void set_enough(Index tokens) noexcept { enough_ = tokens; }

  /// `text` has at most limits::text_bytes.
  /// Throws: invalid_utf8, resource_limit, tokenizer_error.
  void encode(std::string_view text);

 private:
  // A part of a text that lies between two cuts.
  struct Chunk {
    std::string_view text;
    Index begin;  // in the text
    ChunkPosition position;
    ChunkCache::Key key;  // set if it has one
    [[nodiscard]] bool has_key() const noexcept { return text.size() <= ChunkCache::max_bytes; }
  };

  void encode_part(std::string_view text, Index base);
  [[nodiscard]] bool encode_chunks(std::string_view text, Index base, ChunkPosition first);
  [[nodiscard]] bool encode_chunk(const Chunk& chunk);

  // These fill the memory's tokens and count their words; put_new() hands them out.
  void begin_new();
  // Returns whether there are added tokens in the text.
  bool encode_new(std::string_view text, Index base, ChunkPosition position);
  void encode_words(NormalizedText& text);
  void encode_word(const NormalizedText& text, TextRange word);
  void add_matched(TokenId id, std::string_view text, TextRange source);
  void spell(std::string_view text);
  void add(TokenId id, TextRange source);

  [[nodiscard]] bool is_enough() const noexcept {
    return static_cast<Index>(size_ - begin_) >= enough_;
  }
  void put_new();
  void put(const ChunkCache::Record& record, Index base);
  void make_room(std::size_t tokens);
  void resize(std::size_t tokens);

  const TokenizerParts& parts_;
  const Chunking& chunking_;
  EncoderMemory& memory_;
  Encoding& out_;
  bool wants_all_;
  bool has_own_spelling_ = false;  // among the memory's tokens
  Index enough_ = std::numeric_limits<Index>::max();
  std::size_t begin_ = 0;  // of the text's tokens in out_
  std::size_t size_ = 0;   // tokens in out_, whose vectors are longer meanwhile
  std::int32_t word_ = 0;
  std::int32_t new_words_ = 0;
  std::int32_t fixed_word_ = none;
};

}  // namespace attend
