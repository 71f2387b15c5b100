// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Sentence embeddings: the goldens and the bundled model, then folders with other modules.
#include "attend/task/sentence_embedding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "attend/task/feature_extraction.h"
#include "task/cases.h"
#include "task/sentence_modules.h"

namespace attend {
namespace {

namespace fs = std::filesystem;
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
  EXPECT_GE(checked, 5);
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

/// A copy of the golden folder whose files a test may replace.
class Folder {
 public:
  Folder() {
    fs::copy(test::golden("bert-sentence-embeddings-mean"), folder_.path(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }

  void write(const std::string& file, std::string_view text) const {
    test::write_file(folder_.path() / file, text);
  }
  void modules(const std::vector<std::pair<std::string, std::string>>& types_and_paths) const {
    Json list = Json::array();
    for (const auto& [type, path] : types_and_paths) {
      list.push_back({{"type", "sentence_transformers.models." + type}, {"path", path}});
    }
    write("modules.json", list.dump());
  }
  [[nodiscard]] SentenceEmbedding load() const { return SentenceEmbedding::load(folder_.path()); }
  [[nodiscard]] SentenceModules read() const { return read_sentence_modules(folder_.path()); }
  [[nodiscard]] const fs::path& path() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

TEST(SentenceEmbedding, PoolsMeanWithoutModules) {
  const Folder folder;
  const SentenceEmbedding normalised = folder.load();
  fs::remove(folder.path() / "modules.json");
  const SentenceEmbedding plain = folder.load();
  Embedding vector = plain("the house of the people");
  EXPECT_GT(std::abs(dot_product(vector, vector) - 1), 1e-3F);  // there is no Normalize any more
  const Embedding unit = plain("the house of the people", {.normalize_embeddings = true});
  EXPECT_NEAR(dot_product(unit, unit), 1, 1e-5F);
  expect_vector(unit, Json(normalised("the house of the people")), 1e-6);
}

TEST(SentenceEmbedding, PutsPoolingsSideBySide) {
  const Folder folder;
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}});
  folder.write("1_Pooling/config.json",
               R"({"word_embedding_dimension": 32, "pooling_mode_mean_tokens": true,
                   "pooling_mode_cls_token": true, "pooling_mode_lasttoken": true})");
  const SentenceEmbedding embed = folder.load();
  ASSERT_EQ(embed.dimension(), 96);
  const Embedding vector = embed("the house");
  const TokenFeatures rows = FeatureExtraction::load(folder.path())("the house");
  for (Index c = 0; c < 32; ++c) {
    float mean = 0;
    for (Index r = 0; r < rows.tokens; ++r) mean += rows.matrix()(r, c);
    const auto i = static_cast<std::size_t>(c);
    EXPECT_EQ(vector[i], rows.matrix()(0, c));
    EXPECT_NEAR(vector[i + 32], mean / static_cast<float>(rows.tokens), 1e-6F);
    EXPECT_EQ(vector[i + 64], rows.matrix()(rows.tokens - 1, c));
  }
  // Newer files list the poolings, in the order of the result.
  folder.write("1_Pooling/config.json",
               R"({"embedding_dimension": 32, "pooling_mode": ["lasttoken", "cls"]})");
  const Embedding listed = folder.load()("the house");
  EXPECT_TRUE(std::equal(listed.begin(), listed.begin() + 32, vector.begin() + 64));
  EXPECT_TRUE(std::equal(listed.begin() + 32, listed.end(), vector.begin()));
}

TEST(SentenceEmbedding, LeavesThePromptOutOfThePoolingWhereAsked) {
  const Folder folder;
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}});
  folder.write("1_Pooling/config.json", R"({"pooling_mode": "cls", "include_prompt": false})");
  // [CLS] and the prompt's tokens are left out, so the first row is that of the text.
  const Tokenizer tokenizer = Tokenizer::load(folder.path());
  const Index prompt_tokens = tokenizer.encode("query: ").size() - 1;
  const TokenFeatures rows = FeatureExtraction::load(folder.path())("query: the house");
  const SentenceEmbedding embed = folder.load();
  const Embedding vector = embed("the house", {.prompt_name = "query"});
  for (Index c = 0; c < 32; ++c) {
    EXPECT_EQ(vector[static_cast<std::size_t>(c)], rows.matrix()(prompt_tokens, c));
  }
  EXPECT_EQ(embed("the house", {.prompt = "query: "}), vector);
  EXPECT_NE(embed("the house"), vector);
}

