// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Sentence embeddings: the goldens, the bundled model, and what a call may ask for.
#include "attend/task/sentence_embedding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "attend/task/feature_extraction.h"
#include "task/cases.h"
#include "task/embedding_folder.h"

namespace attend {
namespace {

namespace fs = std::filesystem;
using test::EmbeddingFolder;
using test::Json;

void expect_vector(const Embedding& vector, const Json& expected, double tolerance) {
  ASSERT_EQ(vector.size(), expected.size());
  for (std::size_t i = 0; i < vector.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(vector[i]), expected[i].get<double>(), tolerance) << i;
  }
}

SentenceEmbeddingOptions options_of(const Json& parameters) {
  SentenceEmbeddingOptions options;
  for (const auto& [name, value] : parameters.items()) {
    if (name == "normalize_embeddings") {
      options.normalize_embeddings = value;
    } else if (name == "prompt_name") {
      options.prompt_name = value.get<std::string>();
    } else {
      ADD_FAILURE() << "unknown parameter " << name;
    }
  }
  return options;
}

TEST(SentenceEmbeddingGoldens, AreReproduced) {
  int checked = 0;
  for (const std::string& folder : test::golden_folders()) {
    const auto cases = test::cases(test::golden(folder), "call", "sentence-embeddings");
    if (cases.empty()) continue;
    const SentenceEmbedding embed = SentenceEmbedding::load(test::golden(folder));
    for (const Json& one : cases) {
      SCOPED_TRACE(folder + " " + one.at("id").get<std::string>());
      const Json& texts = one.at("inputs").at("texts");
      const auto vectors = embed(test::strings(texts), options_of(one.at("parameters")));
      ASSERT_EQ(vectors.size(), one.at("expected").size());
      for (std::size_t i = 0; i < vectors.size(); ++i) {
        expect_vector(vectors[i], one.at("expected")[i], test::golden_tolerance);
      }
      ++checked;
    }
  }
  EXPECT_GE(checked, 8);
}

// A folder may have a decoder, too, and a class that generates. The vectors are those of
// sentence-transformers 5.7, their first values.
TEST(SentenceEmbedding, OfT5IsOfItsEncoder) {
  const std::vector<std::pair<std::string, Embedding>> folders{
      {"t5-text2text-generation", {0.39507088F, 1.1675559F, 0.3927961F, 0.68774444F}},
      {"mt5-text2text-generation", {0.1812209F, 1.0306739F, -1.1050287F, -0.14075546F}}};
  for (const auto& [folder, expected] : folders) {
    SCOPED_TRACE(folder);
    const Embedding found = SentenceEmbedding::load(test::golden(folder))("the house");
    ASSERT_EQ(found.size(), 32U);
    expect_vector(Embedding(found.begin(), found.begin() + 4), Json(expected),
                  test::golden_tolerance);
    const FeatureExtraction states = FeatureExtraction::load(test::golden(folder));
    EXPECT_EQ(states.task_model().model->head(), HeadKind::encoder);
  }
  // Where there is no class of the encoder, a text is read in the decoder, too.
  EXPECT_EQ(FeatureExtraction::load(test::golden("bart-summarization")).task_model().model->head(),
            HeadKind::none);
}

// The bundled model's cases were computed in float16: every value lies on its grid, and vectors of
// length 1 are up to 4e-4 off. A float64 run of the model differs from them by as much as we do.
constexpr double half_precision_tolerance = 5e-4;

TEST(SentenceEmbeddingModel, EmbedsAsItsCases) {
  const SentenceEmbedding embed = SentenceEmbedding::load(test::bundled("embeddings"));
  EXPECT_EQ(embed.dimension(), 384);
  EXPECT_EQ(embed.max_seq_length(), 256);
  const Json file = test::read_json_file(test::bundled("embeddings") / "cases.json");
  for (const Json& one : file.at("cases")) {
    SCOPED_TRACE(one.at("inputs").get<std::string>().substr(0, 60));
    const Embedding vector = embed(one.at("inputs").get<std::string>());
    expect_vector(vector, one.at("output"), half_precision_tolerance);
    EXPECT_GT(cosine_similarity(vector, one.at("output").get<Embedding>()), 0.99999F);
  }
}

TEST(SentenceEmbedding, PoolsMeanWithoutModules) {
  const EmbeddingFolder folder;
  const SentenceEmbedding normalised = folder.load();
  fs::remove(folder.path() / "modules.json");
  const SentenceEmbedding plain = folder.load();
  Embedding vector = plain("the house of the people");
  EXPECT_GT(std::abs(dot_product(vector, vector) - 1), 1e-3F);  // there is no Normalize any more
  const Embedding unit = plain("the house of the people", {.normalize_embeddings = true});
  EXPECT_NEAR(dot_product(unit, unit), 1, 1e-5F);
  expect_vector(unit, Json(normalised("the house of the people")), 1e-6);
}

// Without modules.json the reference reads no other file of its own, and takes what a folder of
// another class says for nothing.
TEST(SentenceEmbedding, TakesNoSettingsOfAFolderThatIsNotItsOwn) {
  const EmbeddingFolder folder;
  folder.write("config_sentence_transformers.json",
               R"({"model_type": "CrossEncoder", "prompts": {"passage": "p: "},
                   "similarity_fn_name": "dot", "default_prompt_name": "passage"})");
  const SentenceEmbedding other = folder.load();
  fs::remove(folder.path() / "modules.json");
  folder.set("config_sentence_transformers.json", "model_type", "SentenceTransformer");
  const SentenceEmbedding plain = folder.load();
  for (const SentenceEmbedding* embed : {&other, &plain}) {
    EXPECT_EQ(embed->prompts().size(), 2U);  // "query" and "document"
    EXPECT_EQ(embed->similarity(), Similarity::cosine);
    EXPECT_EQ(embed->max_seq_length(), 88);  // of the model
    EXPECT_EQ((*embed)("the house"), plain("the house", {.prompt = ""}));
    EXPECT_GT(std::abs(dot_product((*embed)("the house"), (*embed)("the house")) - 1), 1e-3F);
  }
}

