// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Marian and M2M100: there are only Python classes of them, which cut texts as SentencePiece's
// library does and look the pieces up in a vocabulary of their own.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "attend/core/error.h"
#include "tokenizer/class_adjustments.h"
#include "tokenizer/language_codes.h"
#include "tokenizer/languages.h"
#include "tokenizer/recipes.h"
#include "tokenizer/sentencepiece_program.h"
#include "tokenizer/slow_files.h"

namespace attend {
namespace {

std::shared_ptr<const SentencePieceProgram> read_program(const std::filesystem::path& file) {
  const FileText text(file, max_sentencepiece_bytes);
  return std::make_shared<const SentencePieceProgram>(
      parse_sentencepiece(text.text(), file.string()), file.string());
}

TokenId unknown_id(const Conversion& in, const Vocabulary& vocabulary) {
  const SpecialTokenValue* const value = in.named.find(SpecialRole::unk);
  const std::string content = value != nullptr ? value->content : "";
  if (const auto id = vocabulary.find(content)) return *id;
  fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::load",
                                    .what = "unk_token " + attend::quoted(content),
                                    .expected = "a token of the vocabulary",
                                    .file = (in.folder / "vocab.json").string()});
}

std::string_view m2m100_codes(const TokenizerConfig& config) {
  return config.settings.language_codes.value_or("m2m100") == "wmt21" ? language_codes::wmt21
                                                                      : language_codes::m2m100;
}

SentencePieceDecoder decoder(const Conversion& in,
                             std::shared_ptr<const SentencePieceProgram> program,
                             std::string behind_special) {
  SentencePieceDecoder out{
      .program = std::move(program), .special = {}, .behind_special = std::move(behind_special)};
  for (const auto& role : in.named.roles) {
    if (role) out.special.insert(role->content);
  }
  for (const SpecialTokenValue& value : in.named.further) out.special.insert(value.content);
  return out;
}

// Added tokens that are not special stand apart; so do additional special tokens that the
// vocabulary lacks.
void set_apart(const Conversion& in, TokenizerParts& parts) {
  auto& decoder = std::get<SentencePieceDecoder>(parts.decoder.steps.at(0));
  const auto further =
      in.config.additional_special_tokens.value_or(std::vector<SpecialTokenValue>{});
  for (const auto& [id, token] : parts.added_tokens.tokens()) {
    const bool is_further = std::any_of(further.begin(), further.end(),
                                        [&, &token = token](const SpecialTokenValue& value) {
                                          return value.content == token.content;
                                        });
    const bool is_outside = id >= static_cast<TokenId>(parts.vocabulary.size());
    if (decoder.special.contains(token.content) ? is_further && is_outside : true) {
      decoder.apart.insert(token.content);
    }
  }
}

void set_added_tokens(const Conversion& in, TokenizerParts& parts) {
  PythonTokens tokens(parts.added_tokens);
  if (in.config.split_special_tokens) tokens.ignore();
  std::get<SentencePieceModel>(parts.model).set_added_tokens(std::move(tokens));
}

}  // namespace

SlowTokenizer marian_recipe(const Conversion& in) {
  if (in.config.settings.separate_vocabs.value_or(false)) {
    fail(ErrorKind::unsupported, {.where = "Tokenizer::load",
                                  .what = "separate_vocabs",
                                  .expected = "one vocabulary for both sides",
                                  .file = (in.folder / "tokenizer_config.json").string()});
  }
  SlowTokenizer out{.file = {}, .around = {"A eos", "A B eos"}};
  TokenizerParts& parts = out.file.parts;
  parts.vocabulary = read_vocabulary_object(in.folder / "vocab.json");
  const TokenId unk_id = unknown_id(in, parts.vocabulary);
  const auto target = read_program(in.folder / "target.spm");
  parts.model = SentencePieceModel(read_program(in.folder / "source.spm"), unk_id,
                                   SentencePieceModel::LanguageCode::first);
  parts.decoder.steps = {decoder(in, target, " ")};
  parts.target = std::make_unique<TokenizerParts>();
  parts.target->model = SentencePieceModel(target, unk_id, SentencePieceModel::LanguageCode::first);
  return out;
}

void adjust_marian(const Conversion& in, TokenizerFile& file) {
  TokenizerParts& parts = file.parts;
  set_apart(in, parts);
  set_added_tokens(in, parts);
  parts.marks_typed_tokens = true;
  parts.target->marks_typed_tokens = true;
  parts.target->vocabulary = parts.vocabulary;
  parts.target->added_tokens = parts.added_tokens;
  parts.target->processor = parts.processor;
  set_added_tokens(in, *parts.target);
}

SlowTokenizer m2m100_recipe(const Conversion& in) {
  SlowTokenizer out;
  TokenizerParts& parts = out.file.parts;
  parts.vocabulary = read_vocabulary_object(in.folder / "vocab.json");
  const auto program = read_program(in.folder / "sentencepiece.bpe.model");
  parts.model = SentencePieceModel(program, unknown_id(in, parts.vocabulary),
                                   SentencePieceModel::LanguageCode::none);
  parts.decoder.steps = {decoder(in, program, "")};
  return out;
}

void adjust_m2m100(const Conversion& in, TokenizerFile& file) {
  TokenizerParts& parts = file.parts;
  set_apart(in, parts);
  set_added_tokens(in, parts);
  // Languages have ids of their own, also where files add their tokens with others.
  auto id = static_cast<TokenId>(parts.vocabulary.size());
  for (const std::string_view code : split_words(m2m100_codes(in.config))) {
    parts.vocabulary.add("__" + std::string(code) + "__", id++);
  }
  set_languages(in,
                {.codes = m2m100_codes(in.config),
                 .source = "lang A eos",
                 .target = "lang A eos",
                 .source_language = "en",
                 .mark = "__"},
                parts);
}

}  // namespace attend
