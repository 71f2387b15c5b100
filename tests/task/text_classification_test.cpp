// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Text classification: what happens to logits, the goldens, and calls on many items.
#include "attend/task/text_classification.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>

#include "support/edited_model.h"
#include "support/paths.h"
#include "task/cases.h"
#include "task/label_scores.h"

namespace attend {
namespace {

using test::Json;

ModelConfig config_with(std::vector<std::string> labels, std::string problem_type = "") {
  ModelConfig config;
  config.labels = std::move(labels);
  config.problem_type = std::move(problem_type);
  return config;
}

std::vector<LabelScore> scores_of(std::vector<float> logits, const ModelConfig& config,
                                  const TextClassificationOptions& options = {}) {
  return label_scores(logits, config, options);
}

std::vector<std::string> labels_of(const std::vector<LabelScore>& scores) {
  std::vector<std::string> labels;
  for (const LabelScore& score : scores) labels.push_back(score.label);
  return labels;
}

using Labels = std::vector<std::string>;

TEST(LabelScores, ChoosesTheFunctionAsTheReferenceDoes) {
  EXPECT_EQ(default_score_function(config_with({"a", "b"})), ScoreFunction::softmax);
  EXPECT_EQ(default_score_function(config_with({"a"})), ScoreFunction::sigmoid);
  EXPECT_EQ(default_score_function(config_with({"a"}, "regression")), ScoreFunction::none);
  EXPECT_EQ(default_score_function(config_with({"a", "b"}, "regression")), ScoreFunction::none);
  EXPECT_EQ(default_score_function(config_with({"a", "b"}, "multi_label_classification")),
            ScoreFunction::sigmoid);
  EXPECT_EQ(default_score_function(config_with({"a"}, "single_label_classification")),
            ScoreFunction::sigmoid);
}

TEST(LabelScores, AppliesTheFunctions) {
  const ModelConfig config = config_with({"a", "b"});
  const auto scores = [&](ScoreFunction function) {
    return scores_of({1, 3}, config, {.top_k = all_labels, .function_to_apply = function});
  };
  EXPECT_NEAR(scores(ScoreFunction::softmax)[0].score, 1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_NEAR(scores(ScoreFunction::sigmoid)[0].score, 1 / (1 + std::exp(-3.0)), 1e-6);
  EXPECT_EQ(scores(ScoreFunction::none)[0].score, 3);
}

TEST(LabelScores, SortsAndCutsAsAPythonSliceDoes) {
  const ModelConfig config = config_with({"a", "b", "c", "d"});
  const auto labels = [&](std::optional<Index> top_k) {
    return labels_of(scores_of({1, 2, 2, 0}, config, {.top_k = top_k}));
  };
  EXPECT_EQ(labels(std::nullopt), (Labels{"b"}));  // the first one on ties
  EXPECT_EQ(labels(1), (Labels{"b"}));
  EXPECT_EQ(labels(3), (Labels{"b", "c", "a"}));
  EXPECT_EQ(labels(all_labels), (Labels{"b", "c", "a", "d"}));
  EXPECT_EQ(labels(0), Labels{});
  EXPECT_EQ(labels(-1), (Labels{"b", "c", "a"}));
  EXPECT_EQ(labels(-9), Labels{});
}

TEST(LabelScores, LeavesAllScoresUnsortedUnlessTopKIsGiven) {
  ModelConfig config = config_with({"a", "b", "c"});
  const std::vector<float> logits{1, 3, 2};
  EXPECT_EQ(labels_of(scores_of(logits, config, {.return_all_scores = true})),
            (Labels{"a", "b", "c"}));
  EXPECT_EQ(labels_of(scores_of(logits, config, {.top_k = 2, .return_all_scores = true})),
            (Labels{"b", "c"}));
  config.return_all_scores = true;
  EXPECT_EQ(labels_of(scores_of(logits, config)), (Labels{"a", "b", "c"}));
  EXPECT_EQ(labels_of(scores_of(logits, config, {.return_all_scores = false})), (Labels{"b"}));
}

TextClassificationOptions options_of(const Json& parameters, RunOptions& run) {
  TextClassificationOptions options;
  for (const auto& [name, value] : parameters.items()) {
    if (name == "top_k") {
      options.top_k = value.is_null() ? all_labels : value.get<Index>();
    } else if (name == "function_to_apply") {
      const std::string function = value;
      options.function_to_apply = function == "sigmoid"   ? ScoreFunction::sigmoid
                                  : function == "softmax" ? ScoreFunction::softmax
                                                          : ScoreFunction::none;
    } else if (name == "return_all_scores") {
      options.return_all_scores = value.get<bool>();
    } else if (name == "truncation") {
      options.tokenize.truncation = TruncationStrategy::longest_first;
    } else if (name == "max_length") {
      options.tokenize.max_length = value.get<Index>();
    } else if (name == "batch_size") {
      run.batch_size = value.get<Index>();
    } else {
      ADD_FAILURE() << "unknown parameter " << name;
    }
  }
  return options;
}

/// One list of labels an item, however the reference nests them.
std::vector<Json> expected_items(const Json& one) {
  const Json& expected = one.at("expected");
  if (!one.at("inputs").is_array()) {
    if (expected.is_object()) return {Json::array({expected})};
    return {expected.at(0).is_array() ? expected.at(0) : expected};
  }
  std::vector<Json> items;
  for (const Json& item : expected) {
    items.push_back(item.is_array() ? item : Json::array({item}));
  }
  return items;
}

void expect_case(const TextClassification& classify, const Json& one, double tolerance) {
  SCOPED_TRACE(one.at("id").get<std::string>());
  RunOptions run;
  const TextClassificationOptions options = options_of(one.at("parameters"), run);
  const std::vector<TextInput> texts = test::inputs(one.at("inputs"));
  const auto results = classify(texts, options, run);
  const std::vector<Json> expected = expected_items(one);
  ASSERT_EQ(results.size(), expected.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    ASSERT_EQ(results[i].size(), expected[i].size());
    for (std::size_t k = 0; k < results[i].size(); ++k) {
      EXPECT_EQ(results[i][k].label, expected[i][k].at("label").get<std::string>());
      EXPECT_NEAR(static_cast<double>(results[i][k].score),
                  expected[i][k].at("score").get<double>(), tolerance);
    }
  }
}

TEST(TextClassification, AnswersAsTheGoldens) {
  for (const char* folder :
       {"bert-sequence-classification", "bert-sequence-classification-regression",
        "bert-sequence-classification-reranker", "distilbert-sequence-classification"}) {
    SCOPED_TRACE(folder);
    const auto classify = TextClassification::load(test::golden(folder));
    const auto cases = test::cases(test::golden(folder), "task", "text-classification");
    EXPECT_FALSE(cases.empty());
    for (const Json& one : cases) expect_case(classify, one, test::golden_tolerance);
  }
}

TEST(TextClassification, AnswersAsTheBundledModelsCases) {
  const auto classify = TextClassification::load(test::bundled("sentiment"));
  for (const Json& one : test::bundled_cases("sentiment")) {
    expect_case(classify, one, test::bundled_tolerance);
  }
}

class TextClassificationCall : public testing::Test {
 protected:
  const TextClassification classify_ =
      TextClassification::load(test::golden("bert-sequence-classification"));
};

TEST_F(TextClassificationCall, DoesNotDependOnTheBatch) {
  std::vector<std::string> texts;
  for (int i = 0; i < 40; ++i) {
    texts.push_back(i % 5 == 0 ? "" : texts.back() + " the school " + std::to_string(i));
  }
  const std::vector<TextInput> inputs(texts.begin(), texts.end());
  const TextClassificationOptions options{
      .top_k = all_labels, .tokenize = {.truncation = TruncationStrategy::longest_first}};
  const auto together = classify_(inputs, options, {.batch_size = 16});
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto alone = classify_(inputs[i], options);
    ASSERT_EQ(alone.size(), together[i].size());
    for (std::size_t k = 0; k < alone.size(); ++k) {
      EXPECT_EQ(alone[k].label, together[i][k].label);
      EXPECT_EQ(alone[k].score, together[i][k].score);  // bit for bit
    }
  }
}

TEST_F(TextClassificationCall, AcceptsNoTexts) {
  EXPECT_TRUE(classify_(std::span<const TextInput>{}).empty());
}

TEST_F(TextClassificationCall, NamesTokensLimitAndOptionOfATextThatIsTooLong) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "a ";
  const Index limit = classify_.task_model().model->config().max_positions;
  test::expect_error(ErrorKind::input_too_long, {"302", std::to_string(limit), "truncation"},
                     [&] { return classify_(text); });
}

TEST_F(TextClassificationCall, CutsFromTheSideThatIsAskedFor) {
  const TextClassificationOptions all{.top_k = all_labels};
  TextClassificationOptions cut = all;
  cut.tokenize.max_length = 4;  // and two of them are [CLS] and [SEP]
  const auto expect_same = [&](std::string_view text, std::string_view same_as) {
    const auto a = classify_(text, cut);
    const auto b = classify_(same_as, all);
    EXPECT_EQ(a.front().label, b.front().label);
    EXPECT_EQ(a.front().score, b.front().score);
  };
  cut.tokenize.truncation_side = Side::right;
  expect_same("a b c d e", "a b");
  cut.tokenize.truncation_side = Side::left;
  expect_same("a b c d e", "d e");
  cut.tokenize.max_length = 0;
  test::expect_error(ErrorKind::config_error, {}, [&] { return classify_("a", cut); });
}

TEST_F(TextClassificationCall, KeepsABadItemFromTheOthers) {
  std::string long_text;
  for (int i = 0; i < 300; ++i) long_text += "a ";
  const std::vector<TextInput> inputs{"good", "\xff", long_text, {"text", "pair"}};
  const auto outcomes = classify_.each(inputs);
  ASSERT_EQ(outcomes.size(), 4U);
  EXPECT_TRUE(outcomes[0].ok());
  EXPECT_EQ(outcomes[1].error().kind(), ErrorKind::invalid_utf8);
  EXPECT_EQ(outcomes[2].error().kind(), ErrorKind::input_too_long);
  EXPECT_TRUE(outcomes[3].ok());
  test::expect_error(ErrorKind::invalid_utf8, {}, [&] { return classify_(inputs); });
}

TEST_F(TextClassificationCall, ReportsProgressAndStops) {
  const std::vector<TextInput> inputs(20, TextInput("the school"));
  std::stop_source stop;
  Index last = 0;
  RunOptions run{.batch_size = 4, .progress = [&](Index done, Index total) {
                   EXPECT_EQ(total, 20);
                   last = done;
                 }};
  run.stop = stop.get_token();
  EXPECT_EQ(classify_.each(inputs, {}, run).size(), 20U);
  EXPECT_EQ(last, 20);
  stop.request_stop();
  test::expect_error(ErrorKind::cancelled, {}, [&] { return classify_.each(inputs, {}, run); });
}

TEST(TaskModel, RefusesATokenizerWithMoreIdsThanEmbeddings) {
  // 30,522 ids in front of 300 embeddings.
  TaskModel model = TaskModel::load(test::golden("bert-sequence-classification"),
                                    HeadKind::sequence_classification);
  model.tokenizer = std::make_shared<const Tokenizer>(Tokenizer::load(test::bundled("sentiment")));
  test::expect_error(ErrorKind::tokenizer_error, {}, [&] { return TextClassification{model}; });
}

TEST(TaskModel, PassesTheOptionsOfLoadingOn) {
  constexpr auto head = HeadKind::sequence_classification;
  test::EditedModel stored(test::golden("bert-sequence-classification"));
  auto values = stored.tensors.at("classifier.bias").values();
  values.front() = NAN;
  stored.tensors.at("classifier.bias").set_values(values);
  const auto& folder = stored.save();
  for (const char* file : {"tokenizer.json", "tokenizer_config.json"}) {
    std::filesystem::copy_file(test::golden("bert-sequence-classification") / file, folder / file,
                               std::filesystem::copy_options::overwrite_existing);
  }
  // The head of the task goes before that of the options.
  const ModelOptions options{.head = HeadKind::none, .load_mode = LoadMode::read};
  EXPECT_EQ(TaskModel::load(folder, head, options).model->head(), head);
  test::expect_error(ErrorKind::weight_value, {"classifier.bias"},
                     [&] { return TaskModel::load(folder, head, {.check_finite = true}); });
}

TEST(TaskModel, RefusesAnotherHeadAndMissingParts) {
  const TaskModel model = TaskModel::load(test::golden("bert-sequence-classification"),
                                          HeadKind::sequence_classification);
  test::expect_error(ErrorKind::config_error, {},
                     [&] { return model.check(HeadKind::masked_lm, "test"); });
  test::expect_error(ErrorKind::config_error, {}, [&] { return TextClassification{TaskModel{}}; });
  test::expect_error(ErrorKind::config_error, {}, [&] {
    return TextClassification{TaskModel{model.tokenizer, nullptr}};
  });
}

TEST(TextClassificationModel, GivesNoTypeIdsWhereTheTokenizerClassHasNone) {
  const auto source = test::tests_folder() / "golden/bert-sequence-classification";
  const test::TemporaryFolder folder;
  std::filesystem::copy(source, folder.path());
  std::string config = test::read_file(source / "tokenizer_config.json");
  const std::string_view bert = "BertTokenizer";
  config.replace(config.find(bert), bert.size(), "DistilBertTokenizer");
  test::write_file(folder.path() / "tokenizer_config.json", config);

  const TaskModel plain = TaskModel::load(source, HeadKind::sequence_classification);
  const TextInput pair("he was there", "she was not");
  Encoding encoding = plain.tokenizer->encode_pair(pair.text, *pair.pair);
  std::fill(encoding.type_ids.begin(), encoding.type_ids.end(), 0);
  Workspace workspace;
  const Workspace::Scope scope(workspace);
  const auto logits = plain.model->logits(make_batch(std::span(&encoding, 1)), workspace);

  const TextClassificationOptions options{.top_k = all_labels,
                                          .function_to_apply = ScoreFunction::none};
  const auto found = TextClassification::load(folder.path())(pair, options);
  const auto labels = plain.model->config().labels;
  for (const LabelScore& score : found) {
    const auto at = std::find(labels.begin(), labels.end(), score.label) - labels.begin();
    EXPECT_EQ(score.score, logits(0, at)) << score.label;
  }
  EXPECT_NE(found.front().score, TextClassification(plain)(pair, options).front().score);
}

}  // namespace
}  // namespace attend
