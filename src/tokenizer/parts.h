// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a tokenizer is made of, as the readers of its files fill it in.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
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
#include "tokenizer/chunking.h"
#include "tokenizer/encoder_memory.h"
#include "tokenizer/infilling.h"
#include "tokenizer/sentencepiece_program.h"

namespace attend {

/// How a word becomes tokens.
using TokenModel = std::variant<WordPiece, Bpe, Unigram, WordLevel, SentencePieceModel>;

/// Translation tokenizers whose template names the language of the text.
struct Languages {
  std::map<std::string, TokenId, std::less<>>
      ids;                             ///< by code, as src_lang of the reference has it
  TokenId source = 0;                  ///< the one in the template of texts
  std::optional<TokenId> target = {};  ///< absent: text_target is an error until one is chosen
  /// Of text_target, with `target` (or `source`, when that is absent) as the language.
  Template target_around;
};

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
  std::optional<Languages> languages;
  /// What text_target goes through where it has a model of its own (Marian), else null.
  std::unique_ptr<TokenizerParts> target;
  std::optional<Infilling> infilling;  ///< of Code Llama
  /// Marian: special tokens that are typed in a text count as special in the mask, too.
  bool marks_typed_tokens = false;
};

/// What Tokenizer::load() reads, ready for use. Throws: as it does.
[[nodiscard]] TokenizerParts read_tokenizer(const std::filesystem::path& path);

/// What the texts of one side of a translation go through.
struct Route {
  const TokenizerParts& parts;
  const Chunking& chunking;
  EncoderMemories& memories;
  const Template& around;
};

struct Tokenizer::Implementation : TokenizerParts {
  explicit Implementation(TokenizerParts&& parts)
      : TokenizerParts(std::move(parts)), chunking(*this) {
    if (target) target_side = std::make_unique<const Implementation>(std::move(*target));
    if (infilling) {
      std::unique_ptr<const Tokenizer> inside;
      if (infilling->parts) {
        inside.reset(
            new Tokenizer(std::make_unique<const Implementation>(std::move(*infilling->parts))));
      }
      gaps.emplace(std::move(*infilling), std::move(inside));
    }
  }

  /// Throws: config_error when no target language is chosen.
  [[nodiscard]] Route route(TextSide side) const;

  std::unique_ptr<const Implementation> target_side;  // made of `target`
  std::optional<GapEncoder> gaps;                     // made of `infilling`
  Chunking chunking;
  mutable EncoderMemories memories;
};

}  // namespace attend
