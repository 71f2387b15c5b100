// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// tokenizer.json -> parts of a tokenizer. A component that is not known is an error that names it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checked_json.h"
#include "tokenizer/parts.h"

namespace attend {

struct NormalizerComponent {
  std::vector<NormalizerStep> steps;
  /// Set when the component is a BertNormalizer and nothing else: tokenizer classes change it.
  std::optional<BertNormalizerOptions> bert;
};

/// `field` is the component's object, or null.
/// Throws: unsupported, tokenizer_error.
[[nodiscard]] NormalizerComponent read_normalizer(const JsonField& field);
[[nodiscard]] std::vector<PreTokenizerStep> read_pre_tokenizer(const JsonField& field);
[[nodiscard]] Processor read_post_processor(const JsonField& field);
[[nodiscard]] Decoder read_decoder(const JsonField& field);
/// Fills in the model, its vocabulary and the settings that it decides.
void read_model(const JsonField& field, TokenizerParts& parts);
/// Tokens and ids of an object.
[[nodiscard]] Vocabulary read_vocabulary(const JsonField& field);
/// The content of an added token. Throws: tokenizer_error when it is empty, resource_limit when it
/// is too long.
[[nodiscard]] std::string read_added_content(const JsonField& field,
                                             std::string_view key = "content");
/// Flags and content; no flag may be missing.
[[nodiscard]] AddedToken read_added_token(const JsonField& field);

struct TokenizerFile {
  TokenizerParts parts;  // without added tokens, special tokens and settings of other files
  std::optional<BertNormalizerOptions> bert_normalizer;
  // Types of whole components, which tokenizer classes ask for; empty where there is none.
  std::string pre_tokenizer_type;
  std::string post_processor_type;
  std::vector<AddedToken> added_tokens;
};

[[nodiscard]] TokenizerFile read_tokenizer_file(const std::filesystem::path& file);
[[nodiscard]] TokenizerFile parse_tokenizer_file(std::string_view text, std::string name);

}  // namespace attend
