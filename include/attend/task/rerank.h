// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reranking with a cross-encoder: a query and documents -> how well each document answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/result.h"
#include "attend/task/task_model.h"

namespace attend {

/// What turns a cross-encoder's logits into scores.
enum class ScoreActivation : std::uint8_t { identity, sigmoid };

struct RerankOptions {
  /// Absent: config.sentence_transformers.activation_fn, else sigmoid for one class and identity
  /// for several.
  std::optional<ScoreActivation> activation = {};
  /// Softmax over the classes, after the activation: with one class every score becomes 1, as in
  /// the reference.
  bool apply_softmax = false;
  std::optional<Index> max_length = {};  ///< tokens of a pair; TaskModel::max_length() when absent
  std::optional<Index> top_k = {};       ///< documents that rank() returns; all when absent
};

/// A document by its place in the caller's list.
struct RankedDocument {
  Index index = 0;
  float score = 0;
};

/// Scores of text pairs, and documents in the order of their scores.
///
/// Pairs that are too long are cut, the longer text first.
/// Source: sentence-transformers 5 cross_encoder/CrossEncoder.py, `predict` and `rank`.
/// Threads: every call may be made from any number of threads.
class ATTEND_EXPORT Rerank {
 public:
  using Result = std::vector<float>;  ///< one score a class of the model

  /// Throws: as TaskModel::check(); unsupported when config.json names an activation that is not
  /// known here.
  explicit Rerank(TaskModel model);
  [[nodiscard]] static Rerank load(const std::filesystem::path& folder,
                                   const ModelOptions& options = {});

  /// Scores of one pair. Throws: config_error (an input without a pair), invalid_utf8,
  /// input_too_long, weight_value (scores that are not finite).
  [[nodiscard]] Result predict(const TextInput& pair, const RerankOptions& options = {}) const;
  /// Many, in order. Throws: also the first Error of an item, and cancelled.
  [[nodiscard]] std::vector<Result> predict(std::span<const TextInput> pairs,
                                            const RerankOptions& options = {},
                                            const RunOptions& run = {}) const;
  /// Many, where one bad item does not stop the others. Throws: cancelled, config_error.
  [[nodiscard]] std::vector<Outcome<Result>> each(std::span<const TextInput> pairs,
                                                  const RerankOptions& options = {},
                                                  const RunOptions& run = {}) const;

  /// Documents by falling score, equal scores in the caller's order; the best options.top_k.
  /// Throws: as predict(); config_error when the model has more than one class or top_k < 0.
  [[nodiscard]] std::vector<RankedDocument> rank(std::string_view query,
                                                 std::span<const std::string_view> documents,
                                                 const RerankOptions& options = {},
                                                 const RunOptions& run = {}) const;

  [[nodiscard]] const TaskModel& task_model() const noexcept { return model_; }

 private:
  TaskModel model_;
  ScoreActivation activation_ = ScoreActivation::sigmoid;
};

}  // namespace attend
