// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Unigram: of all ways to cut a word into pieces, the one whose log-probabilities have the largest
// sum.
// Source: Kudo 2018; Unigram of tokenizers 0.22 for ties and unknown text.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/piece.h"
#include "attend/tokenizer/trie.h"
#include "attend/tokenizer/vocabulary.h"

namespace attend {

struct UnigramOptions {
  std::optional<TokenId> unk_id = {};  ///< without it unknown text is an error
  bool byte_fallback = false;  ///< unknown text becomes "<0xC3>" "<0xA9>" ..., if all are there
};

class ATTEND_EXPORT Unigram {
 public:
  /// Longest piece. Bounds the time that a crafted file can make a long text take; real pieces have
  /// up to some dozens of bytes.
  static constexpr std::size_t max_piece_bytes = 1024;

  /// `scores` are log-probabilities by id, one for every id of the vocabulary.
  /// Throws: tokenizer_error, when unk_id is no id, or a score is not finite or missing;
  /// resource_limit, when a piece is longer than max_piece_bytes.
  Unigram(UnigramOptions options, std::vector<double> scores, const Vocabulary& vocabulary);

  /// Appends the pieces of a word, which is valid UTF-8. Of two ways with one score the one whose
  /// last piece begins earlier counts. Neighbouring unknown characters are one piece.
  /// The time is bounded by bytes x longest piece; the scratch takes 16 bytes a byte of the word.
  /// Throws: tokenizer_error, when text is unknown and there is no unk_id.
  void tokenize(std::string_view word, const Vocabulary& vocabulary, ModelScratch& scratch,
                std::vector<Piece>& out) const;

  [[nodiscard]] const UnigramOptions& options() const noexcept { return options_; }
  [[nodiscard]] const std::vector<double>& scores() const noexcept { return scores_; }

 private:
  using Steps = std::vector<ModelScratch::Step>;

  void find_best_way(std::string_view word, Steps& steps) const;
  void add_unknown(std::string_view word, Range bytes, const Vocabulary& vocabulary,
                   std::vector<Piece>& out) const;

  UnigramOptions options_;
  std::vector<double> scores_;
  double unknown_score_;  // of one character
  Trie trie_;
  std::array<TokenId, 256> bytes_;  // "<0x00>" ...; none where the vocabulary lacks it
};

}  // namespace attend