TEST(SentenceEmbedding, PoolsTheLastTokenOfACausalModelWithoutModules) {
  const EmbeddingFolder folder;
  fs::remove(folder.path() / "modules.json");
  folder.set("config.json", "architectures", {"RobertaForCausalLM"});
  const TokenFeatures rows = FeatureExtraction::load(folder.path())("the house");
  const auto last = rows.matrix().row(rows.tokens - 1);
  EXPECT_EQ(folder.load()("the house"), Embedding(last.begin(), last.end()));
  folder.set("config.json", "is_causal", false);
  EXPECT_NE(folder.load()("the house"), Embedding(last.begin(), last.end()));
}

TEST(SentenceEmbedding, KnowsTheSimilarityOfItsFolder) {
  const EmbeddingFolder folder;
  for (const Similarity kind :
       {Similarity::cosine, Similarity::dot, Similarity::euclidean, Similarity::manhattan}) {
    folder.set("config_sentence_transformers.json", "similarity_fn_name", name(kind));
    EXPECT_EQ(folder.load().similarity(), kind);
  }
  folder.set("config_sentence_transformers.json", "similarity_fn_name", nullptr);
  EXPECT_EQ(folder.load().similarity(), Similarity::cosine);
}

TEST(SentenceEmbedding, ReadsPromptsAndLimits) {
  const EmbeddingFolder folder;
  folder.write("config_sentence_transformers.json",
               R"({"prompts": {"query": "q: ", "document": null}, "default_prompt_name": "query",
                   "truncate_dim": 8})");
  folder.write("sentence_bert_config.json", R"({"max_seq_length": 9, "do_lower_case": true})");
  const SentenceEmbedding embed = folder.load();
  EXPECT_EQ(embed.prompts().at("query"), "q: ");
  EXPECT_EQ(embed.prompts().at("document"), "");
  EXPECT_EQ(embed.max_seq_length(), 9);
  EXPECT_EQ(embed.dimension(), 8);
  EXPECT_EQ(embed("THE house"), embed("the house", {.prompt = "q: "}));
  EXPECT_NE(embed("the house"), embed("the house", {.prompt = ""}));
  EXPECT_EQ(embed("the house", {.truncate_dim = 3}).size(), 3U);
  EXPECT_EQ(embed("the house", {.truncate_dim = 99}).size(), 32U);
  folder.write("sentence_bert_config.json", R"({"max_seq_length": null, "do_lower_case": null})");
  EXPECT_EQ(folder.load().max_seq_length(), 88);
  folder.write("sentence_bert_config.json", R"({"max_seq_length": 4000})");
  EXPECT_EQ(folder.load().max_seq_length(), 88);  // the model has no more positions
  folder.write("sentence_bert_config.json",
               R"({"max_seq_length": 24, "tokenizer_args": {"model_max_length": 12}})");
  EXPECT_EQ(folder.load().max_seq_length(), 12);
}

