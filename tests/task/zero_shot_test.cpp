// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Zero-shot classification: labels, templates, classes and order by hand, then the bundled model.
#include "attend/task/zero_shot.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "support/cost.h"
#include "support/sanitized.h"
#include "task/cases.h"
#include "task/zero_shot_scores.h"

namespace attend {
namespace {

using test::Json;
using Strings = std::vector<std::string>;

TEST(SplitLabels, TrimsAndDropsEmptyOnes) {
  EXPECT_EQ(split_labels("politics, sport ,\t cooking"), (Strings{"politics", "sport", "cooking"}));
  EXPECT_EQ(split_labels(" , ,"), Strings{});
  EXPECT_EQ(split_labels(""), Strings{});
  EXPECT_EQ(split_labels("one label"), (Strings{"one label"}));
  EXPECT_EQ(split_labels("\u00A0Käse\u3000,\u2003b"), (Strings{"Käse", "b"}));  // as str.strip()
}

TEST(FormatHypothesis, FollowsPythonsFormatStrings) {
  EXPECT_EQ(format_hypothesis("This example is {}.", "sport"), "This example is sport.");
  EXPECT_EQ(format_hypothesis("{0} and {0}", "x"), "x and x");
  EXPECT_EQ(format_hypothesis("{{{}}} {{}}", "x"), "{x} {}");
  EXPECT_EQ(format_hypothesis("{}", "{}"), "{}");  // labels are not formatted again
  EXPECT_EQ(format_hypothesis("no field", "x"), "no field");
}

TEST(FormatHypothesis, IsWhatPythonMakesOfEveryRecordedTemplate) {
  const Json all = test::read_json_file(test::tests_folder() / "task" / "format_cases.json");
  const auto labels = all["labels"].get<Strings>();
  for (const Json& one : all["cases"]) {
    const auto form = one["template"].get<std::string>();
    SCOPED_TRACE(form);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const Json expected = one["formatted"].is_null() ? Json() : one["formatted"][i];
      if (expected.is_null()) {
        test::expect_error(ErrorKind::config_error, {"hypothesis_template"},
                           [&] { return format_hypothesis(form, labels[i]); });
      } else {
        EXPECT_EQ(format_hypothesis(form, labels[i]), expected.get<std::string>());
      }
    }
  }
}

TEST(FormatHypothesis, IsNoLongerThanWhatTheTextsCallFor) {
  EXPECT_EQ(format_hypothesis("{:1000000}", "x").size(), 1'000'000U);
  for (const char* big : {"{:2000000}", "{0:700000}{0:700000}", "{:9000000000000000000}"}) {
    SCOPED_TRACE(big);
    test::expect_error(ErrorKind::resource_limit, {"hypothesis_template"},
                       [&] { return format_hypothesis(big, "x"); });
  }
  const std::string label(3'000'000, 'x');
  EXPECT_EQ(format_hypothesis("{}", label), label);
  test::expect_error(ErrorKind::config_error, {"attribute"},
                     [] { return format_hypothesis("{0.upper}", "x"); });
}

TEST(MakeHypotheses, NeedsALabelAndATemplateThatUsesIt) {
  EXPECT_EQ(make_hypotheses({.candidate_labels = {"a", ""}}),
            (Strings{"This example is a.", "This example is ."}));
  test::expect_error(ErrorKind::config_error, {}, [] { return make_hypotheses({}); });
  test::expect_error(ErrorKind::config_error, {}, [] {
    return make_hypotheses({.candidate_labels = {"a"}, .hypothesis_template = "nothing"});
  });
  // A template of a few bytes, and as many labels as a request holds.
  test::expect_error(ErrorKind::resource_limit, {"hypotheses"}, [] {
    return make_hypotheses(
        {.candidate_labels = Strings(1000, "a"), .hypothesis_template = "{:1000000}"});
  });
}

InferenceClasses classes_of(std::vector<std::pair<std::string, Index>> label_ids,
                            std::size_t count = 3) {
  ModelConfig config;
  config.labels.resize(count);
  config.label_ids = std::move(label_ids);
  return inference_classes(config);
}

TEST(InferenceClasses, AreFoundAsTheReferenceFindsThem) {
  InferenceClasses found = classes_of({{"contradiction", 0}, {"neutral", 1}, {"ENTAILMENT", 2}});
  EXPECT_EQ(found.entailment, 2);
  EXPECT_EQ(found.contradiction, 0);
  found = classes_of({{"entailment", 0}, {"not_entailment", 1}}, 2);
  EXPECT_EQ(found.entailment, 0);
  EXPECT_EQ(found.contradiction, 1);
  found = classes_of({{"x", 0}, {"Entails", 1}, {"entailment", 2}});  // the first in the file
  EXPECT_EQ(found.entailment, 1);
  EXPECT_EQ(found.contradiction, 0);
  found = classes_of({{"LABEL_0", 0}, {"LABEL_1", 1}, {"LABEL_2", 2}});  // no name: the last
  EXPECT_EQ(found.entailment, 2);
  EXPECT_EQ(found.contradiction, 0);
  test::expect_error(ErrorKind::config_error, {}, [] { return classes_of({{"entailment", 3}}); });
}

TEST(ZeroShotResult, SharesOneAmongTheLabelsOrJudgesEachAlone) {
  const std::vector<float> logits{0, 9, 1, 0, 9, 3};  // [2, 3]: contradiction, neutral, entailment
  const MatrixView<const float> view(logits.data(), 2, 3);
  ZeroShotOptions options{.candidate_labels = {"a", "b"}};
  ZeroShotResult result = zero_shot_result("text", view, {2, 0}, options);
  EXPECT_EQ(result.sequence, "text");
  EXPECT_EQ(result.labels, (Strings{"b", "a"}));
  EXPECT_NEAR(result.scores[0], 1 / (1 + std::exp(-2.0)), 1e-6);
  options.multi_label = true;
  result = zero_shot_result("text", view, {2, 0}, options);
  EXPECT_NEAR(result.scores[0], 1 / (1 + std::exp(-3.0)), 1e-6);
  EXPECT_NEAR(result.scores[1], 1 / (1 + std::exp(-1.0)), 1e-6);
  // A single label would always get 1: it is judged alone.
  result = zero_shot_result("text", view.row_range(0, 1), {2, 0}, {.candidate_labels = {"a"}});
  EXPECT_NEAR(result.scores[0], 1 / (1 + std::exp(-1.0)), 1e-6);
}

TEST(ZeroShotResult, HasTiesInReverseOrder) {
  const std::vector<float> logits{0, 1, 0, 2, 0, 1, 0, 1};  // [4, 2]
  const ZeroShotResult result = zero_shot_result("", {logits.data(), 4, 2}, {1, 0},
                                                 {.candidate_labels = {"a", "b", "c", "d"}});
  EXPECT_EQ(result.labels, (Strings{"b", "d", "c", "a"}));
}

class ZeroShot : public testing::Test {
 protected:
  const ZeroShotClassification classify_ = ZeroShotClassification::load(test::bundled("zero-shot"));
  const ZeroShotOptions options_{.candidate_labels = {"politics", "sport", "cooking"}};
};

TEST_F(ZeroShot, AnswersAsTheBundledModelsCases) {
  for (const Json& one : test::bundled_cases("zero-shot")) {
    SCOPED_TRACE(one.at("id").get<std::string>());
    ZeroShotOptions options;
    for (const auto& [name, value] : one.at("parameters").items()) {
      if (name == "candidate_labels") {
        options.candidate_labels =
            value.is_string() ? split_labels(value.get<std::string>()) : value.get<Strings>();
      } else if (name == "hypothesis_template") {
        options.hypothesis_template = value.get<std::string>();
      } else if (name == "multi_label") {
        options.multi_label = value.get<bool>();
      } else {
        ADD_FAILURE() << "unknown parameter " << name;
      }
    }
    const std::string text = one.at("inputs");
    const ZeroShotResult result = classify_(text, options);
    const Json& expected = one.at("expected");
    EXPECT_EQ(result.sequence, expected.at("sequence").get<std::string>());
    EXPECT_EQ(result.labels, expected.at("labels").get<Strings>());
    ASSERT_EQ(result.scores.size(), expected.at("scores").size());
    for (std::size_t i = 0; i < result.scores.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(result.scores[i]), expected.at("scores")[i].get<double>(),
                  test::bundled_tolerance);
    }
  }
}

