// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reranking: activations and order by hand, then the golden cross-encoder.
#include "attend/task/rerank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "task/cases.h"
#include "task/embedding_folder.h"
#include "task/rerank_scores.h"

namespace attend {
namespace {

using test::Json;

Activation activation_of(std::string path, std::size_t classes, std::string_view own = {}) {
  ModelConfig config;
  config.cross_encoder_activation = std::move(path);
  config.labels.resize(classes);
  return default_activation(config, own);
}

TEST(RerankScores, TakesTheActivationOfTheConfig) {
  EXPECT_EQ(activation_of("", 1), Activation::sigmoid);
  EXPECT_EQ(activation_of("", 3), Activation::none);
  EXPECT_EQ(activation_of("torch.nn.modules.linear.Identity", 1), Activation::none);
  EXPECT_EQ(activation_of("torch.nn.modules.activation.Sigmoid", 3), Activation::sigmoid);
  EXPECT_EQ(activation_of("my.code.Identity", 1), Activation::sigmoid);
  EXPECT_EQ(activation_of("torch.nn.modules.activation.Tanh", 1), Activation::tanh);
  test::expect_error(ErrorKind::unsupported, {"Softmax", "(config.json)"},
                     [] { return activation_of("torch.nn.modules.activation.Softmax", 1); });
  // What the folder's own file says goes first, unless it is code.
  const std::string tanh = "torch.nn.modules.activation.Tanh";
  EXPECT_EQ(activation_of(tanh, 1, "torch.nn.modules.linear.Identity"), Activation::none);
  EXPECT_EQ(activation_of(tanh, 1, "my.code.Identity"), Activation::tanh);
  test::expect_error(ErrorKind::unsupported, {"config_sentence_transformers.json"},
                     [&] { return activation_of(tanh, 1, "torch.nn.Mish"); });
}

TEST(RerankScores, AppliesActivationThenSoftmax) {
  EXPECT_EQ(pair_scores({2, 3}, Activation::none, {}), (std::vector<float>{2, 3}));
  EXPECT_NEAR(pair_scores({2}, Activation::sigmoid, {})[0], 1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_EQ(pair_scores({2}, Activation::sigmoid, {.activation = Activation::none}),
            (std::vector<float>{2}));
  EXPECT_NEAR(pair_scores({1, 3}, Activation::none, {.apply_softmax = true})[1],
              1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_EQ(pair_scores({5}, Activation::none, {.apply_softmax = true}), (std::vector<float>{1}));
}

TEST(RerankScores, RanksByScoreAndKeepsTheOrderOfTies) {
  const auto order = [](const std::vector<float>& scores, std::optional<Index> top_k) {
    std::vector<RankedDocument> documents;
    for (const float score : scores) {
      documents.push_back({static_cast<Index>(documents.size()), score});
    }
    keep_best(documents, top_k);
    std::vector<Index> indices;
    for (const RankedDocument& document : documents) indices.push_back(document.index);
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
      options.activation = Activation::none;
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

// ---- folders of newer versions, which have modules

constexpr const char* transformer_alone =
    R"([{"idx": 0, "name": "0", "path": "",
         "type": "sentence_transformers.base.modules.transformer.Transformer"}])";

/// A copy of the golden folder as CrossEncoder.save() of version 5.4 on would leave it.
class SavedCrossEncoder : public test::EmbeddingFolder {
 public:
  SavedCrossEncoder() : EmbeddingFolder("bert-sequence-classification-reranker") {
    write("modules.json", transformer_alone);
    set("config_sentence_transformers.json", "model_type", "CrossEncoder");
  }
  [[nodiscard]] Rerank load() const { return Rerank::load(path()); }
};

TEST(SavedCrossEncoder, HasItsOwnSettings) {
  const Rerank plain = Rerank::load(test::golden("bert-sequence-classification-reranker"));
  const SavedCrossEncoder folder;
  const TextInput pair("Who went to the school?", "the students");
  EXPECT_EQ(folder.load().predict(pair), plain.predict(pair));
  folder.set("config_sentence_transformers.json", "activation_fn",
             "torch.nn.modules.activation.Tanh");
  folder.set("config_sentence_transformers.json", "prompts",
             {{"query", "query: "}, {"x", nullptr}});
  folder.write("sentence_bert_config.json",
               R"({"transformer_task": "sequence-classification", "module_output_name": "scores",
                   "modality_config": {"text": {"method": "forward",
                                                "method_output_name": "logits"}},
                   "max_seq_length": 40})");
  const Rerank saved = folder.load();
  EXPECT_EQ(saved.max_length(), 40);
  EXPECT_EQ(saved.prompts().at("query"), "query: ");
  const RerankOptions logits{.activation = Activation::none};
  EXPECT_EQ(saved.predict(pair)[0], plain.predict(pair, {.activation = Activation::tanh})[0]);
  EXPECT_EQ(saved.predict(pair, logits), plain.predict(pair, logits));
  const std::string question = "query: Who went to the school?";
  const TextInput with_prompt(question, "the students");
  EXPECT_EQ(saved.predict(pair, {.prompt_name = "query"}), saved.predict(with_prompt));
  EXPECT_EQ(saved.predict(pair, {.prompt = "query: "}), saved.predict(with_prompt));
  EXPECT_NE(saved.predict(pair), saved.predict(with_prompt));
  std::string long_text;
  for (int i = 0; i < 50; ++i) long_text += "the school ";
  EXPECT_EQ(saved.predict({long_text, "who"}, logits),
            plain.predict({long_text, "who"}, {.activation = Activation::none, .max_length = 40}));
  test::expect_error(ErrorKind::config_error, {"prompt_name", "nothing", "query"},
                     [&] { return saved.predict(pair, {.prompt_name = "nothing"}); });
  test::expect_error(ErrorKind::config_error, {"prompt_name", "no prompts"},
                     [&] { return plain.predict(pair, {.prompt_name = "query"}); });
  folder.set("config_sentence_transformers.json", "default_prompt_name", "query");
  EXPECT_EQ(folder.load().predict(pair), saved.predict(with_prompt));
}

TEST(SavedCrossEncoder, IsLowerCasedWhereAsked) {
  const SavedCrossEncoder folder;
  test::Json tokenizer = test::read_json_file(folder.path() / "tokenizer.json");
  tokenizer["normalizer"]["lowercase"] = false;
  folder.write("tokenizer.json", tokenizer.dump());
  folder.set("tokenizer_config.json", "do_lower_case", false);
  const TextInput upper("Who went to the SCHOOL?", "The Students");
  const TextInput lower("who went to the school?", "the students");
  EXPECT_NE(folder.load().predict(upper), folder.load().predict(lower));
  folder.write("sentence_bert_config.json", R"({"do_lower_case": true})");
  EXPECT_EQ(folder.load().predict(upper), folder.load().predict(lower));
  const std::vector<TextInput> broken{{"a", "\xff"}, lower};
  const auto outcomes = folder.load().each(broken);
  EXPECT_EQ(outcomes[0].error().kind(), ErrorKind::invalid_utf8);
  EXPECT_TRUE(outcomes[1].ok());
}

TEST(SavedCrossEncoder, ReadsNoModulesOfAnotherClass) {
  const SavedCrossEncoder folder;
  folder.set("config_sentence_transformers.json", "activation_fn", "torch.nn.Tanh");
  folder.set("config_sentence_transformers.json", "model_type", "SentenceTransformer");
  const Rerank plain = Rerank::load(test::golden("bert-sequence-classification-reranker"));
  const TextInput pair("Who went to the school?", "the students");
  EXPECT_EQ(folder.load().predict(pair), plain.predict(pair));
}

TEST(SavedCrossEncoder, IsRefusedByName) {
  struct Row {
    std::string file, content;
    ErrorKind kind;
    std::string says;
  };
  const std::string type = R"({"path": "", "type": "sentence_transformers.)";
  const std::vector<Row> table{
      {"modules.json", "[]", ErrorKind::unsupported, "a Transformer"},
      {"modules.json", "[" + type + R"(x.Transformer"}, )" + type + R"(x.LogitScore"}])",
       ErrorKind::unsupported, "LogitScore"},
      {"modules.json", "[" + type + R"(x.Transformer"}, )" + type + R"(x.Transformer"}])",
       ErrorKind::unsupported, "Transformer alone"},
      {"modules.json", R"([{"path": "", "type": "my.Transformer"}])", ErrorKind::unsupported,
       "my.Transformer"},
      {"sentence_bert_config.json", R"({"transformer_task": "text-generation"})",
       ErrorKind::unsupported, "text-generation"},
      {"config_sentence_transformers.json",
       R"({"model_type": "CrossEncoder", "activation_fn": "torch.nn.Mish"})",
       ErrorKind::unsupported, "Mish"},
      {"config_sentence_transformers.json",
       R"({"model_type": "CrossEncoder", "default_prompt_name": "x"})", ErrorKind::config_error,
       "default_prompt_name"},
  };
  for (const Row& row : table) {
    SCOPED_TRACE(row.content);
    const SavedCrossEncoder folder;
    folder.write(row.file, row.content);
    test::expect_error(row.kind, {row.says}, [&] { return folder.load(); });
  }
}

TEST(Rerank, RanksWithOneClassOnly) {
  const auto many = Rerank::load(test::golden("bert-sequence-classification"));
  const std::vector<std::string_view> documents{"a"};
  test::expect_error(ErrorKind::config_error, {}, [&] { return many.rank("query", documents); });
  EXPECT_GT(many.predict({"a", "b"}).size(), 1U);
}

}  // namespace
}  // namespace attend
