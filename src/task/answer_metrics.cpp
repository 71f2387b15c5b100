// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Exact match and F1 of answers, by the rules of SQuAD.
#include <algorithm>
#include <iterator>

#include "attend/core/error.h"
#include "attend/task/metrics.h"
#include "attend/text/utf8.h"
#include "task/metrics_input.h"
#include "text/python_text.h"

namespace attend {
namespace {

/// Those of string.punctuation, which are the same as the C locale's.
bool is_ascii_punctuation(char c) noexcept {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

bool is_article(std::string_view word) noexcept {
  return word == "a" || word == "an" || word == "the";
}

/// The text with a blank in the place of each article between characters that are of no word.
std::string without_articles(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size()) {
      const CodePoint c = decode_utf8(text.substr(end));
      if (!is_python_word(c.value)) break;
      end += static_cast<std::size_t>(c.length);
    }
    const std::string_view word = text.substr(0, end);
    out += is_article(word) ? std::string_view(" ") : word;
    text.remove_prefix(end);
    if (text.empty()) break;
    const auto length = static_cast<std::size_t>(decode_utf8(text).length);
    out += text.substr(0, length);
    text.remove_prefix(length);
  }
  return out;
}

double f1_of_words(std::string_view predicted, std::string_view gold, SquadVersion version) {
  std::vector<std::string_view> guess = python_split(predicted);
  std::vector<std::string_view> truth = python_split(gold);
  if (guess.empty() || truth.empty()) {
    return version == SquadVersion::v2 && guess == truth ? 1 : 0;
  }
  std::sort(guess.begin(), guess.end());
  std::sort(truth.begin(), truth.end());
  std::vector<std::string_view> common;
  std::set_intersection(guess.begin(), guess.end(), truth.begin(), truth.end(),
                        std::back_inserter(common));
  return 2 * static_cast<double>(common.size()) / static_cast<double>(guess.size() + truth.size());
}

void add(AnswerMean& mean, const AnswerScore& score) noexcept {
  ++mean.items;
  mean.score.exact += score.exact;
  mean.score.f1 += score.f1;
}

void divide(AnswerMean& mean) noexcept {
  if (mean.items == 0) return;
  mean.score.exact /= static_cast<double>(mean.items);
  mean.score.f1 /= static_cast<double>(mean.items);
}

}  // namespace

std::string normalize_answer(std::string_view answer) {
  check_utf8(answer, "normalize_answer");
  std::string text = python_lower(answer);
  text.erase(std::remove_if(text.begin(), text.end(), is_ascii_punctuation), text.end());
  text = without_articles(text);
  std::string out;
  for (const std::string_view word : python_split(text)) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

AnswerScore score_answer(std::string_view predicted, std::span<const std::string> gold,
                         SquadVersion version) {
  const std::string guess = normalize_answer(predicted);
  std::vector<std::string> truths;
  for (const std::string& answer : gold) {
    truths.push_back(normalize_answer(answer));
    if (version == SquadVersion::v2 && truths.back().empty()) truths.pop_back();
  }
  if (truths.empty()) {
    if (version == SquadVersion::v1) {
      fail(ErrorKind::config_error,
           {.where = "metrics",
            .what = "right answers",
            .expected = "at least one",
            .found = "none",
            .hint = "SQuAD 2 has questions without an answer, SQuAD 1 has not"});
    }
    truths.emplace_back();
  }
  AnswerScore best;
  for (const std::string& truth : truths) {
    if (guess == truth) best.exact = 1;
    best.f1 = std::max(best.f1, f1_of_words(guess, truth, version));
  }
  return best;
}

AnswerScores score_answers(std::span<const std::string> predicted,
                           std::span<const std::vector<std::string>> gold, SquadVersion version) {
  check_item_counts(gold.size(), predicted.size());
  AnswerScores out;
  for (std::size_t i = 0; i < gold.size(); ++i) {
    const AnswerScore score = score_answer(predicted[i], gold[i], version);
    add(out.all, score);
    add(gold[i].empty() ? out.no_answer : out.has_answer, score);
  }
  divide(out.all);
  divide(out.has_answer);
  divide(out.no_answer);
  return out;
}

}  // namespace attend
