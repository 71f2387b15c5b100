// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Metrics against what Python gives for the same items (metrics_cases.json says how it was made).
#include "attend/task/metrics.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/error_of.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend {
namespace {

using test::expect_error;
using test::Json;

// Sums in another order: a few units in the last place of a double.
constexpr double tolerance = 1e-12;

const Json& cases(const char* name) {
  static const Json all =
      test::read_json_file(test::tests_folder() / "task" / "metrics_cases.json");
  return all.at(name);
}

void expect_score(const Json& expected, const PrecisionRecall& found, Index support) {
  EXPECT_NEAR(found.precision, expected[0].get<double>(), tolerance);
  EXPECT_NEAR(found.recall, expected[1].get<double>(), tolerance);
  EXPECT_NEAR(found.f1, expected[2].get<double>(), tolerance);
  EXPECT_EQ(support, expected[3].get<Index>());
}

void expect_scores(const Json& expected, const ClassScores& found) {
  expect_score(expected["micro"], found.micro, found.support);
  expect_score(expected["macro"], found.macro, found.support);
  expect_score(expected["weighted"], found.weighted, found.support);
  ASSERT_EQ(found.classes.size(), expected["classes"].size());
  std::size_t at = 0;
  for (const auto& [label, score] : expected["classes"].items()) {  // sorted, too
    EXPECT_EQ(found.classes[at].label, label);
    expect_score(score, found.classes[at].score, found.classes[at].support);
    ++at;
  }
}

TEST(ClassMetrics, AreThoseOfScikitLearn) {
  for (const Json& one : cases("classes")) {
    SCOPED_TRACE(one["gold"].dump());
    const auto gold = one["gold"].get<std::vector<std::string>>();
    const auto predicted = one["predicted"].get<std::vector<std::string>>();
    EXPECT_NEAR(accuracy(gold, predicted), one["accuracy"].get<double>(), tolerance);
    expect_scores(one, score_classes(gold, predicted));
  }
}

TEST(ClassMetrics, WantAsManyPredictionsAsRightAnswers) {
  const std::vector<std::string> one = {"a"};
  const std::vector<std::string> two = {"a", "b"};
  expect_error(ErrorKind::config_error, {"metrics", "2 and 1"}, [&] { return accuracy(one, two); });
  expect_error(ErrorKind::config_error, {"0 and 0"}, [&] { return score_classes({}, {}); });
}

TEST(SpanMetrics, AreThoseOfSeqeval) {
  for (const Json& one : cases("spans")) {
    SCOPED_TRACE(one["gold"].dump());
    const auto gold = spans_of_tags(one["gold"].get<std::vector<Tags>>());
    const auto predicted = spans_of_tags(one["predicted"].get<std::vector<Tags>>());
    ASSERT_EQ(gold.size(), one["spans"].size());
    for (std::size_t i = 0; i < gold.size(); ++i) {
      Json found = Json::array();
      for (const LabelledSpan& span : gold[i]) {
        found.push_back(Json::array({span.label, span.begin, span.end}));
      }
      EXPECT_EQ(found, one["spans"][i]) << one["gold"][i].dump();
    }
    expect_scores(one, score_spans(gold, predicted));
  }
}

TEST(SpanMetrics, AtTheEdge) {
  const auto spans = [](Tags tags) { return spans_of_tags(std::vector<Tags>{tags}).front(); };
  EXPECT_TRUE(spans({}).empty());
  EXPECT_TRUE(spans({"O", "O"}).empty());
  // No prefix: the first character is taken for one.
  EXPECT_EQ(spans({"person"}), (TaggedSpans{{"erson", 0, 1}}));
  EXPECT_EQ(spans({"B-"}), (TaggedSpans{{"_", 0, 1}}));
  EXPECT_EQ(spans({"\u00C9-PER"}), (TaggedSpans{{"PER", 0, 1}}));
  expect_error(ErrorKind::config_error, {"tag of word 1"}, [&] { return spans({"O", ""}); });
  // Nothing found and nothing to find.
  const std::vector<TaggedSpans> none(2);
  EXPECT_EQ(score_spans(none, none).micro.f1, 0);
  EXPECT_TRUE(score_spans(none, none).classes.empty());
  expect_error(ErrorKind::config_error, {"items"}, [&] { return score_spans(none, {}); });
}

TEST(AnswerMetrics, NormalizeAsSquadDoes) {
  for (const Json& one : cases("normalize")) {
    EXPECT_EQ(normalize_answer(one["text"].get<std::string>()), one["normal"]) << one.dump();
  }
  expect_error(ErrorKind::invalid_utf8, {"normalize_answer"},
               [] { return normalize_answer("a\xFF"); });
}

TEST(AnswerMetrics, AreThoseOfSquad) {
  AnswerScore sum;
  std::vector<std::string> guesses;
  std::vector<std::vector<std::string>> golds;
  for (const Json& one : cases("answers")) {
    SCOPED_TRACE(one.dump());
    guesses.push_back(one["predicted"]);
    golds.push_back(one["gold"].get<std::vector<std::string>>());
    if (one.contains("v1")) {
      const AnswerScore v1 = score_answer(guesses.back(), golds.back(), SquadVersion::v1);
      EXPECT_EQ(v1.exact, one["v1"][0]);
      EXPECT_NEAR(v1.f1, one["v1"][1].get<double>(), tolerance);
    } else {
      expect_error(ErrorKind::config_error, {"right answers"},
                   [&] { return score_answer("a", golds.back(), SquadVersion::v1); });
    }
    const AnswerScore v2 = score_answer(guesses.back(), golds.back(), SquadVersion::v2);
    EXPECT_EQ(v2.exact, one["v2"][0]);
    EXPECT_NEAR(v2.f1, one["v2"][1].get<double>(), tolerance);
    sum.exact += v2.exact;
    sum.f1 += v2.f1;
  }
  const AnswerScores all = score_answers(guesses, golds, SquadVersion::v2);
  const auto items = static_cast<double>(guesses.size());
  EXPECT_NEAR(all.all.score.exact, sum.exact / items, tolerance);
  EXPECT_NEAR(all.all.score.f1, sum.f1 / items, tolerance);
  EXPECT_GT(all.no_answer.items, 0);
  EXPECT_EQ(all.no_answer.items + all.has_answer.items, all.all.items);
  EXPECT_NEAR(all.no_answer.score.f1 * static_cast<double>(all.no_answer.items) +
                  all.has_answer.score.f1 * static_cast<double>(all.has_answer.items),
              sum.f1, 1e-9);
}

TEST(Correlation, IsThatOfScipy) {
  for (const Json& one : cases("correlation")) {
    SCOPED_TRACE(one.dump());
    const auto a = one["a"].get<std::vector<double>>();
    const auto b = one["b"].get<std::vector<double>>();
    const auto rank = spearman_correlation(a, b);
    const auto linear = pearson_correlation(a, b);
    ASSERT_TRUE(rank && linear);
    EXPECT_NEAR(*rank, one["spearman"].get<double>(), tolerance);
    EXPECT_NEAR(*linear, one["pearson"].get<double>(), 1e-9);
  }
}

TEST(Correlation, AtTheEdge) {
  const std::vector<double> rising = {1, 2, 3};
  const std::vector<double> flat = {2, 2, 2};
  const std::vector<double> broken = {1, std::numeric_limits<double>::quiet_NaN(), 3};
  EXPECT_FALSE(spearman_correlation(rising, flat));
  EXPECT_FALSE(pearson_correlation(flat, rising));
  EXPECT_FALSE(pearson_correlation({}, {}));
  EXPECT_DOUBLE_EQ(spearman_correlation(rising, rising).value(), 1);
  expect_error(ErrorKind::config_error, {"3 and 0"}, [&] { return pearson_correlation(flat, {}); });
  expect_error(ErrorKind::config_error, {"finite"},
               [&] { return spearman_correlation(broken, rising); });
}

TEST(ReciprocalRank, IsOfTheFirstRelevantOne) {
  EXPECT_EQ(reciprocal_rank({true, true}), 1);
  EXPECT_EQ(reciprocal_rank({false, false, false, true}), 0.25);
  EXPECT_EQ(reciprocal_rank({false, false, true}, 2), 0);
  EXPECT_EQ(reciprocal_rank({false, false, true}, 3), 1.0 / 3);
  EXPECT_EQ(reciprocal_rank({}), 0);
  EXPECT_EQ(reciprocal_rank({true}, -1), 0);
}

}  // namespace
}  // namespace attend
