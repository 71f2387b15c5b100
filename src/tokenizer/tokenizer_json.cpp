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
#include "tokenizer/naming_file.h"

namespace attend {
namespace {

const JsonOptions tokenizer_json_options{.where = "Tokenizer::load",
                                         .field_error = ErrorKind::tokenizer_error,
                                         .numbers = JsonNumbers::of_serde};

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
    if (version->string() != "1.0")
      version->reject(ErrorKind::unsupported, "\"1.0\"",
                      "is the file of a newer version of tokenizers?");
  }
}

Side read_side(const JsonField& field) {
  if (field.string() == "Right") return Side::right;
  if (field.string() == "Left") return Side::left;
  field.reject("Right or Left");
}

TruncationStrategy read_strategy(const JsonField& field) {
  if (field.string() == "LongestFirst") return TruncationStrategy::longest_first;
  if (field.string() == "OnlyFirst") return TruncationStrategy::only_first;
  if (field.string() == "OnlySecond") return TruncationStrategy::only_second;
  field.reject("LongestFirst, OnlyFirst or OnlySecond");
}

constexpr std::int64_t max_length = std::numeric_limits<std::int64_t>::max();

Truncation read_truncation(const JsonField& field) {
  const auto direction = field.get("direction");
  return {.max_length = field.at("max_length").integer(0, max_length),
          .strategy = read_strategy(field.at("strategy")),
          .side = direction ? read_side(*direction) : Side::right,
          .stride = field.at("stride").integer(0, max_length)};
}

StoredPadding read_padding(const JsonField& field) {
  constexpr std::int64_t max_id = std::numeric_limits<std::int32_t>::max();
  StoredPadding out;
  const JsonField strategy = field.at("strategy");
  if (strategy.is_object()) {
    out.padding.length = strategy.at("Fixed").integer(0, max_length);
  } else if (strategy.string() != "BatchLongest") {
    strategy.reject("BatchLongest or {\"Fixed\": length}");
  }
  if (const auto multiple = field.find("pad_to_multiple_of")) {
    out.padding.pad_to_multiple_of = std::max<Index>(multiple->integer(0, max_length), 1);
  }
  out.padding.side = read_side(field.at("direction"));
  out.padding.pad_id = static_cast<TokenId>(field.at("pad_id").integer(0, max_id));
  out.padding.pad_type_id = static_cast<std::int32_t>(field.at("pad_type_id").integer(0, max_id));
  out.pad_token = field.at("pad_token").string();
  return out;
}

TokenizerFile read_document(const JsonDocument& document) {
  const JsonField root = document.root();
  check_keys(root);
  TokenizerFile out;
  if (const auto field = root.find("truncation")) {
    out.parts.stored_truncation = read_truncation(*field);
  }
  if (const auto field = root.find("padding")) out.parts.stored_padding = read_padding(*field);
  if (const auto normalizer = root.find("normalizer")) {
    NormalizerComponent component = read_normalizer(*normalizer);
    out.parts.normalizer = Normalizer(std::move(component.steps));
    out.bert_normalizer = component.bert;
  }
  if (const auto pre_tokenizer = root.find("pre_tokenizer")) {
    out.parts.pre_tokenizer = PreTokenizer(read_pre_tokenizer(*pre_tokenizer));
    out.pre_tokenizer_type = pre_tokenizer->at("type").string();
  }
  if (const auto processor = root.find("post_processor")) {
    out.parts.processor = read_post_processor(*processor);
    out.post_processor_type = processor->at("type").string();
  }
  if (const auto decoder = root.find("decoder")) out.parts.decoder = read_decoder(*decoder);
  naming_file(document.file(), [&] { read_model(document.root().at("model"), out.parts); });
  if (const auto added = root.find("added_tokens")) {
    for (const JsonField& token : added->elements()) {
      (void)token.at("id").integer(0, std::numeric_limits<std::uint32_t>::max());
      if (token.at("content").string().empty()) continue;  // as the reference does
      out.added_tokens.push_back(read_added_token(token));
    }
  }
  return out;
}

}  // namespace

TokenizerFile read_tokenizer_file(const std::filesystem::path& file) {
  return read_document(read_json(file, tokenizer_json_options));
}

TokenizerFile parse_tokenizer_file(std::string_view text, std::string name) {
  return read_document(parse_json(text, std::move(name), tokenizer_json_options));
}

}  // namespace attend