TEST(SentenceEmbedding, RolesChooseThePromptsOfTheReference) {
  const EmbeddingFolder folder;
  folder.write("config_sentence_transformers.json",
               R"({"prompts": {"query": "q: ", "document": "d: ", "passage": "p: ", "x": "x: "},
                   "default_prompt_name": "x"})");
  const SentenceEmbedding embed = folder.load();
  const auto with = [&](std::string prompt) {
    return embed("the house", {.prompt = std::move(prompt)});
  };
  EXPECT_EQ(embed("the house"), with("x: "));
  EXPECT_EQ(embed("the house", {.role = TextRole::query}), with("q: "));
  EXPECT_EQ(embed("the house", {.role = TextRole::document}), with("d: "));
  EXPECT_EQ(embed("the house", {.prompt_name = "passage", .role = TextRole::query}), with("p: "));
  EXPECT_EQ(embed("the house", {.prompt = "y: ", .role = TextRole::query}), with("y: "));
  // "query" and "document" are always there, so neither "passage" nor the default takes their
  // place.
  folder.write("config_sentence_transformers.json",
               R"({"prompts": {"passage": "p: ", "x": "x: "}, "default_prompt_name": "x"})");
  const SentenceEmbedding plain = folder.load();
  EXPECT_EQ(plain("the house", {.role = TextRole::query}), with(""));
  EXPECT_EQ(plain("the house", {.role = TextRole::document}), with(""));
}

TEST(SentenceEmbedding, GivesTheRowsThatItPools) {
  const EmbeddingFolder folder;
  const SentenceEmbedding embed = folder.load();
  const FeatureExtraction features = FeatureExtraction::load(folder.path());
  std::string long_text;
  for (int i = 0; i < 50; ++i) long_text += "the house of the people ";
  const std::vector<std::string_view> texts{"the house", long_text, ""};
  const auto rows = embed.token_embeddings(texts, {.prompt_name = "query"});
  ASSERT_EQ(rows.size(), 3U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const TokenFeatures expected =
        features("query: " + std::string(texts[i]), {.tokenize = {.max_length = 24}});
    EXPECT_EQ(rows[i].values, expected.values);
    EXPECT_EQ(rows[i].tokens, expected.tokens);
    EXPECT_EQ(rows[i].hidden_size, 32);
  }
  EXPECT_EQ(rows[1].tokens, 24);
  for (const SentenceEmbeddingOptions& options :
       {SentenceEmbeddingOptions{.normalize_embeddings = true},
        SentenceEmbeddingOptions{.truncate_dim = 3},
        SentenceEmbeddingOptions{.long_text = LongText::mean_of_windows}}) {
    test::expect_error(ErrorKind::config_error, {"token_embeddings"},
                       [&] { return embed.token_embeddings(texts, options); });
  }
}

TEST(SentenceEmbedding, ChecksItsOptionsAndKeepsABadItemFromTheOthers) {
  const SentenceEmbedding embed =
      SentenceEmbedding::load(test::golden("bert-sentence-embeddings-mean"));
  test::expect_error(ErrorKind::config_error, {"prompt_name", "passage", "nothing"},
                     [&] { return embed("x", {.prompt_name = "nothing"}); });
  test::expect_error(ErrorKind::config_error, {"truncate_dim"},
                     [&] { return embed("x", {.truncate_dim = 0}); });
  const std::vector<std::string_view> texts{"the house", "\xFF", "a longer text about a house"};
  const auto outcomes = embed.each(texts, {}, {.batch_size = 3});
  EXPECT_EQ(outcomes[1].error().kind(), ErrorKind::invalid_utf8);
  EXPECT_EQ(outcomes[0].value(), embed(texts[0]));
  EXPECT_EQ(outcomes[2].value(), embed(texts[2]));
}

}  // namespace
}  // namespace attend
