// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// WordPiece: a word is cut from the left into the longest pieces that the vocabulary has.
// Source: Schuster & Nakajima 2012; as BERT uses it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/piece.h"
#include "attend/tokenizer/vocabulary.h"

namespace attend {

struct WordPieceOptions {
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  Index max_input_chars_per_word = 100;  ///< code points; a longer word is unknown
};

class ATTEND_EXPORT WordPiece {
 public:
  /// Published vocabularies have no longer ones; time is bounded by bytes of text x this.
  static constexpr std::size_t max_token_bytes = 1024;

  /// Throws: resource_limit, when the vocabulary has a longer token.
  WordPiece(WordPieceOptions options, const Vocabulary& vocabulary);

  /// Appends the pieces of a word. A word with any part that no token matches is one unknown token.
  /// Throws: tokenizer_error, when the unknown token is needed and the vocabulary has none.
  void tokenize(std::string_view word, const Vocabulary& vocabulary, ModelScratch& scratch,
                std::vector<Piece>& out) const;

  [[nodiscard]] const WordPieceOptions& options() const noexcept { return options_; }

 private:
  [[nodiscard]] bool cut(std::string_view word, const Vocabulary& vocabulary,
                         std::vector<Piece>& out) const;

  WordPieceOptions options_;
};

}  // namespace attend