/// A safetensors file with float32 tensors.
std::string safetensors(const std::vector<std::pair<std::string, std::vector<Index>>>& shapes,
                        const std::vector<std::vector<float>>& values) {
  Json header;
  std::string data;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(values[i].data()), values[i].size() * sizeof(float));
    header[shapes[i].first] = {
        {"dtype", "F32"}, {"shape", shapes[i].second}, {"data_offsets", {begin, data.size()}}};
  }
  const std::string text = header.dump();
  const std::uint64_t size = text.size();
  std::string file(sizeof size, '\0');
  std::memcpy(file.data(), &size, sizeof size);
  return file + text + data;
}

TEST(SentenceEmbedding, RunsDenseModules) {
  const Folder folder;
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"Dense", "2_Dense"}});
  // Sums the even and the odd values.
  std::vector<float> weight(64, 0);
  for (std::size_t i = 0; i < 32; ++i) weight[(i % 2) * 32 + i] = 1;
  folder.write(
      "2_Dense/model.safetensors",
      safetensors({{"linear.bias", {2}}, {"linear.weight", {2, 32}}}, {{0.5F, -0.25F}, weight}));
  folder.write("2_Dense/config.json",
               R"({"in_features": 32, "out_features": 2, "bias": true,
                   "activation_function": "torch.nn.modules.activation.Tanh"})");
  const SentenceEmbedding embed = folder.load();
  EXPECT_EQ(embed.dimension(), 2);
  const Embedding vector = embed("the house");
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}});
  const Embedding pooled = folder.load()("the house");
  float even = 0.5F;
  float odd = -0.25F;
  for (std::size_t i = 0; i < 32; i += 2) {
    even += pooled[i];
    odd += pooled[i + 1];
  }
  EXPECT_NEAR(vector.at(0), std::tanh(even), 1e-5F);
  EXPECT_NEAR(vector.at(1), std::tanh(odd), 1e-5F);
}

TEST(SentenceEmbedding, ChecksDenseModulesToo) {
  const Folder folder;
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"Dense", "2_Dense"}});
  folder.write("2_Dense/config.json", R"({"in_features": 32, "out_features": 2})");
  std::vector<float> weight(64, 0);
  weight[40] = std::numeric_limits<float>::infinity();
  folder.write("2_Dense/model.safetensors",
               safetensors({{"linear.bias", {2}}, {"linear.weight", {2, 32}}}, {{0, 0}, weight}));
  EXPECT_NO_THROW(static_cast<void>(folder.load()));
  test::expect_error(ErrorKind::weight_value, {"linear.weight", "model.safetensors"}, [&] {
    return SentenceEmbedding::load(folder.path(), {.check_finite = true});
  });
}

TEST(SentenceEmbedding, SaysWhatIsWrongWithDenseModules) {
  const Folder folder;
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"Dense", "2_Dense"}});
  const auto load = [&] { return folder.load(); };
  test::expect_error(ErrorKind::file_not_found, {"config.json"}, load);
  folder.write("2_Dense/config.json", R"({"in_features": 31, "out_features": 2})");
  test::expect_error(ErrorKind::config_error, {"in_features", "32", "31"}, load);
  folder.write("2_Dense/config.json", R"({"in_features": 32, "out_features": 1e9})");
  test::expect_error(ErrorKind::config_error, {"out_features"}, load);
  folder.write("2_Dense/config.json", R"({"in_features": 32, "out_features": 2,
                                          "activation_function": "evil.Function"})");
  test::expect_error(ErrorKind::unsupported, {"evil.Function"}, load);
  folder.write("2_Dense/config.json", R"({"in_features": 32, "out_features": 2})");
  test::expect_error(ErrorKind::file_not_found, {}, load);  // no weights
  folder.write("2_Dense/model.safetensors",
               safetensors({{"linear.weight", {2, 32}}}, {std::vector<float>(64)}));
  test::expect_error(ErrorKind::weight_missing, {"linear.bias"}, load);
  folder.write("2_Dense/model.safetensors",
               safetensors({{"linear.bias", {2}}, {"linear.weight", {32, 2}}},
                           {{0, 0}, std::vector<float>(64)}));
  test::expect_error(ErrorKind::weight_shape, {"linear.weight"}, load);
}

