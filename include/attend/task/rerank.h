// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reranking with a cross-encoder: a query and documents -> how well each document answers.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/ops/activation.h"
#include "attend/task/result.h"
#include "attend/task/task_model.h"

namespace attend {

struct CrossEncoderFiles;

struct RerankOptions {
  /// Put before the first text of every pair; goes before prompt_name.
  std::optional<std::string> prompt = {};
  /// One of prompts(); the folder's default_prompt_name when absent.
  std::optional<std::string> prompt_name = {};
  /// What turns logits into scores (Activation::none leaves them). Absent: the folder's
  /// activation_fn, else sigmoid for one class and none for several.
  std::optional<Activation> activation = {};
  /// Softmax over the classes, after the activation: with one class every score becomes 1, as in
  /// the reference.
  bool apply_softmax = false;
  std::optional<Index> max_length = {};  ///< tokens of a pair; Rerank::max_length() when absent
  std::optional<Index> top_k = {};       ///< documents that rank() returns; all when absent
};

/// A document by its place in the caller's list.
struct RankedDocument {
  Index index = 0;
  float score = 0;
};

/// Sorts documents by falling score, equal ones as they stand, and keeps the best top_k.
ATTEND_EXPORT void keep_best(std::vector<RankedDocument>& documents, std::optional<Index> top_k);

/// Scores of text pairs, and documents in the order of their scores.
///
/// Pairs that are too long are cut, the longer text first.
/// Source: sentence-transformers 5.7 cross_encoder/model.py, `predict` and `rank`.
/// Threads: every call may be made from any number of threads.
class ATTEND_EXPORT Rerank {
 public:
  using Result = std::vector<float>;  ///< one score a class of the model

  /// Throws: as TaskModel::check(); unsupported when config.json names an activation that is not
  /// known here.
  explicit Rerank(TaskModel model);
  /// Throws: also, for a folder that CrossEncoder saved with modules: unsupported (names the
  /// module or the setting), invalid_format, config_error.
  [[nodiscard]] static Rerank load(const std::filesystem::path& folder,
                                   const ModelOptions& options = {});

  /// Prompts by name.
  [[nodiscard]] const std::map<std::string, std::string>& prompts() const noexcept;
  /// Tokens of a pair that are read; nothing when there is no limit.
  [[nodiscard]] std::optional<Index> max_length() const;

  /// Scores of one pair. Throws: config_error (an input without a pair, an unknown prompt_name),
  /// invalid_utf8, input_too_long, weight_value (scores that are not finite).
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
  Rerank(TaskModel model, CrossEncoderFiles&& files);
  TaskModel model_;
  std::shared_ptr<const CrossEncoderFiles> files_;
  Activation activation_ = Activation::sigmoid;
};

}  // namespace attend
