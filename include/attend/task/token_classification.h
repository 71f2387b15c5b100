// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Token classification: a text -> its entities, by token or grouped (names, places, parts of
// speech).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/result.h"
#include "attend/task/task_model.h"

namespace attend {

/// How tokens become entities.
enum class AggregationStrategy : std::uint8_t {
  none,     ///< one entity a token
  simple,   ///< adjacent tokens with the same tag
  first,    ///< words first: the label of a word's first token
  average,  ///< words first: the best label of the mean of a word's token probabilities
  max,      ///< words first: the label of a word's surest token
};

struct TokenClassificationOptions {
  /// Absent means none, except that `stride` refuses an explicit `none` (as the reference does).
  std::optional<AggregationStrategy> aggregation_strategy = {};
  /// Entities with these labels (after grouping: groups) are left out.
  std::vector<std::string> ignore_labels = {"O"};
  /// Tokens that consecutive windows of a long text share. Absent: one window, the rest is cut.
  std::optional<Index> stride = {};
  /// What joins the words of pre-split inputs.
  std::string delimiter = " ";
  /// Replaces the tokenizer's offsets: one range of code points a token, template tokens included.
  /// As in the reference the same ranges serve every window and every item of a call.
  std::optional<std::vector<Range>> offset_mapping = {};
  /// Deprecated in transformers; either one overrides aggregation_strategy: both true = first,
  /// grouped_entities alone = simple, else none.
  std::optional<bool> grouped_entities = {};
  std::optional<bool> ignore_subwords = {};
};

/// A token or a group of tokens with its label.
struct Entity {
  std::string label;  ///< `entity` of the reference, or `entity_group` where tokens are grouped
  float score = 0;    ///< probability; the mean over the members of a group
  std::optional<Index> index =
      {};  ///< the token's number, template tokens counted; absent for groups
  /// The token as the vocabulary has it ("##ing"), or a group's tokens joined by the decoder: not
  /// always what the text has in the range.
  std::string word;
  Range bytes;        ///< in the text, or in the words joined with the delimiter
  Range code_points;  ///< the same range as Python counts

  [[nodiscard]] bool is_group() const noexcept { return !index.has_value(); }
};

/// Entities of texts.
///
/// Only the prefixes "B-" and "I-" are understood; other labels count as I- with the whole label as
/// tag. Texts that are longer than the folder's model_max_length are cut silently unless `stride`
/// is given.
/// Source: transformers 4.57 pipelines/token_classification.py.
/// Threads: every call may be made from any number of threads.
class ATTEND_EXPORT TokenClassification {
 public:
  using Result = std::vector<Entity>;
  using Words = std::vector<std::string_view>;

  /// Throws: as TaskModel::check().
  explicit TokenClassification(TaskModel model);
  [[nodiscard]] static TokenClassification load(const std::filesystem::path& folder,
                                                const ModelOptions& options = {});

  /// Throws: invalid_utf8, input_too_long (no model_max_length and a text beyond the model),
  /// config_error (stride, offset_mapping), weight_value (scores that are not finite).
  [[nodiscard]] Result operator()(std::string_view text,
                                  const TokenClassificationOptions& options = {}) const;
  /// Many, in order. Throws: also the first Error of an item, and cancelled.
  [[nodiscard]] std::vector<Result> operator()(std::span<const std::string_view> texts,
                                               const TokenClassificationOptions& options = {},
                                               const RunOptions& run = {}) const;
  /// Many, where one bad item does not stop the others. Throws: cancelled, config_error.
  [[nodiscard]] std::vector<Outcome<Result>> each(std::span<const std::string_view> texts,
                                                  const TokenClassificationOptions& options = {},
                                                  const RunOptions& run = {}) const;

  /// One text that is already split into words (`is_split_into_words`). Ranges refer to the words
  /// joined with options.delimiter.
  [[nodiscard]] Result words(std::span<const std::string_view> words,
                             const TokenClassificationOptions& options = {}) const;
  [[nodiscard]] std::vector<Outcome<Result>> each_words(
      std::span<const Words> items, const TokenClassificationOptions& options = {},
      const RunOptions& run = {}) const;

  [[nodiscard]] const TaskModel& task_model() const noexcept { return model_; }

 private:
  TaskModel model_;
};

}  // namespace attend
