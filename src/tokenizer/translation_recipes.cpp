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
#include "core/limits.h"
#include "tokenizer/class_adjustments.h"
#include "tokenizer/language_codes.h"
#include "tokenizer/languages.h"
#include "tokenizer/recipes.h"
#include "tokenizer/sentencepiece_program.h"
#include "tokenizer/slow_files.h"

namespace attend {
namespace {

// Saved files need its bytes again.
std::shared_ptr<const SentencePieceProgram> read_program(const Conversion& in,
                                                         std::string_view name,
                                                         PythonClass& python) {
  const std::filesystem::path file = in.folder / name;
  const auto text = std::make_shared<const FileText>(file, limits::sentencepiece_bytes);
  python.models.emplace_back(name, text);
  return std::make_shared<const SentencePieceProgram>(
      parse_sentencepiece(text->text(), file.string()), file.string());
}

PythonClass& read_vocabulary(const Conversion& in, TokenizerParts& parts) {
  parts.vocabulary = read_vocabulary_object(in.folder / "vocab.json");
  return parts.python.emplace(PythonClass{.vocabulary_size = parts.vocabulary.size()});
}

TokenId unknown_id(const Conversion& in, const Vocabulary& vocabulary,
                   std::string_view file = "vocab.json") {
  const SpecialTokenValue* const value = in.named.find(SpecialRole::unk);
  const std::string content = value != nullptr ? value->content : "";
  if (const auto id = vocabulary.find(content)) return *id;
  fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::load",
                                    .what = "unk_token " + quote(content),
                                    .expected = "a token of the vocabulary",
                                    .file = (in.folder / file).string(),
                                    .hint = "name one of its tokens in tokenizer_config.json"});
}

std::string_view m2m100_codes(const TokenizerConfig& config) {
  return config.settings.language_codes.value_or("m2m100") == "wmt21" ? language_codes::wmt21
                                                                      : language_codes::m2m100;
}

// What the class's constructor has when the tokens of the files are added.
void construct(const Conversion& in, TokenizerParts& parts) {
  PythonClass& python = *parts.python;
  for (std::size_t role = 0; role < special_roles; ++role) {
    if (const auto& value = in.named.roles[role]) python.roles[role] = value->content;
  }
  if (const auto& additional = in.config.additional_special_tokens) {
    for (const SpecialTokenValue& value : *additional) python.additional.push_back(value.content);
  }
  for (const auto& [attribute, value] : in.config.extra_special_tokens) {
    python.extra.emplace_back(attribute, value.content);
  }
  const ClassSettings& settings = in.config.settings;
  const auto keep = [&](const char* key, const std::optional<std::string>& value) {
    if (value) python.settings.emplace_back(key, *value);
  };
  keep("language_codes", settings.language_codes);
  keep("source_lang", settings.source_lang);
  keep("target_lang", settings.target_lang);
  parts.needed_class = in.config.class_name;
  if (in.config.split_special_tokens) parts.added_tokens.ignore_special_tokens();
  settle_python_tokens(parts);
}

}  // namespace

SlowTokenizer marian_recipe(const Conversion& in) {
  SlowTokenizer out{.file = {}, .around = {"A eos", "A B eos"}};
  TokenizerParts& parts = out.file.parts;
  PythonClass& python = read_vocabulary(in, parts);
  const TokenId unk_id = unknown_id(in, parts.vocabulary);
  constexpr auto code = SentencePieceModel::LanguageCode::first;
  parts.model = SentencePieceModel(read_program(in, "source.spm", python), unk_id, code);
  const auto target = read_program(in, "target.spm", python);
  parts.decoder.steps = {
      SentencePieceDecoder{.program = target, .behind_special = " ", .has_blanks_for_marks = true}};
  parts.target = std::make_shared<TokenizerParts>();
  TokenId target_unk_id = unk_id;
  if (in.config.settings.separate_vocabs.value_or(false)) {
    constexpr std::string_view file = "target_vocab.json";
    python.has_target_vocabulary = true;
    parts.target->vocabulary = read_vocabulary_object(in.folder / file);
    target_unk_id = unknown_id(in, parts.target->vocabulary, file);
  }
  parts.target->model = SentencePieceModel(target, target_unk_id, code);
  return out;
}

void adjust_marian(const Conversion& in, TokenizerFile& file) {
  TokenizerParts& parts = file.parts;
  parts.marks_typed_tokens = true;
  parts.target->marks_typed_tokens = true;
  if (!parts.python->has_target_vocabulary) parts.target->vocabulary = parts.vocabulary;
  parts.target->processor = parts.processor;
  construct(in, parts);
}

SlowTokenizer m2m100_recipe(const Conversion& in) {
  SlowTokenizer out;
  TokenizerParts& parts = out.file.parts;
  PythonClass& python = read_vocabulary(in, parts);
  python.counted = PythonVocabulary::ids;
  const auto program = read_program(in, "sentencepiece.bpe.model", python);
  parts.model = SentencePieceModel(program, unknown_id(in, parts.vocabulary),
                                   SentencePieceModel::LanguageCode::none);
  parts.decoder.steps = {SentencePieceDecoder{.program = program}};
  return out;
}

void adjust_m2m100(const Conversion& in, TokenizerFile& file) {
  TokenizerParts& parts = file.parts;
  construct(in, parts);
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
