// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The models of tokenizer.json with their vocabularies. Source: the readers of tokenizers 0.22;
// keys that a model does not know are ignored.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "attend/core/error.h"
#include "tokenizer/components_json.h"
#include "tokenizer/tokenizer_json.h"

namespace attend {
namespace {

void check_size(const JsonField& vocabulary) {
  if (vocabulary.size() > static_cast<std::size_t>(Vocabulary::max_id)) {
    vocabulary.reject(ErrorKind::resource_limit,
                      "at most " + std::to_string(Vocabulary::max_id) + " tokens",
                      "is the file damaged? published ones are far smaller");
  }
}

TokenId read_token_id(const JsonField& field, std::int64_t max_id) {
  const std::int64_t id = field.integer(0, std::numeric_limits<std::int64_t>::max());
  if (id > max_id) {
    field.reject(ErrorKind::resource_limit, "an id of at most " + std::to_string(max_id),
                 "number tokens from 0, without large gaps");
  }
  return static_cast<TokenId>(id);
}

std::string read_string_or_empty(const JsonField& model, std::string_view key) {
  const auto field = model.find(key);
  return field ? field->string() : std::string();
}

bool read_flag(const JsonField& model, std::string_view key) {
  const auto field = model.find(key);
  return field && field->boolean();
}

// Two values that stand for one: [left, right] or [piece, score].
std::array<JsonField, 2> read_pair(const JsonField& field, const char* expected) {
  if (!field.is_array() || field.size() != 2) field.reject(expected);
  std::array<JsonField, 2> out{field, field};
  std::size_t i = 0;
  field.visit_elements([&](const JsonField& element) { out[i++] = element; });
  return out;
}

// "left right", or in newer files [left, right], which may have blanks.
std::vector<Merge> read_merges(const JsonField& field) {
  std::vector<Merge> out;
  out.reserve(field.is_array() ? field.size() : 0);
  bool is_text = true;
  field.visit_elements([&](const JsonField& merge) {
    if (out.empty()) is_text = merge.is_string();
    if (!is_text) {
      const auto [left, right] = read_pair(merge, "two tokens, as the first merge has");
      out.push_back({left.string(), right.string()});
      return;
    }
    const std::string_view text = merge.string();
    if (text.starts_with("#version")) return;  // the first line of merges.txt
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos || text.find(' ', blank + 1) != std::string_view::npos) {
      merge.reject("two tokens with one blank between them");
    }
    out.push_back({text.substr(0, blank), text.substr(blank + 1)});
  });
  return out;
}

void check_dropout(const JsonField& model) {
  const auto field = model.find("dropout");
  if (!field) return;
  const double dropout = field->number();
  if (!(dropout >= 0 && dropout <= 1)) field->reject("a probability");
  if (dropout > 0) {
    field->reject(ErrorKind::unsupported, "no dropout",
                  "merges that are left out by chance are for training");
  }
}

TokenModel read_bpe(const JsonField& model, TokenizerParts& parts) {
  check_dropout(model);
  BpeOptions options;
  if (const auto unk_token = model.find("unk_token")) options.unk_token = unk_token->string();
  options.continuing_subword_prefix = read_string_or_empty(model, "continuing_subword_prefix");
  options.end_of_word_suffix = read_string_or_empty(model, "end_of_word_suffix");
  options.fuse_unk = read_flag(model, "fuse_unk");
  options.byte_fallback = read_flag(model, "byte_fallback");
  options.ignore_merges = read_flag(model, "ignore_merges");
  parts.settings.continuing_subword_prefix = options.continuing_subword_prefix;
  parts.vocabulary = read_vocabulary(model.at("vocab"));
  return Bpe(std::move(options), read_merges(model.at("merges")), parts.vocabulary);
}

TokenModel read_unigram(const JsonField& model, TokenizerParts& parts) {
  const JsonField pieces = model.at("vocab");
  std::vector<double> scores;
  if (pieces.is_array()) {
    check_size(pieces);
    scores.reserve(pieces.size());
    parts.vocabulary.reserve(pieces.size());
  }
  pieces.visit_elements([&](const JsonField& piece) {
    const auto [token, score] = read_pair(piece, "[piece, score]");
    parts.vocabulary.add_again(token.string(), static_cast<TokenId>(scores.size()));
    scores.push_back(score.number());
  });
  UnigramOptions options{.byte_fallback = read_flag(model, "byte_fallback")};
  if (const auto unk_id = model.find("unk_id")) {
    if (scores.empty()) unk_id->reject("null where there are no pieces");
    options.unk_id =
        static_cast<TokenId>(unk_id->integer(0, static_cast<std::int64_t>(scores.size()) - 1));
  }
  return Unigram(options, std::move(scores), parts.vocabulary);
}

TokenModel read_word_level(const JsonField& model, TokenizerParts& parts) {
  WordLevelOptions options{.unk_token = model.at("unk_token").string()};
  parts.vocabulary = read_vocabulary(model.at("vocab"));
  return WordLevel(std::move(options));
}

TokenModel read_wordpiece(const JsonField& model, TokenizerParts& parts) {
  WordPieceOptions options{
      .unk_token = model.at("unk_token").string(),
      .continuing_subword_prefix = model.at("continuing_subword_prefix").string(),
      .max_input_chars_per_word =
          static_cast<Index>(model.at("max_input_chars_per_word")
                                 .integer(0, std::numeric_limits<std::int64_t>::max()))};
  parts.settings.continuing_subword_prefix = options.continuing_subword_prefix;
  parts.vocabulary = read_vocabulary(model.at("vocab"));
  return WordPiece(std::move(options), parts.vocabulary);
}

using ReadModel = TokenModel (*)(const JsonField&, TokenizerParts&);

constexpr auto models = std::to_array<ComponentType<ReadModel>>({
    {"BPE", read_bpe},
    {"Unigram", read_unigram},
    {"WordLevel", read_word_level},
    {"WordPiece", read_wordpiece},
});

// Old files leave the type out; these keys tell the models apart.
ReadModel model_without_type(const JsonField& model) {
  if (model.find("merges")) return read_bpe;
  if (const auto vocab = model.find("vocab"); vocab && vocab->is_array()) return read_unigram;
  if (model.find("max_input_chars_per_word") || model.find("continuing_subword_prefix")) {
    return read_wordpiece;
  }
  return read_word_level;
}

}  // namespace

Vocabulary read_vocabulary(const JsonField& field) {
  if (field.is_object()) check_size(field);
  Vocabulary vocabulary;
  const std::size_t size = field.is_object() ? field.size() : 0;
  vocabulary.reserve(size);
  // Gaps cost memory that the file does not have to pay for.
  const std::int64_t max_id =
      std::min<std::int64_t>(Vocabulary::max_id, (1 << 20) + 16 * static_cast<std::int64_t>(size));
  bool is_unique = true;
  const auto add = [&](std::string_view token, const JsonField& id) {
    is_unique = vocabulary.add(token, read_token_id(id, max_id)) && is_unique;
  };
  field.visit_members(add);
  if (!is_unique) {  // of a token that stands twice the last counts
    vocabulary = Vocabulary();
    for (const auto& [token, id] : field.members()) add(token, id);
  }
  return vocabulary;
}

void read_model(const JsonField& model, TokenizerParts& parts) {
  const bool has_type = model.get("type").has_value();
  const ReadModel read =
      has_type ? find_reader<ReadModel>(models, model) : model_without_type(model);
  parts.model = read(model, parts);
}

}  // namespace attend
