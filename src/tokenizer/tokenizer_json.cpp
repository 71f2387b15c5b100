// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The file as a whole: its keys, the model with its vocabulary, added tokens.
#include "tokenizer/tokenizer_json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "attend/core/error.h"

// quoted() is spelled attend::quoted here: <filesystem> brings std::quoted, which strings would
// find.

namespace attend {
namespace {

const JsonOptions json_options{.where = "Tokenizer::load",
                               .field_error = ErrorKind::tokenizer_error};

void check_keys(const JsonField& root) {
  constexpr std::array<std::string_view, 9> known = {
      "version",       "truncation",     "padding", "added_tokens", "normalizer",
      "pre_tokenizer", "post_processor", "decoder", "model"};
  for (const auto& [key, value] : root.members()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      value.reject("no such key in tokenizer.json");
    }
  }
  if (const auto version = root.find("version")) {
    if (version->string() != "1.0") version->reject(ErrorKind::unsupported, "\"1.0\"");
  }
}

void read_vocabulary(const JsonField& field, Vocabulary& vocabulary) {
  const auto members = field.members();
  if (members.size() > static_cast<std::size_t>(Vocabulary::max_id)) {
    field.reject(ErrorKind::resource_limit,
                 "at most " + std::to_string(Vocabulary::max_id) + " tokens");
  }
  // Gaps cost memory that the file does not have to pay for.
  const std::int64_t max_id = std::min<std::int64_t>(
      Vocabulary::max_id, (1 << 20) + 16 * static_cast<std::int64_t>(members.size()));
  vocabulary.reserve(members.size());
  for (const auto& [token, value] : members) {
    const std::int64_t id = value.integer(0, std::numeric_limits<std::int64_t>::max());
    if (id > max_id) {
      value.reject(ErrorKind::resource_limit, "an id of at most " + std::to_string(max_id));
    }
    if (!vocabulary.add(token, static_cast<TokenId>(id))) {
      value.reject(
          "an id of its own",
          "token " + attend::quoted(*vocabulary.token(static_cast<TokenId>(id))) + " has it, too");
    }
  }
}

// Old files leave the type out; these keys tell the models apart.
std::string model_type(const JsonField& model) {
  if (const auto type = model.find("type")) return type->string();
  if (model.find("merges")) return "BPE";
  if (const auto vocab = model.find("vocab"); vocab && vocab->is_array()) return "Unigram";
  if (model.find("max_input_chars_per_word") || model.find("continuing_subword_prefix")) {
    return "WordPiece";
  }
  return "WordLevel";
}

void read_model(const JsonField& model, TokenizerParts& parts) {
  if (const std::string type = model_type(model); type != "WordPiece") {
    model.reject(ErrorKind::unsupported, "a model of type WordPiece",
                 "its type is " + attend::quoted(type));
  }
  WordPieceOptions options{
      .unk_token = model.at("unk_token").string(),
      .continuing_subword_prefix = model.at("continuing_subword_prefix").string(),
      .max_input_chars_per_word =
          static_cast<Index>(model.at("max_input_chars_per_word")
                                 .integer(0, std::numeric_limits<std::int64_t>::max()))};
  read_vocabulary(model.at("vocab"), parts.vocabulary);
  parts.settings.continuing_subword_prefix = options.continuing_subword_prefix;
  parts.model = WordPiece(std::move(options));
}

Side read_side(const JsonField& field) {
  if (field.string() == "Right") return Side::right;
  if (field.string() == "Left") return Side::left;
  field.reject("Right or Left");
}

void read_stored_settings(const JsonField& root, TokenizerFile& out) {
  constexpr std::int64_t max = std::numeric_limits<std::int64_t>::max();
  if (const auto truncation = root.find("truncation")) {
    (void)truncation->at("max_length").integer(0, max);
    (void)truncation->at("stride").integer(0, max);
    (void)truncation->at("strategy").string();
    const auto direction = truncation->find("direction");
    out.truncation_side = direction ? read_side(*direction) : Side::right;
  }
  if (const auto padding = root.find("padding")) {
    out.padding_side = read_side(padding->at("direction"));
    out.pad_token = padding->at("pad_token").string();
  }
}

TokenizerFile read_document(const JsonDocument& document) {
  const JsonField root = document.root();
  check_keys(root);
  TokenizerFile out;
  read_stored_settings(root, out);
  if (const auto normalizer = root.find("normalizer")) {
    NormalizerComponent component = read_normalizer(*normalizer);
    out.parts.normalizer = Normalizer(std::move(component.steps));
    out.bert_normalizer = component.bert;
  }
  if (const auto pre_tokenizer = root.find("pre_tokenizer")) {
    out.parts.pre_tokenizer = PreTokenizer(read_pre_tokenizer(*pre_tokenizer));
  }
  if (const auto processor = root.find("post_processor")) {
    out.parts.processor = read_post_processor(*processor);
  }
  if (const auto decoder = root.find("decoder")) out.parts.decoder = read_decoder(*decoder);
  read_model(root.at("model"), out.parts);
  if (const auto added = root.find("added_tokens")) {
    for (const JsonField& token : added->elements()) {
      (void)token.at("id").integer(0, std::numeric_limits<std::uint32_t>::max());
      out.added_tokens.push_back(read_added_token(token));
    }
  }
  return out;
}

}  // namespace

TokenizerFile read_tokenizer_file(const std::filesystem::path& file) {
  return read_document(read_json(file, json_options));
}

TokenizerFile parse_tokenizer_file(std::string_view text, std::string name) {
  return read_document(parse_json(text, std::move(name), json_options));
}

}  // namespace attend
