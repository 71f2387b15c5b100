// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Feature extraction: the last hidden states, one row a token, special tokens included.
// For one vector a text see sentence_embedding.h.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/task/result.h"
#include "attend/task/task_model.h"

namespace attend {

/// The hidden states of one text. Shapes: values [tokens, hidden_size], row-major.
struct TokenFeatures {
  std::vector<float> values;
  Index tokens = 0;
  Index hidden_size = 0;

  [[nodiscard]] MatrixView<const float> matrix() const noexcept {
    return {values.data(), tokens, hidden_size};
  }
};

struct FeatureExtractionOptions {
  TokenizeOptions tokenize = {};  ///< `truncation` and `tokenize_kwargs` of the reference
};

/// Hidden states of texts, without pooling.
///
/// Threads: const calls may be made from any number of threads.
/// Source: transformers 4.57 pipelines/feature_extraction.py.
class ATTEND_EXPORT FeatureExtraction {
 public:
  using Result = TokenFeatures;

  /// Throws: as TaskModel::check().
  explicit FeatureExtraction(TaskModel model);
  /// As TaskModel::load_headless().
  [[nodiscard]] static FeatureExtraction load(const std::filesystem::path& folder,
                                              const ModelOptions& options = {});

  /// Throws: invalid_utf8, input_too_long (token count, limit and option), weight_value (values
  /// that are not finite).
  [[nodiscard]] Result operator()(std::string_view text,
                                  const FeatureExtractionOptions& options = {}) const;
  /// Many, in order. Throws: also the first Error of an item, and cancelled.
  [[nodiscard]] std::vector<Result> operator()(std::span<const std::string_view> texts,
                                               const FeatureExtractionOptions& options = {},
                                               const RunOptions& run = {}) const;
  /// Many, where one bad item does not stop the others. Throws: cancelled, config_error.
  [[nodiscard]] std::vector<Outcome<Result>> each(std::span<const std::string_view> texts,
                                                  const FeatureExtractionOptions& options = {},
                                                  const RunOptions& run = {}) const;

  [[nodiscard]] const TaskModel& task_model() const noexcept { return model_; }

 private:
  TaskModel model_;
};

}  // namespace attend
