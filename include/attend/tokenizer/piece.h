// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the models of this folder have in common: the piece that they cut a word into, and the
// memory that they work in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// One token of a word.
struct Piece {
  TokenId id = 0;
  /// Whether the token is spelled as these bytes of the word and not as the vocabulary spells it:
  /// text that is unknown to Unigram.
  bool is_own_spelling = false;
  Range bytes;  ///< of the word; begins and ends with a code point
};

/// Working memory of a model, one a thread: kept from word to word, so that none is taken in steady
/// state. Its content between calls means nothing.
struct ModelScratch {
  static constexpr std::uint32_t no_symbol = 0xFFFFFFFFU;  ///< beside the first and the last
  /// A part of a word that Bpe merges with its neighbour.
  struct Symbol {
    TokenId id = 0;
    std::uint32_t bytes = 0;  ///< of the word; 0 once it has been merged into the one before it
    std::uint32_t previous = 0;
    std::uint32_t next = 0;
  };
  /// The best way that Unigram knows to the end of some byte: the last piece of it.
  struct Step {
    double score = 0;
    std::uint32_t begin = 0;  ///< where the piece begins
    TokenId id = none;
  };

  std::vector<Symbol> symbols;
  std::string affixed;               ///< Bpe: a character with prefix and suffix
  std::vector<std::uint64_t> queue;  ///< Bpe: rank of a merge, then the index of its left symbol
  std::vector<Step> steps;           ///< Unigram: by byte
  /// SentencePieceModel: the text that it cuts, and where each of its bytes comes from.
  std::string normalized;
  std::vector<std::uint32_t> origins;

  /// Gives back what a very long word has taken.
  ATTEND_EXPORT void shrink();
};

}  // namespace attend
