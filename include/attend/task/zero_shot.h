// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Zero-shot classification: a text and labels of the caller's choice -> scores, by asking a
// language-inference model whether "This example is LABEL." follows from the text.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/result.h"
#include "attend/task/task_model.h"

namespace attend {

struct ZeroShotOptions {
  std::vector<std::string> candidate_labels;  ///< at least one
  /// A Python format string with one argument: `{}` or `{0}` is the label, `{!r}` and `{:>10}` its
  /// forms as str.format() makes them, `{{` and `}}` are braces. It must put the first label
  /// somewhere.
  std::string hypothesis_template = "This example is {}.";
  /// Each label on its own (entailment against contradiction) instead of a share of 1. A single
  /// label is always judged on its own.
  bool multi_label = false;
};

/// Labels by falling score.
struct ZeroShotResult {
  std::string sequence;
  std::vector<std::string> labels;
  std::vector<float> scores;  ///< probabilities, beside the labels
};

/// The labels in "a, b, c": split at commas, trimmed, empty ones dropped.
[[nodiscard]] ATTEND_EXPORT std::vector<std::string> split_labels(std::string_view labels);

/// What the template makes of a label: str.format() of Python 3.11, without attributes of fields.
/// Throws: config_error where Python raises; resource_limit for a width that makes the result more
/// than 1 MiB longer than template and label.
[[nodiscard]] ATTEND_EXPORT std::string format_hypothesis(std::string_view hypothesis_template,
                                                          std::string_view label);

/// Scores of freely chosen labels.
///
/// The entailment class is the first one in label2id whose name starts with "entail" in any case,
/// else the last; contradiction is class 0, or the last one where entailment is class 0. Labels
/// with equal scores come out in reverse order. Long texts are cut at model_max_length, hypotheses
/// never; where that is impossible nothing is cut.
/// Source: transformers 4.57 pipelines/zero_shot_classification.py.
/// Threads: every call may be made from any number of threads.
class ATTEND_EXPORT ZeroShotClassification {
 public:
  using Result = ZeroShotResult;

  /// Throws: as TaskModel::check(); config_error when label2id names a class that does not exist.
  explicit ZeroShotClassification(TaskModel model);
  [[nodiscard]] static ZeroShotClassification load(const std::filesystem::path& folder,
                                                   const ModelOptions& options = {});

  /// Throws: config_error (no label, an empty text, a bad label or template), resource_limit (more
  /// than 256 MiB of hypotheses), invalid_utf8, input_too_long, weight_value (scores that are not
  /// finite).
  [[nodiscard]] Result operator()(std::string_view text, const ZeroShotOptions& options) const;
  /// Many, in order. Throws: also the first Error of an item, and cancelled.
  [[nodiscard]] std::vector<Result> operator()(std::span<const std::string_view> texts,
                                               const ZeroShotOptions& options,
                                               const RunOptions& run = {}) const;
  /// Many, where one bad item does not stop the others. Throws: cancelled, config_error.
  [[nodiscard]] std::vector<Outcome<Result>> each(std::span<const std::string_view> texts,
                                                  const ZeroShotOptions& options,
                                                  const RunOptions& run = {}) const;

  [[nodiscard]] const TaskModel& task_model() const noexcept { return model_; }

 private:
  TaskModel model_;
  Index entailment_ = 0;
  Index contradiction_ = 0;
};

}  // namespace attend
