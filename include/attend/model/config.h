// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// config.json, typed and closed: one field per quantity, whatever the architecture calls it.
// Unknown keys are ignored; missing required ones and impossible values are errors.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"
#include "attend/ops/activation.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// What a model's config.json says, checked: sizes are positive and below the limits, heads divide
/// the width, labels are complete.
struct ModelConfig {
  std::string model_type;                  ///< "bert"
  std::vector<std::string> architectures;  ///< ["BertForTokenClassification"]

  Index hidden_size = 0;
  Index layers = 0;
  Index heads = 0;
  Index intermediate_size = 0;
  Index vocab_size = 0;
  Index max_positions = 0;
  Index type_vocab_size = 0;  ///< 0 where the architecture has no token types
  float norm_eps = 1e-12F;
  Activation activation = Activation::gelu;
  std::optional<TokenId> pad_token_id;
  bool tie_word_embeddings = true;

  /// Labels by id; LABEL_i where the file names none. Size = number of classes.
  std::vector<std::string> labels;
  /// label2id in the order of the file (zero-shot looks for the first "entail...").
  std::vector<std::pair<std::string, Index>> label_ids;
  std::string problem_type;       ///< "regression", "multi_label_classification", ... or empty
  std::string function_to_apply;  ///< text-classification default, or empty
  std::optional<bool> return_all_scores;  ///< text-classification, deprecated there
  /// config.sentence_transformers.activation_fn of cross-encoders, or empty.
  std::string cross_encoder_activation;

  [[nodiscard]] Index head_size() const noexcept { return heads == 0 ? 0 : hidden_size / heads; }
};

/// Reads `folder`/config.json.
/// Throws: file_not_found, invalid_format (not JSON), config_error (names the key, the range and
/// the value), unsupported (a model_type, activation or quantisation that is not known here).
[[nodiscard]] ATTEND_EXPORT ModelConfig read_config(const std::filesystem::path& folder);

}  // namespace attend
