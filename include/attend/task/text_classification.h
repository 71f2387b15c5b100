// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Text classification: one text or pair -> labels with scores (sentiment, topics, regression).
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/result.h"
#include "attend/task/task_model.h"

namespace attend {

/// What turns logits into scores.
enum class ScoreFunction : std::uint8_t { sigmoid, softmax, none };

/// A top_k that keeps every label (`top_k=None` of transformers).
inline constexpr Index all_labels = std::numeric_limits<Index>::max();

struct TextClassificationOptions {
  /// Labels to return, best first. Absent: the best one, unless return_all_scores asks for all.
  /// Negative values leave out the last labels, as a Python slice does.
  std::optional<Index> top_k = {};
  /// Absent: none for regression, sigmoid for multi-label models and for one label, else softmax.
  std::optional<ScoreFunction> function_to_apply = {};
  /// Deprecated in transformers, and ignored where top_k is given: all labels, **not** sorted but
  /// in the order of their ids. Absent: what config.json says.
  std::optional<bool> return_all_scores = {};
  TokenizeOptions tokenize = {};
};

/// Labels of texts.
///
/// Source: transformers 4.57 pipelines/text_classification.py. Unlike there, a text that is too
/// long for the model is an Error that names the option, not a failure inside the model.
/// Threads: every call may be made from any number of threads.
class ATTEND_EXPORT TextClassification {
 public:
  using Result = std::vector<LabelScore>;

  /// Throws: as TaskModel::check().
  explicit TextClassification(TaskModel model);
  [[nodiscard]] static TextClassification load(const std::filesystem::path& folder,
                                               const ModelOptions& options = {});

  /// Throws: invalid_utf8, input_too_long (token count, limit and option), config_error,
  /// weight_value (scores that are not finite).
  [[nodiscard]] Result operator()(const TextInput& input,
                                  const TextClassificationOptions& options = {}) const;
  /// Many, in order. Throws: also the first Error of an item, and cancelled.
  [[nodiscard]] std::vector<Result> operator()(std::span<const TextInput> inputs,
                                               const TextClassificationOptions& options = {},
                                               const RunOptions& run = {}) const;
  /// Many, where one bad item does not stop the others. Throws: cancelled, config_error.
  [[nodiscard]] std::vector<Outcome<Result>> each(std::span<const TextInput> inputs,
                                                  const TextClassificationOptions& options = {},
                                                  const RunOptions& run = {}) const;

  [[nodiscard]] const TaskModel& task_model() const noexcept { return model_; }

 private:
  TaskModel model_;
};

}  // namespace attend
