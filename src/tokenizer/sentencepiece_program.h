// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the library of SentencePiece makes of its model files, for the tokenizers that the reference
// runs it for: it normalizes, cuts and joins otherwise than tokenizers does. Not the library
// itself: what systems have of it (0.1.97) sums scores in 64 bits before it compares them, where
// that of the reference has 32, and cuts other pieces of words with ties ("aaaa...", "abab..." with
// opus-mt). Source: normalizer.cc, unigram_model.cc, bpe_model.cc and sentencepiece_processor.cc of
// SentencePiece 0.2.3.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/text/charsmap.h"
#include "attend/tokenizer/decoder.h"
#include "attend/tokenizer/piece.h"
#include "attend/tokenizer/trie.h"
#include "attend/tokenizer/vocabulary.h"
#include "tokenizer/python_tokens.h"
#include "tokenizer/sentencepiece_file.h"
#include "tokenizer/unknown_text.h"

namespace attend {

class SentencePieceProgram {
 public:
  /// Longest piece: longer ones are no pieces but an attack on the time that cutting takes.
  static constexpr std::size_t max_piece_bytes = 1024;

  /// `name` is for messages.
  /// Throws: tokenizer_error, when a piece is too long, a byte of byte_fallback has no piece, or
  /// the charsmap is damaged.
  SentencePieceProgram(const SentencePieceFile& file, const std::string& name);

  /// Appends the pieces of a text, with ids of the file and bytes of scratch.normalized.
  /// Throws: input_too_long.
  void cut(std::string_view text, ModelScratch& scratch, std::vector<Piece>& out) const;
  /// How such a piece is spelled: the view ends with the next call.
  [[nodiscard]] std::string_view spelling(const Piece& piece, const ModelScratch& scratch) const;
  [[nodiscard]] std::string join(const std::vector<std::string>& pieces) const;

 private:
  using Cuts = std::vector<ModelScratch::Symbol>;
  // What the text begins with, and how many of its bytes that takes.
  struct Prefix {
    std::string_view text;
    std::size_t bytes = 0;
  };

  void add_pieces(const SentencePieceFile& file, const std::string& name);
  void check_bytes(const std::string& name) const;
  [[nodiscard]] Prefix normalize_prefix(std::string_view text) const;
  void normalize(std::string_view text, ModelScratch& scratch) const;
  [[nodiscard]] bool is_unused(TokenId id) const { return kind(id) == SentencePieceKind::unused; }
  [[nodiscard]] SentencePieceKind kind(TokenId id) const {
    return kinds_[static_cast<std::size_t>(id)];
  }
  // The user-defined piece that the text begins with, in bytes; 0 if there is none.
  [[nodiscard]] std::size_t user_defined(std::string_view text) const;
  // A piece that stands in texts, else the unknown piece.
  [[nodiscard]] TokenId find(std::string_view piece) const;

  // The ways to cut: they fill the scratch's symbols with ids and bytes, one after the other.
  void cut_by_unigram(std::string_view text, ModelScratch& scratch) const;
  void cut_by_bpe(std::string_view text, ModelScratch& scratch) const;
  void cut_by_words(std::string_view text, Cuts& cuts) const;
  class Merger;

  Vocabulary pieces_;  // by id of the file
  std::vector<SentencePieceKind> kinds_;
  std::vector<float> scores_;
  std::vector<std::uint32_t> ranks_;       // of the scores; the best is 0, equal ones have one rank
  Trie trie_{std::vector<Trie::Entry>{}};  // pieces that stand in texts
  Trie user_defined_{std::vector<Trie::Entry>{}};
  bool has_user_defined_ = false;
  bool has_unused_ = false;
  Charsmap charsmap_ = Charsmap::parse({});
  std::optional<ByteTokens> bytes_;  // with byte_fallback
  SentencePieceAlgorithm algorithm_;
  TokenId unk_id_ = 0;
  float unknown_score_ = 0;
  std::string unk_surface_;
  std::string_view blank_;  // stands for a blank in pieces
  bool whitespace_is_suffix_;
  bool add_dummy_prefix_;
  bool remove_extra_whitespace_;
};

/// The text of tokens, as convert_tokens_to_string and _decode of the Python classes make it.
[[nodiscard]] std::string join_pieces(const SentencePieceDecoder& decoder,
                                      const std::vector<std::string>& tokens);

/// What the Python classes do with a text: they find added tokens, have the program cut the rest,
/// and look the pieces up in a vocabulary of their own.
class SentencePieceModel {
 public:
  enum class LanguageCode : std::uint8_t {
    none,
    first,  ///< Marian: a text may begin with ">>fr<<", which is one token
  };
  SentencePieceModel(std::shared_ptr<const SentencePieceProgram> program, TokenId unk_id,
                     LanguageCode code);

  void find_added(const AddedTokens& tokens) { added_.update(tokens); }
  void set_unknown(TokenId id) noexcept { unk_id_ = id; }

  /// Appends the tokens of a text; what the vocabulary lacks is unknown.
  void tokenize(std::string_view text, const Vocabulary& vocabulary, ModelScratch& scratch,
                std::vector<Piece>& out) const;

 private:
  void tokenize_part(std::string_view text, const Vocabulary& vocabulary, ModelScratch& scratch,
                     std::vector<Piece>& out) const;

  std::shared_ptr<const SentencePieceProgram> program_;
  TokenId unk_id_;
  LanguageCode code_;
  PythonTokens added_;
};

}  // namespace attend