TEST_F(ZeroShot, DoesNotDependOnTheBatchAndKeepsABadItemFromTheOthers) {
  const std::vector<std::string_view> texts{"The goalkeeper saved a penalty.", "", "\xF5",
                                            "The minister resigned after the vote."};
  Index last = 0;
  const auto outcomes = classify_.each(
      texts, options_, {.batch_size = 4, .progress = [&](Index done, Index) { last = done; }});
  EXPECT_EQ(last, 4);
  EXPECT_EQ(outcomes[1].error().kind(), ErrorKind::config_error);
  EXPECT_EQ(outcomes[2].error().kind(), ErrorKind::invalid_utf8);
  EXPECT_EQ(outcomes[0].value().labels.front(), "sport");
  EXPECT_EQ(outcomes[3].value().labels.front(), "politics");
  for (const std::size_t i : {std::size_t{0}, std::size_t{3}}) {
    EXPECT_EQ(classify_(texts[i], options_).scores, outcomes[i].value().scores);
  }
  EXPECT_TRUE(classify_(std::span<const std::string_view>{}, options_).empty());
  std::stop_source stop;
  stop.request_stop();
  RunOptions stopped;
  stopped.stop = stop.get_token();
  test::expect_error(ErrorKind::cancelled, {},
                     [&] { return classify_.each(texts, options_, stopped); });
}

