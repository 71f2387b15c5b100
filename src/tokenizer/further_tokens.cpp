// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: models/*/tokenization_*_fast.py of transformers 4.57.
#include "tokenizer/further_tokens.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace attend::further_tokens {
namespace {

bool has(const List& tokens, std::string_view content) {
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const SpecialTokenValue& value) { return value.content == content; });
}

}  // namespace

List list_of(std::string_view words) {
  List tokens;
  for (const std::string_view word : split_words(words)) tokens.push_back({std::string(word)});
  return tokens;
}

List joined(List tokens, const List& more) {
  for (const SpecialTokenValue& value : more) {
    if (!has(tokens, value.content)) tokens.push_back(value);
  }
  return tokens;
}

List of_files(const TokenizerConfig& config) {
  return config.additional_special_tokens.value_or(List{});
}

bool has_extra_ids(const List& tokens) {
  return std::any_of(tokens.begin(), tokens.end(), [](const auto& value) {
    return value.content.find("<extra_id_") != std::string::npos;
  });
}

List t5(const TokenizerConfig& config) {
  List tokens = of_files(config);
  const std::int64_t count = has_extra_ids(tokens) ? 0 : config.settings.extra_ids.value_or(100);
  for (std::int64_t i = 0; i < count; ++i) {
    tokens.push_back({"<extra_id_" + std::to_string(i) + ">"});
  }
  return tokens;
}

List code_llama(const TokenizerConfig& config) {
  const ClassSettings& settings = config.settings;
  List own;
  for (const std::string& content : {settings.prefix_token.value_or(code_llama_prefix),
                                     settings.middle_token.value_or(code_llama_middle),
                                     settings.suffix_token.value_or(code_llama_suffix),
                                     settings.eot_token.value_or("\u2581<EOT>")}) {
    if (!content.empty()) own.push_back({content});
  }
  return joined(of_files(config), own);
}

List pegasus(const TokenizerConfig& config) {
  const std::string mask = config.settings.mask_token_sent.value_or("<mask_1>");
  const std::int64_t offset = config.settings.offset.value_or(103);
  const bool has_list = config.additional_special_tokens.has_value();
  List tokens = of_files(config);
  if (!mask.empty() && !has(tokens, mask)) tokens.insert(tokens.begin(), {mask});
  const std::int64_t first = has_list ? static_cast<std::int64_t>(tokens.size()) : 2;
  for (std::int64_t i = first; i < (has_list ? offset - 1 : offset); ++i) {
    tokens.push_back({"<unk_" + std::to_string(i) + ">"});
  }
  return tokens;
}

}  // namespace attend::further_tokens
