// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// WordLevel: a word is a token or unknown.
// Source: WordLevel of tokenizers 0.22.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/piece.h"
#include "attend/tokenizer/vocabulary.h"

namespace attend {

struct WordLevelOptions {
  std::string unk_token;
};

class ATTEND_EXPORT WordLevel {
 public:
  explicit WordLevel(WordLevelOptions options);

  /// Appends the one piece of a word.
  /// Throws: tokenizer_error, when the unknown token is needed and the vocabulary has none.
  void tokenize(std::string_view word, const Vocabulary& vocabulary, ModelScratch& scratch,
                std::vector<Piece>& out) const;

  [[nodiscard]] const WordLevelOptions& options() const noexcept { return options_; }

 private:
  WordLevelOptions options_;
};

}  // namespace attend
