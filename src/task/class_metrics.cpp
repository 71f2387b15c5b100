// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Counts by class, and what precision, recall and F1 make of them; spans of tags.
#include <algorithm>
#include <map>
#include <set>

#include "attend/task/metrics.h"
#include "attend/text/utf8.h"
#include "task/metrics_input.h"

namespace attend {
namespace {

struct Counts {
  Index right = 0;
  Index gold = 0;
  Index predicted = 0;
};

double ratio(double part, double whole) noexcept { return whole > 0 ? part / whole : 0; }

PrecisionRecall score_of(const Counts& counts) noexcept {
  const auto right = static_cast<double>(counts.right);
  const auto gold = static_cast<double>(counts.gold);
  const auto predicted = static_cast<double>(counts.predicted);
  return {.precision = ratio(right, predicted),
          .recall = ratio(right, gold),
          .f1 = ratio(2 * right, gold + predicted)};
}

/// Adds a class with a weight to a mean.
void add(PrecisionRecall& mean, const PrecisionRecall& score, double weight) noexcept {
  mean.precision += weight * score.precision;
  mean.recall += weight * score.recall;
  mean.f1 += weight * score.f1;
}

ClassScores scores_of(const std::map<std::string, Counts>& counts) {
  ClassScores out;
  Counts all;
  for (const auto& [label, of_class] : counts) {
    all.right += of_class.right;
    all.gold += of_class.gold;
    all.predicted += of_class.predicted;
    out.classes.push_back({label, score_of(of_class), of_class.gold});
  }
  out.micro = score_of(all);
  out.support = all.gold;
  for (const ClassScore& one : out.classes) {
    add(out.macro, one.score, 1 / static_cast<double>(out.classes.size()));
    add(out.weighted, one.score,
        ratio(static_cast<double>(one.support), static_cast<double>(all.gold)));
  }
  return out;
}

/// A tag as seqeval takes it apart: its first character, and what follows the first "-" behind it.
/// Without a "-" the type is all that follows the first character, and "_" where nothing does.
struct TagParts {
  std::string_view prefix;
  std::string_view type;

  explicit TagParts(std::string_view tag) {
    const auto length = static_cast<std::size_t>(decode_utf8(tag).length);
    prefix = tag.substr(0, std::max<std::size_t>(length, 1));
    type = tag.substr(prefix.size());
    if (const auto dash = type.find('-'); dash != std::string_view::npos) {
      type.remove_prefix(dash + 1);
    }
    if (type.empty()) type = "_";
  }

  [[nodiscard]] bool is(std::string_view prefixes) const noexcept {
    return prefixes.find(prefix) != std::string_view::npos;
  }
};

bool ends_span(const TagParts& last, const TagParts& next) noexcept {
  if (last.is("ES")) return true;
  if (last.is("BI") && next.is("BSO")) return true;
  return !last.is("O.") && last.type != next.type;
}

bool begins_span(const TagParts& last, const TagParts& next) noexcept {
  if (next.is("BS")) return true;
  if (last.is("ESO") && next.is("EI")) return true;
  return !next.is("O.") && last.type != next.type;
}

TaggedSpans spans_of_sentence(const Tags& tags) {
  const TagParts outside("O");
  TagParts last = outside;
  TaggedSpans spans;
  Index begin = 0;
  for (std::size_t i = 0; i <= tags.size(); ++i) {
    if (i < tags.size() && tags[i].empty()) {
      fail(ErrorKind::config_error, {.where = "metrics",
                                     .what = "tag of word " + std::to_string(i),
                                     .expected = "a tag, such as O",
                                     .found = "nothing"});
    }
    const auto at = static_cast<Index>(i);
    const TagParts next = i < tags.size() ? TagParts(tags[i]) : outside;
    if (ends_span(last, next)) spans.push_back({std::string(last.type), begin, at});
    if (begins_span(last, next)) begin = at;
    last = next;
  }
  return spans;
}

}  // namespace

double accuracy(std::span<const std::string> gold, std::span<const std::string> predicted) {
  return score_classes(gold, predicted).micro.recall;
}

ClassScores score_classes(std::span<const std::string> gold,
                          std::span<const std::string> predicted) {
  check_item_counts(gold.size(), predicted.size());
  std::map<std::string, Counts> counts;
  for (std::size_t i = 0; i < gold.size(); ++i) {
    ++counts[gold[i]].gold;
    ++counts[predicted[i]].predicted;
    if (gold[i] == predicted[i]) ++counts[gold[i]].right;
  }
  return scores_of(counts);
}

std::vector<TaggedSpans> spans_of_tags(std::span<const Tags> sentences) {
  std::vector<TaggedSpans> out;
  out.reserve(sentences.size());
  for (const Tags& tags : sentences) out.push_back(spans_of_sentence(tags));
  return out;
}

ClassScores score_spans(std::span<const TaggedSpans> gold, std::span<const TaggedSpans> predicted) {
  check_item_counts(gold.size(), predicted.size());
  std::map<std::string, Counts> counts;
  for (std::size_t i = 0; i < gold.size(); ++i) {
    const std::set<LabelledSpan> right(gold[i].begin(), gold[i].end());
    const std::set<LabelledSpan> guesses(predicted[i].begin(), predicted[i].end());
    for (const LabelledSpan& span : right) ++counts[span.label].gold;
    for (const LabelledSpan& span : guesses) {
      Counts& of_class = counts[span.label];
      ++of_class.predicted;
      if (right.contains(span)) ++of_class.right;
    }
  }
  return scores_of(counts);
}

}  // namespace attend
