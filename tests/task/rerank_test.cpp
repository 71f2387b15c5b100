// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reranking: activations and order by hand, then the golden cross-encoder.
#include "attend/task/rerank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "task/cases.h"
#include "task/rerank_scores.h"

namespace attend {
namespace {

using test::Json;

ScoreActivation activation_of(std::string path, std::size_t classes) {
  ModelConfig config;
  config.cross_encoder_activation = std::move(path);
  config.labels.resize(classes);
  return default_activation(config);
}

TEST(RerankScores, TakesTheActivationOfTheConfig) {
  EXPECT_EQ(activation_of("", 1), ScoreActivation::sigmoid);
  EXPECT_EQ(activation_of("", 3), ScoreActivation::identity);
  EXPECT_EQ(activation_of("torch.nn.modules.linear.Identity", 1), ScoreActivation::identity);
  EXPECT_EQ(activation_of("torch.nn.modules.activation.Sigmoid", 3), ScoreActivation::sigmoid);
  EXPECT_EQ(activation_of("my.code.Identity", 1), ScoreActivation::sigmoid);
  test::expect_error(ErrorKind::unsupported, {},
                     [] { return activation_of("torch.nn.modules.activation.Tanh", 1); });
}

TEST(RerankScores, AppliesActivationThenSoftmax) {
  EXPECT_EQ(pair_scores({2, 3}, ScoreActivation::identity, {}), (std::vector<float>{2, 3}));
  EXPECT_NEAR(pair_scores({2}, ScoreActivation::sigmoid, {})[0], 1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_EQ(pair_scores({2}, ScoreActivation::sigmoid, {.activation = ScoreActivation::identity}),
            (std::vector<float>{2}));
  EXPECT_NEAR(pair_scores({1, 3}, ScoreActivation::identity, {.apply_softmax = true})[1],
              1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_EQ(pair_scores({5}, ScoreActivation::identity, {.apply_softmax = true}),
            (std::vector<float>{1}));
}

TEST(RerankScores, RanksByScoreAndKeepsTheOrderOfTies) {
  const auto order = [](std::vector<float> scores, std::optional<Index> top_k) {
    std::vector<Index> indices;
    for (const RankedDocument& document : ranked(scores, top_k)) indices.push_back(document.index);
    return indices;
  };
  EXPECT_EQ(order({1, 3, 2, 3}, {}), (std::vector<Index>{1, 3, 2, 0}));
  EXPECT_EQ(order({1, 3, 2, 3}, 2), (std::vector<Index>{1, 3}));
  EXPECT_EQ(order({1, 3}, 9), (std::vector<Index>{1, 0}));
  EXPECT_TRUE(order({1}, 0).empty());
  EXPECT_TRUE(order({}, {}).empty());
}

class RerankGolden : public testing::Test {
 protected:
  const std::filesystem::path folder_ = test::golden("bert-sequence-classification-reranker");
  const Rerank rerank_ = Rerank::load(folder_);
};

TEST_F(RerankGolden, PredictsAsTheGoldens) {
  const auto cases = test::cases(folder_, "call", "cross-encoder");
  EXPECT_FALSE(cases.empty());
  for (const Json& one : cases) {
    SCOPED_TRACE(one.at("id").get<std::string>());
    RerankOptions options;
    if (one.at("parameters").contains("activation_fn")) {
      ASSERT_EQ(one.at("parameters").at("activation_fn"), "Identity");
      options.activation = ScoreActivation::identity;
    }
    std::vector<TextInput> pairs;
    std::vector<std::string_view> documents;
    for (const Json& pair : one.at("inputs").at("pairs")) {
      pairs.emplace_back(pair[0].get_ref<const std::string&>(),
                         pair[1].get_ref<const std::string&>());
      documents.push_back(*pairs.back().pair);
    }
    const auto scores = rerank_.predict(pairs, options);
    const auto expected = one.at("expected").get<std::vector<double>>();
    ASSERT_EQ(scores.size(), expected.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(scores[i].at(0)), expected[i], test::golden_tolerance);
      EXPECT_EQ(rerank_.predict(pairs[i], options), scores[i]);  // alone as together
    }
    const auto best = rerank_.rank(pairs[0].text, documents, options);
    ASSERT_EQ(best.size(), documents.size());
    EXPECT_EQ(best.front().index,
              std::max_element(expected.begin(), expected.end()) - expected.begin());
    EXPECT_TRUE(std::is_sorted(best.begin(), best.end(),
                               [](const auto& a, const auto& b) { return a.score > b.score; }));
  }
}

TEST_F(RerankGolden, CutsPairsThatAreTooLong) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "the school ";
  EXPECT_EQ(rerank_.predict({text, "who"}).size(), 1U);
  EXPECT_NE(rerank_.predict({text, "who"}), rerank_.predict({text, "who"}, {.max_length = 10}));
}

TEST_F(RerankGolden, KeepsABadItemFromTheOthers) {
  const std::vector<TextInput> pairs{{"a", "b"}, "alone", {"a", "\xff"}, {"c", "d"}};
  const auto outcomes = rerank_.each(pairs);
  EXPECT_TRUE(outcomes[0].ok());
  EXPECT_EQ(outcomes[1].error().kind(), ErrorKind::config_error);
  EXPECT_EQ(outcomes[2].error().kind(), ErrorKind::invalid_utf8);
  EXPECT_TRUE(outcomes[3].ok());
  test::expect_error(ErrorKind::config_error, {}, [&] { return rerank_.predict(pairs); });
}

TEST_F(RerankGolden, RanksNothingAndTheBestOnly) {
  EXPECT_TRUE(rerank_.rank("query", {}).empty());
  const std::vector<std::string_view> documents{"a school", "the students", "no"};
  EXPECT_EQ(rerank_.rank("query", documents, {.top_k = 1}).size(), 1U);
  test::expect_error(ErrorKind::config_error, {},
                     [&] { return rerank_.rank("query", documents, {.top_k = -1}); });
}

TEST(Rerank, RanksWithOneClassOnly) {
  const auto many = Rerank::load(test::golden("bert-sequence-classification"));
  const std::vector<std::string_view> documents{"a"};
  test::expect_error(ErrorKind::config_error, {}, [&] { return many.rank("query", documents); });
  EXPECT_GT(many.predict({"a", "b"}).size(), 1U);
}

}  // namespace
}  // namespace attend
