// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One look-up a word.
#include "attend/tokenizer/word_level.h"

#include <utility>

#include "tokenizer/unknown_text.h"

namespace attend {

WordLevel::WordLevel(WordLevelOptions options) : options_(std::move(options)) {}

void WordLevel::tokenize(std::string_view word, const Vocabulary& vocabulary, ModelScratch&,
                         std::vector<Piece>& out) const {
  auto id = vocabulary.find(word);
  if (!id) id = vocabulary.find(options_.unk_token);
  if (!id) fail_without_unknown_token(word, options_.unk_token);
  out.push_back({.id = *id, .bytes = {0, static_cast<Index>(word.size())}});
}

}  // namespace attend
