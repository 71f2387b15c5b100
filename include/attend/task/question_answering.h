// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Extractive question answering: the spans of a context that answer a question.
// Long contexts are read in overlapping windows.
#pragma once

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

/// What is asked of which text; neither may be empty.
struct Question {
  std::string_view question;
  std::string_view context;
};

/// A span of the context.
struct AnswerSpan {
  /// A probability; spans with the same text add theirs up, so it may exceed 1.
  float score = 0;
  Range bytes;         ///< in the context, UTF-8
  Range code_points;   ///< the same as Python counts (`start`, `end` of the reference)
  std::string answer;  ///< the context's bytes; empty for "no answer"
};

/// Names and defaults of transformers. Two of its parameters are left out because they change
/// nothing here: `padding` (rows are never padded) and `max_question_len` (only its slow tokenizers
/// read it).
struct QuestionAnsweringOptions {
  Index top_k = 1;
  /// Tokens that consecutive windows share; min(max_seq_len / 2, 128) when absent.
  std::optional<Index> doc_stride = {};
  Index max_answer_len = 15;  ///< tokens
  /// Tokens of a window, question and template included; min(the model's limit, 384) when absent.
  std::optional<Index> max_seq_len = {};
  bool handle_impossible_answer = false;  ///< lets the empty answer compete
  bool align_to_words = true;             ///< widens answers to whole words
};

/// Finds answers in a context.
///
/// Quirks of the reference that are kept: answers that are equal but for case merge, keep the
/// offsets of the first and add their scores, also across windows; with a tokenizer that pads on
/// the left the context comes first and tokens of the question may be answers too; a blank context
/// has one answer, the empty text with a score of 0. What is not kept: where fewer than top_k spans
/// fit max_answer_len the reference adds spans that are longer, with scores of 0.
///
/// Threads: const calls may be made from any number of threads.
/// Source: transformers 4.57 pipelines/question_answering.py.
class ATTEND_EXPORT QuestionAnswering {
 public:
  using Result = std::vector<AnswerSpan>;

  /// Throws: as TaskModel::check().
  explicit QuestionAnswering(TaskModel model);
  [[nodiscard]] static QuestionAnswering load(const std::filesystem::path& folder,
                                              const ModelOptions& options = {});

  /// At most top_k answers, best first; fewer when answers merged or no more fit max_answer_len.
  /// Throws: invalid_utf8, config_error (an empty question or context, an option out of range),
  /// input_too_long (the question leaves no room for the context), weight_value (scores that are
  /// not finite).
  [[nodiscard]] Result operator()(const Question& question,
                                  const QuestionAnsweringOptions& options = {}) const;
  /// Many, in order. Throws: also the first Error of an item, and cancelled.
  [[nodiscard]] std::vector<Result> operator()(std::span<const Question> questions,
                                               const QuestionAnsweringOptions& options = {},
                                               const RunOptions& run = {}) const;
  /// Many, where one bad item does not stop the others. Throws: cancelled, config_error.
  [[nodiscard]] std::vector<Outcome<Result>> each(std::span<const Question> questions,
                                                  const QuestionAnsweringOptions& options = {},
                                                  const RunOptions& run = {}) const;

  [[nodiscard]] const TaskModel& task_model() const noexcept { return model_; }

 private:
  TaskModel model_;
};

}  // namespace attend
