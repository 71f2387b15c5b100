// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How good answers are: accuracy and F1 of classes, F1 of entities, exact match and F1 of answers,
// correlation, reciprocal rank. Every figure is a share of 1.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"

namespace attend {

/// Precision, recall and their harmonic mean; 0 where there is nothing to divide by.
struct PrecisionRecall {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};

/// How well one class, or one type of entity, was found.
struct ClassScore {
  std::string label;
  PrecisionRecall score;
  Index support = 0;  ///< how often the class is right
};

/// Every class that is right or was predicted, in the order of the labels' bytes, and their means.
struct ClassScores {
  std::vector<ClassScore> classes;
  PrecisionRecall micro;     ///< of all classes counted together
  PrecisionRecall macro;     ///< the mean over the classes
  PrecisionRecall weighted;  ///< the mean over the classes, each as often as it is right
  Index support = 0;
};

/// Share of the predictions that equal the right label.
/// Throws: config_error when the sizes differ or are 0.
[[nodiscard]] ATTEND_EXPORT double accuracy(std::span<const std::string> gold,
                                            std::span<const std::string> predicted);

/// One label an item. Where every item has one, micro is the accuracy.
/// Throws: config_error when the sizes differ or are 0.
/// Source: scikit-learn 1.9, metrics.classification_report with zero_division=0.
[[nodiscard]] ATTEND_EXPORT ClassScores score_classes(std::span<const std::string> gold,
                                                      std::span<const std::string> predicted);

/// The words [begin, end) of a sentence, and what they are.
struct LabelledSpan {
  std::string label;
  Index begin = 0;
  Index end = 0;
  [[nodiscard]] auto operator<=>(const LabelledSpan&) const = default;
};

using Tags = std::vector<std::string>;          ///< of one sentence, a tag a word
using TaggedSpans = std::vector<LabelledSpan>;  ///< of one sentence, in its order

/// Spans of tags with the prefixes B, I, E and S (IOB1, IOB2, IOE, IOBES), one list a sentence. A
/// type that changes begins a span, whatever the prefix: "I-PER" after "O" or "B-LOC" does.
/// Throws: config_error for an empty tag.
/// Source: seqeval 1.2, sequence_labeling.get_entities in its default mode.
[[nodiscard]] ATTEND_EXPORT std::vector<TaggedSpans> spans_of_tags(std::span<const Tags> sentences);

/// A span is right when its label, begin and end are.
/// Throws: config_error when the numbers of sentences differ or are 0.
/// Source: seqeval 1.2, classification_report in its default mode.
[[nodiscard]] ATTEND_EXPORT ClassScores score_spans(std::span<const TaggedSpans> gold,
                                                    std::span<const TaggedSpans> predicted);

/// What SQuAD compares: lower case, without ASCII punctuation and the words "a", "an", "the", with
/// single blanks. Throws: invalid_utf8.
/// Source: SQuAD's evaluation scripts 1.1 and 2.0, normalize_answer, in Python 3.
[[nodiscard]] ATTEND_EXPORT std::string normalize_answer(std::string_view answer);

/// Which of SQuAD's scripts. They differ in answers of which nothing is left when normalized.
enum class SquadVersion : std::uint8_t {
  v1,  ///< every question has an answer
  v2,  ///< no answer, or an empty one, means that there is none, and then "" is right
};

struct AnswerScore {
  double exact = 0;
  double f1 = 0;
};

/// Against the best of the right answers. Throws: config_error (v1 without a right answer),
/// invalid_utf8.
[[nodiscard]] ATTEND_EXPORT AnswerScore score_answer(std::string_view predicted,
                                                     std::span<const std::string> gold,
                                                     SquadVersion version);

/// Mean scores of some questions; 0 where there are none.
struct AnswerMean {
  Index items = 0;
  AnswerScore score;
};

struct AnswerScores {
  AnswerMean all;
  AnswerMean has_answer;  ///< questions with at least one right answer
  AnswerMean no_answer;
};

/// Throws: config_error when the sizes differ or are 0; as score_answer().
[[nodiscard]] ATTEND_EXPORT AnswerScores
score_answers(std::span<const std::string> predicted,
              std::span<const std::vector<std::string>> gold, SquadVersion version);

/// Pearson's correlation; nothing where one side does not vary.
/// Throws: config_error when the sizes differ or a value is not finite.
[[nodiscard]] ATTEND_EXPORT std::optional<double> pearson_correlation(std::span<const double> a,
                                                                      std::span<const double> b);
/// That of the ranks, where equal values share the mean of theirs (Spearman 1904).
/// Throws: as pearson_correlation().
[[nodiscard]] ATTEND_EXPORT std::optional<double> spearman_correlation(std::span<const double> a,
                                                                       std::span<const double> b);

/// 1 / the place of the first relevant one among the first `depth` of a ranking; 0 when none is.
[[nodiscard]] ATTEND_EXPORT double reciprocal_rank(const std::vector<bool>& relevant_by_rank,
                                                   Index depth = 10);

}  // namespace attend
