// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a tokenizer is made of, as the readers of its files fill it in.
#pragma once

#include <variant>

#include "attend/text/normalizer.h"
#include "attend/text/pre_tokenizer.h"
#include "attend/tokenizer/added_tokens.h"
#include "attend/tokenizer/bpe.h"
#include "attend/tokenizer/decoder.h"
#include "attend/tokenizer/processor.h"
#include "attend/tokenizer/tokenizer.h"
#include "attend/tokenizer/unigram.h"
#include "attend/tokenizer/vocabulary.h"
#include "attend/tokenizer/word_level.h"
#include "attend/tokenizer/wordpiece.h"

namespace attend {

/// How a word becomes tokens.
using TokenModel = std::variant<WordPiece, Bpe, Unigram, WordLevel>;

struct TokenizerParts {
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  Vocabulary vocabulary;
  TokenModel model = WordPiece(WordPieceOptions{});
  Processor processor;
  Decoder decoder;
  AddedTokens added_tokens;
  SpecialTokens special_tokens;
  TokenizerSettings settings;
};

struct Tokenizer::Implementation : TokenizerParts {
  explicit Implementation(TokenizerParts&& parts) : TokenizerParts(std::move(parts)) {}
};

}  // namespace attend
