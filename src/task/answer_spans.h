// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What question answering does after the model: from the logits of each window to the answers of
// a question.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attend/task/question_answering.h"
#include "attend/text/utf8.h"

namespace attend {

/// Tokens [start, end] of a window, both inclusive, and the product of their probabilities.
struct SpanScore {
  Index start = 0;
  Index end = 0;
  float score = 0;
};

/// The k best spans of at most max_length tokens with a score above 0, best first, ties by start,
/// then by end. Without any it is the first token with a score of 0, as the reference's argmax has
/// it: so a blank context has one answer, the empty text.
/// Differs from the reference where there are fewer than k: its table of all pairs has 0 for those
/// that are too long or backwards, and it goes on with some of these, in the order that a partial
/// sort of numpy leaves them in.
/// Requires: k >= 1; start and end have the same size, values >= 0, start[0] == end[0] == 0.
[[nodiscard]] std::vector<SpanScore> best_spans(std::span<const float> start,
                                                std::span<const float> end, Index k,
                                                Index max_length);

/// Which text of the pair comes first.
enum class ContextPlace { first, second };

/// Answers of one question, gathered over its windows.
class AnswerCollector {
 public:
  /// `question` and its texts must outlive the collector; `cls` is the tokenizer's token, if any.
  AnswerCollector(const Question& question, const QuestionAnsweringOptions& options,
                  ContextPlace place, std::optional<TokenId> cls);

  /// Shapes: logits [tokens of the window, 2], overwritten.
  void add(const Encoding& window, MatrixView<float> logits);

  /// The answers, best first.
  [[nodiscard]] std::vector<AnswerSpan> finish() &&;

 private:
  struct Candidate {
    double score = 0;  // the reference adds up in double
    Range code_points;
  };

  [[nodiscard]] std::vector<bool> allowed_tokens(const Encoding& window) const;
  [[nodiscard]] Range code_points_of(const Encoding& window, const SpanScore& span) const;
  [[nodiscard]] Range to_code_points(const Encoding& window, Index first, Index last) const;
  [[nodiscard]] std::string_view context_text(Range code_points) const;

  const Question& question_;
  const QuestionAnsweringOptions& options_;
  ContextPlace place_;
  std::optional<TokenId> cls_;
  CodePointIndex context_index_;
  CodePointIndex question_index_;
  std::vector<Candidate> candidates_;
  std::unordered_map<std::string, std::size_t> by_text_;  // lower-cased answer -> candidate
  double no_answer_ = 1000000;                            // the reference's start value
};

}  // namespace attend