TEST_F(ZeroShot, CutsTheTextAndNeverTheHypothesis) {
  std::string text = "The goalkeeper saved a penalty in the last minute of the match. ";
  for (int i = 0; i < 1000; ++i) text += "a ";
  EXPECT_EQ(classify_(text, options_).labels.front(), "sport");
  // A hypothesis that alone is too long leaves nothing to cut, and then the model refuses.
  ZeroShotOptions long_label = options_;
  long_label.candidate_labels[1] = text;
  test::expect_error(ErrorKind::input_too_long, {}, [&] { return classify_("short", long_label); });
}

TEST_F(ZeroShot, ATextThatFailedCostsNoMoreLabels) {
  ZeroShotOptions options;
  std::string too_long;
  for (int i = 0; i < 600; ++i) too_long += "house ";
  options.candidate_labels.push_back(too_long);
  for (int i = 0; i < 3000; ++i) options.candidate_labels.push_back("label " + std::to_string(i));
  const std::vector<std::string_view> texts{"", "a text", "\xF5"};
  const auto begin = test::work_time();
  const auto outcomes = classify_.each(texts, options);
  EXPECT_LT(test::work_time() - begin, test::time_allowed);
  EXPECT_EQ(outcomes[0].error().kind(), ErrorKind::config_error);
  EXPECT_EQ(outcomes[1].error().kind(), ErrorKind::input_too_long);
  EXPECT_EQ(outcomes[2].error().kind(), ErrorKind::invalid_utf8);
}

TEST_F(ZeroShot, BlamesBrokenOptionsAndNotTheText) {
  const ZeroShotOptions label{.candidate_labels = {"a", "b\xFF"}};
  test::expect_error(ErrorKind::config_error, {"byte 1 of a label", "\\xFF"},
                     [&] { return classify_("text", label); });
  const ZeroShotOptions form{.candidate_labels = {"a"}, .hypothesis_template = "\xC3{}"};
  test::expect_error(ErrorKind::config_error, {"byte 0 of the hypothesis_template"},
                     [&] { return classify_("text", form); });
}

TEST_F(ZeroShot, RefusesNoLabels) {
  test::expect_error(ErrorKind::config_error, {}, [&] { return classify_("text", {}); });
}

}  // namespace
}  // namespace attend