TEST(SentenceModules, RefusesWhatItDoesNotKnow) {
  const Folder folder;
  const auto read = [&] { return folder.read(); };
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"CNN", "2_CNN"}});
  test::expect_error(ErrorKind::unsupported, {"modules.json", "CNN"}, read);
  folder.modules({{"Pooling", "1_Pooling"}, {"Transformer", ""}});
  test::expect_error(ErrorKind::unsupported, {"Pooling"}, read);
  folder.modules({{"Transformer", ""}});
  test::expect_error(ErrorKind::unsupported, {"Pooling"}, read);
  folder.write("modules.json", R"([{"type": "custom.Transformer", "path": ""}])");
  test::expect_error(ErrorKind::unsupported, {"custom.Transformer"}, read);
  for (const char* path : {"../1_Pooling", "/etc", "a/../../b"}) {
    folder.modules({{"Transformer", ""}, {"Pooling", path}});
    test::expect_error(ErrorKind::access_denied, {"modules.json"}, read);
  }
  folder.write("modules.json", "{");
  test::expect_error(ErrorKind::invalid_format, {"modules.json"}, read);
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"Dropout", "2_Dropout"}});
  folder.write("1_Pooling/config.json", R"({"pooling_mode": "median"})");
  test::expect_error(ErrorKind::config_error, {"median", "lasttoken"}, read);
  folder.write("1_Pooling/config.json",
               R"({"pooling_mode": "weightedmean", "include_prompt": false})");
  test::expect_error(ErrorKind::unsupported, {"include_prompt"}, read);
  folder.write("1_Pooling/config.json", R"({"pooling_mode_mean_tokens": false})");
  EXPECT_EQ(folder.read().pooling.poolings, std::vector<Pooling>{Pooling::mean});
}

TEST(SentenceModules, ReadsPromptsAndLimits) {
  const Folder folder;
  folder.write("config_sentence_transformers.json",
               R"({"prompts": {"query": "q: ", "document": null}, "default_prompt_name": "query",
                   "truncate_dim": 8})");
  folder.write("sentence_bert_config.json", R"({"max_seq_length": 9, "do_lower_case": true})");
  const SentenceModules modules = folder.read();
  EXPECT_EQ(modules.prompts.at("query"), "q: ");
  EXPECT_EQ(modules.prompts.at("document"), "");
  EXPECT_EQ(modules.max_seq_length, 9);
  EXPECT_TRUE(modules.do_lower_case);
  const SentenceEmbedding embed = folder.load();
  EXPECT_EQ(embed.dimension(), 8);
  EXPECT_EQ(embed("THE house"), embed("the house", {.prompt = "q: "}));
  EXPECT_NE(embed("the house"), embed("the house", {.prompt = ""}));
  EXPECT_EQ(embed("the house", {.truncate_dim = 3}).size(), 3U);
  EXPECT_EQ(embed("the house", {.truncate_dim = 99}).size(), 32U);
  folder.write("config_sentence_transformers.json", R"({"default_prompt_name": "nothing"})");
  test::expect_error(ErrorKind::config_error, {"default_prompt_name"},
                     [&] { return folder.read(); });
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

TEST(Similarity, IsThatOfTheVectors) {
  const Embedding a{3, 4};
  const Embedding b{4, 3};
  EXPECT_FLOAT_EQ(dot_product(a, b), 24);
  EXPECT_FLOAT_EQ(cosine_similarity(a, b), 0.96F);
  EXPECT_EQ(cosine_similarity(a, Embedding{0, 0}), 0);
  test::expect_error(ErrorKind::config_error, {}, [&] { return dot_product(a, Embedding{1}); });
  test::expect_error(ErrorKind::config_error, {}, [&] { return cosine_similarity(a, {}); });
}

TEST(SemanticSearch, FindsTheNearestFirst) {
  const std::vector<Embedding> corpus{{0, 1}, {2, 0}, {1, 1}, {-1, 0}, {1, 0}};
  const auto hits = semantic_search(Embedding{1, 0}, corpus, 3);
  ASSERT_EQ(hits.size(), 3U);
  EXPECT_EQ(hits[0].index, 1);  // equal to the last, and before it
  EXPECT_EQ(hits[1].index, 4);
  EXPECT_EQ(hits[2].index, 2);
  EXPECT_FLOAT_EQ(hits[2].score, std::sqrt(0.5F));
  EXPECT_EQ(semantic_search(Embedding{1, 0}, corpus).size(), 5U);
  EXPECT_TRUE(semantic_search(Embedding{1, 0}, {}).empty());
  test::expect_error(ErrorKind::config_error, {}, [&] {
    return semantic_search(Embedding{1, 0}, corpus, 0);
  });
}

}  // namespace
}  // namespace attend
