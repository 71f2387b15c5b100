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
#include "tokenizer/chat_files.h"
#include "tokenizer/chunking.h"
#include "tokenizer/encoder_memory.h"
#include "tokenizer/infilling.h"
#include "tokenizer/language_processors.h"
#include "tokenizer/python_class.h"
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
  /// Of texts and of text_target, with `none` for the language.
  Template source_template, target_template;
  /// Whether tokens that were added may be languages, too.
  bool may_be_added = true;
  /// What tokenizer_config.json says for all this.
  std::string source_code;
  std::string target_code;  ///< empty where there is none
  bool is_legacy = false;   ///< legacy_behaviour of NLLB
};

/// Padding that a tokenizer.json switches on.
struct StoredPadding {
  Padding padding;  ///< side, pad_id and pad_type_id are always there
  std::string pad_token;
};

struct TokenizerParts {
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  Vocabulary vocabulary;
  TokenModel model = WordPiece(WordPieceOptions{}, Vocabulary{});
  Processor processor;
  Decoder decoder;
  AddedTokens added_tokens;
  SpecialTokens special_tokens;
  TokenizerSettings settings;
  /// The class that saved files must name, because only its code does what no component of
  /// tokenizer.json does; empty: there is no such thing.
  std::string needed_class;
  /// What tokenizer.json wants of calls that say nothing. Here as in transformers every call says
  /// what it wants, so these only go into saved files.
  std::optional<Truncation> stored_truncation;
  std::optional<StoredPadding> stored_padding;
  std::optional<Languages> languages;
  /// What text_target goes through where it has a model of its own (Marian), else null.
  std::shared_ptr<TokenizerParts> target;
  std::optional<Infilling> infilling;  ///< of Code Llama
  std::optional<PythonClass> python;   ///< of Marian and M2M100
  ChatParts chat;
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
  const Processor& processor;
};

/// The way that the texts of a call go, and what the call wants.
struct EncodeCall {
  Route route;
  const EncodeOptions& options;

  /// Throws: as Processor::layout().
  [[nodiscard]] const Layout& layout(TextForm form) const {
    return route.processor.layout(
        form, options.add_special_tokens ? SpecialTokenUse::add : SpecialTokenUse::leave_out);
  }
  [[nodiscard]] Index added_tokens(TextForm form) const noexcept {
    return options.add_special_tokens ? route.processor.added_tokens(form) : 0;
  }
};

struct Tokenizer::Implementation : TokenizerParts {
  explicit Implementation(TokenizerParts&& parts)
      : TokenizerParts(std::move(parts)), chunking(*this) {
    if (target) target_side = std::make_unique<const Implementation>(std::move(*target));
    target.reset();
    if (infilling) {
      std::unique_ptr<const Tokenizer> inside;
      if (infilling->parts) {
        inside.reset(
            new Tokenizer(std::make_unique<const Implementation>(std::move(*infilling->parts))));
        infilling->parts.reset();
      }
      gaps.emplace(*infilling, std::move(inside));
    }
  }

  /// Throws: config_error when no target language is chosen; as language_id().
  [[nodiscard]] Route route(const EncodeOptions& options) const;
  /// Throws: config_error, when there is no such language.
  [[nodiscard]] TokenId language_id(std::string_view code) const;
  /// Throws: as route().
  [[nodiscard]] EncodeCall call(const EncodeOptions& options) const {
    return {route(options), options};
  }
  /// The tokens of ids that are decoded.
  [[nodiscard]] const Vocabulary& decoded_vocabulary() const noexcept {
    return python && python->has_target_vocabulary ? target_side->vocabulary : vocabulary;
  }
  /// What fills gaps in a call with these options, or null.
  [[nodiscard]] const GapEncoder* gaps_of(const EncodeOptions& options) const noexcept;

  std::unique_ptr<const Implementation> target_side;  // made of `target`
  std::optional<GapEncoder> gaps;                     // made of `infilling`
  Chunking chunking;
  mutable EncoderMemories memories;
  mutable LanguageProcessors language_processors;
};

}  // namespace attend
