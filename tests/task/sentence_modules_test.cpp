// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Folders with every module against naive loops over the model's own rows; then folders that are
// wrong.
#include "task/sentence_modules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "attend/task/feature_extraction.h"
#include "support/error_of.h"
#include "task/embedding_folder.h"

namespace attend {
namespace {

namespace fs = std::filesystem;
using test::EmbeddingFolder;
using test::golden_width;
using Vector = std::vector<double>;

constexpr double tolerance = 1e-5;

void expect_vector(const Embedding& vector, const Vector& expected) {
  ASSERT_EQ(vector.size(), expected.size());
  for (std::size_t i = 0; i < vector.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(vector[i]), expected[i], tolerance) << i;
  }
}

// ---- pooling

struct Mode {
  std::string name;  // in pooling_mode
  std::string flag;  // of older files, in the order in which they stand side by side
};
const std::vector<Mode> modes{
    {"cls", "pooling_mode_cls_token"},
    {"max", "pooling_mode_max_tokens"},
    {"mean", "pooling_mode_mean_tokens"},
    {"mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens"},
    {"weightedmean", "pooling_mode_weightedmean_tokens"},
    {"lasttoken", "pooling_mode_lasttoken"},
};

/// As sentence_transformer/modules/pooling.py does it with a mask that leaves out the first rows.
Vector pooled(const std::string& mode, const TokenFeatures& rows, Index first) {
  Vector out;
  for (Index c = 0; c < rows.hidden_size; ++c) {
    double sum = 0, weighted = 0, weights = 0;
    double largest = -std::numeric_limits<double>::infinity();
    for (Index r = first; r < rows.tokens; ++r) {
      const auto value = static_cast<double>(rows.matrix()(r, c));
      sum += value;
      weighted += static_cast<double>(r + 1) * value;
      weights += static_cast<double>(r + 1);
      largest = std::max(largest, value);
    }
    const auto count = static_cast<double>(rows.tokens - first);
    if (mode == "cls") out.push_back(static_cast<double>(rows.matrix()(first, c)));
    if (mode == "max") out.push_back(largest);
    if (mode == "mean") out.push_back(sum / count);
    if (mode == "mean_sqrt_len_tokens") out.push_back(sum / std::sqrt(count));
    if (mode == "weightedmean") out.push_back(weighted / weights);
    if (mode == "lasttoken") {
      out.push_back(static_cast<double>(rows.matrix()(rows.tokens - 1, c)));
    }
  }
  return out;
}

TEST(PoolingModule, PoolsInEveryMode) {
  const EmbeddingFolder folder;
  const FeatureExtraction features = FeatureExtraction::load(folder.path());
  const std::vector<std::string_view> texts{"the house", "a longer text about the people", ""};
  for (const Mode& mode : modes) {
    SCOPED_TRACE(mode.name);
    folder.pooling(R"({"embedding_dimension": 32, "pooling_mode": ")" + mode.name + "\"}");
    const SentenceEmbedding by_name = folder.load();
    folder.pooling(R"({"word_embedding_dimension": 32, "pooling_mode_mean_tokens": false, ")" +
                   mode.flag + "\": true}");
    const SentenceEmbedding by_flag = folder.load();
    EXPECT_EQ(by_name.dimension(), golden_width);
    const auto vectors = by_name(texts);
    EXPECT_EQ(by_flag(texts), vectors);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      expect_vector(vectors[i], pooled(mode.name, features(texts[i]), 0));
    }
  }
}

TEST(PoolingModule, PutsPoolingsSideBySide) {
  const EmbeddingFolder folder;
  const TokenFeatures rows = FeatureExtraction::load(folder.path())("the house");
  test::Json config{{"word_embedding_dimension", 32}};
  test::Json list = test::Json::array();
  Vector in_order, listed;
  for (const Mode& mode : modes) {
    config[mode.flag] = true;
    list.insert(list.begin(), mode.name);
    const Vector part = pooled(mode.name, rows, 0);
    in_order.insert(in_order.end(), part.begin(), part.end());
    listed.insert(listed.begin(), part.begin(), part.end());
  }
  folder.pooling(config.dump());
  EXPECT_EQ(folder.load().dimension(), 6 * golden_width);
  expect_vector(folder.load()("the house"), in_order);
  // Newer files list the poolings, in the order of the result; older flags beside them are nothing.
  config["pooling_mode"] = list;
  folder.pooling(config.dump());
  expect_vector(folder.load()("the house"), listed);
}

TEST(PoolingModule, PoolsTheMeanWhereAllModesAreOff) {
  const EmbeddingFolder folder;
  folder.pooling(R"({"word_embedding_dimension": 32, "pooling_mode_mean_tokens": false})");
  const TokenFeatures rows = FeatureExtraction::load(folder.path())("the house");
  expect_vector(folder.load()("the house"), pooled("mean", rows, 0));
}

TEST(PoolingModule, LeavesThePromptOutWhereAsked) {
  const EmbeddingFolder folder;
  const Index prompt_tokens = Tokenizer::load(folder.path()).encode("query: ").size() - 1;
  const FeatureExtraction features = FeatureExtraction::load(folder.path());
  const std::vector<std::string_view> texts{"the house", "a longer text", ""};
  for (const Mode& mode : modes) {
    SCOPED_TRACE(mode.name);
    folder.pooling(R"({"include_prompt": false, "pooling_mode": ")" + mode.name + "\"}");
    const SentenceEmbedding embed = folder.load();
    const auto vectors = embed(texts, {.prompt_name = "query"});
    EXPECT_EQ(embed(texts, {.prompt = "query: "}), vectors);
    const auto plain = embed(texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string with_prompt = "query: " + std::string(texts[i]);
      expect_vector(vectors[i], pooled(mode.name, features(with_prompt), prompt_tokens));
      expect_vector(plain[i], pooled(mode.name, features(texts[i]), 0));
    }
  }
}

// A tokenizer without a template: then a prompt alone may be all that is read.
TEST(PoolingModule, TakesZerosWhereThePromptIsAll) {
  const EmbeddingFolder folder;
  test::Json tokenizer = test::read_json_file(folder.path() / "tokenizer.json");
  tokenizer["post_processor"] = nullptr;
  folder.write("tokenizer.json", tokenizer.dump());
  folder.set("tokenizer_config.json", "tokenizer_class", "PreTrainedTokenizerFast");
  const TokenFeatures rows = FeatureExtraction::load(folder.path())("query:");
  for (const Mode& mode : modes) {
    SCOPED_TRACE(mode.name);
    folder.pooling(R"({"include_prompt": false, "pooling_mode": ")" + mode.name + "\"}");
    const Embedding vector = folder.load()("", {.prompt = "query:"});
    expect_vector(vector, mode.name == "cls" ? pooled("cls", rows, 0) : Vector(32, 0));
  }
}

// ---- what follows

std::vector<float> numbers(Index count, double step) {
  std::vector<float> out;
  for (Index i = 0; i < count; ++i) {
    out.push_back(static_cast<float>(std::sin(step * static_cast<double>(i + 1))));
  }
  return out;
}

Vector dense(const Vector& x, const std::vector<float>& weight, const std::vector<float>& bias,
             const std::function<double(double)>& activation) {
  Vector out;
  for (std::size_t o = 0; o < weight.size() / x.size(); ++o) {
    double sum = bias.empty() ? 0 : static_cast<double>(bias[o]);
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum += static_cast<double>(weight[o * x.size() + i]) * x[i];
    }
    out.push_back(activation(sum));
  }
  return out;
}

std::string dense_config(Index in, Index out, const std::string& rest = {}) {
  return R"({"in_features": )" + std::to_string(in) + R"(, "out_features": )" +
         std::to_string(out) + rest + "}";
}

TEST(DenseModule, AppliesTheFunctionThatIsNamed) {
  struct Row {
    std::string name;
    std::function<double(double)> function;
  };
  const std::vector<Row> table{
      {"torch.nn.modules.linear.Identity", [](double x) { return x; }},
      {"torch.nn.modules.activation.Tanh", [](double x) { return std::tanh(x); }},
      {"torch.nn.modules.activation.ReLU", [](double x) { return std::max(x, 0.0); }},
      {"torch.nn.modules.activation.GELU",
       [](double x) { return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0))); }},
      {"torch.nn.modules.activation.SiLU", [](double x) { return x / (1 + std::exp(-x)); }},
      {"torch.nn.modules.activation.Sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
      {"torch.nn.Tanh", [](double x) { return std::tanh(x); }},
      {"", [](double x) { return std::tanh(x); }},  // what is not named
  };
  const EmbeddingFolder folder;
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"Dense", "2_Dense"}});
  const auto weight = numbers(3 * golden_width, 0.7);
  const auto bias = numbers(3, 1.3);
  folder.weights("2_Dense", {{"linear.weight", {Shape{3, golden_width}, weight}},
                             {"linear.bias", {Shape{3}, bias}}});
  const TokenFeatures rows = FeatureExtraction::load(folder.path())("the house");
  for (const Row& row : table) {
    SCOPED_TRACE(row.name);
    folder.write(
        "2_Dense/config.json",
        dense_config(golden_width, 3,
                     row.name.empty() ? "" : R"(, "activation_function": ")" + row.name + "\""));
    const SentenceEmbedding embed = folder.load();
    EXPECT_EQ(embed.dimension(), 3);
    expect_vector(embed("the house"), dense(pooled("mean", rows, 0), weight, bias, row.function));
  }
}

TEST(DenseModule, StandsInAnyOrderWithTheOthers) {
  const EmbeddingFolder folder;
  folder.modules({{"Transformer", ""},
                  {"Pooling", "1_Pooling"},
                  {"Dense", "2_Dense"},
                  {"Dropout", "3_Dropout"},
                  {"LayerNorm", "4_LayerNorm"},
                  {"Dense", "5_Dense"},
                  {"Normalize", "6_Normalize"}});
  const auto first = numbers(8 * golden_width, 0.3);
  const auto gain = numbers(8, 0.9);
  const auto shift = numbers(8, 2.1);
  const auto second = numbers(5 * 8, 1.7);
  const auto bias = numbers(5, 0.2);
  folder.weights("2_Dense", {{"linear.weight", {Shape{8, golden_width}, first}}});
  folder.write("2_Dense/config.json",
               dense_config(golden_width, 8,
                            R"(, "bias": false, "module_input_name": "sentence_embedding",
                                "module_output_name": null)"));
  folder.weights("4_LayerNorm",
                 {{"norm.weight", {Shape{8}, gain}}, {"norm.bias", {Shape{8}, shift}}});
  folder.write("4_LayerNorm/config.json", R"({"dimension": 8})");
  folder.weights("5_Dense",
                 {{"linear.weight", {Shape{5, 8}, second}}, {"linear.bias", {Shape{5}, bias}}});
  folder.write(
      "5_Dense/config.json",
      dense_config(8, 5, R"(, "activation_function": "torch.nn.modules.linear.Identity")"));

  const TokenFeatures rows = FeatureExtraction::load(folder.path())("the house");
  Vector x = dense(pooled("mean", rows, 0), first, {}, [](double v) { return std::tanh(v); });
  double mean = 0, variance = 0, length = 0;
  for (const double v : x) mean += v / 8;
  for (const double v : x) variance += (v - mean) * (v - mean) / 8;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = (x[i] - mean) / std::sqrt(variance + 1e-5) * static_cast<double>(gain[i]) +
           static_cast<double>(shift[i]);
  }
  x = dense(x, second, bias, [](double v) { return v; });
  for (const double v : x) length += v * v;
  for (double& v : x) v /= std::sqrt(length);
  expect_vector(folder.load()("the house"), x);
  EXPECT_EQ(folder.load().dimension(), 5);
}

TEST(DenseModule, IsCheckedForFiniteWeightsToo) {
  const EmbeddingFolder folder;
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"Dense", "2_Dense"}});
  folder.write("2_Dense/config.json", dense_config(golden_width, 2));
  std::vector<float> weight(64, 0);
  weight[40] = std::numeric_limits<float>::infinity();
  folder.weights("2_Dense", {{"linear.weight", {Shape{2, golden_width}, weight}},
                             {"linear.bias", {Shape{2}, {0, 0}}}});
  EXPECT_NO_THROW(static_cast<void>(folder.load()));
  test::expect_error(ErrorKind::weight_value, {"linear.weight", "model.safetensors"}, [&] {
    return SentenceEmbedding::load(folder.path(), {.check_finite = true});
  });
}

// ---- the transformer

TEST(TransformerModule, LiesInAFolderOfItsOwn) {
  const EmbeddingFolder plain;
  const EmbeddingFolder folder;
  fs::create_directory(folder.path() / "0_Transformer");
  for (const char* file :
       {"config.json", "model.safetensors", "sentence_bert_config.json", "tokenizer.json",
        "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"}) {
    fs::rename(folder.path() / file, folder.path() / "0_Transformer" / file);
  }
  folder.modules(
      {{"Transformer", "0_Transformer"}, {"Pooling", "1_Pooling"}, {"Normalize", "2_Normalize"}});
  const SentenceEmbedding embed = folder.load();
  EXPECT_EQ(embed.max_seq_length(), 24);
  EXPECT_EQ(embed("the house"), plain.load()("the house"));
}

TEST(TransformerModule, TakesTheConfigsOfNewerVersions) {
  const EmbeddingFolder folder;
  const Embedding expected = folder.load()("the house");
  for (const std::string type : {"base.modules.transformer.Transformer",
                                 "sentence_transformer.modules.transformer.Transformer"}) {
    const std::string in = "sentence_transformers.";
    folder.write("modules.json", R"([{"idx": 0, "name": "0", "path": "", "type": ")" + in + type +
                                     R"("}, {"path": "1_Pooling", "type": ")" + in +
                                     R"(sentence_transformer.modules.pooling.Pooling"},
                                     {"path": "2_Normalize", "type": ")" +
                                     in + R"(sentence_transformer.modules.normalize.Normalize"}])");
    folder.write("sentence_bert_config.json", R"({
        "transformer_task": "feature-extraction", "module_output_name": "token_embeddings",
        "modality_config": {"text": {"method": "forward",
                                     "method_output_name": "last_hidden_state"}},
        "max_seq_length": 24, "processing_kwargs": {}, "unpad_inputs": false,
        "model_args": {"attn_implementation": "sdpa", "add_pooling_layer": false},
        "tokenizer_args": {"use_fast": true}, "config_args": {"trust_remote_code": true}})");
    EXPECT_EQ(folder.load()("the house"), expected);
  }
}

// ---- what is wrong

constexpr ErrorKind unsupported = ErrorKind::unsupported;
constexpr ErrorKind config_error = ErrorKind::config_error;

struct BadFile {
  std::string file;
  std::string content;
  ErrorKind kind;
  std::vector<std::string> says;
};

/// A folder with a Dense and a LayerNorm module, of which one file is bad.
void expect_refused(const std::vector<BadFile>& table) {
  for (const BadFile& row : table) {
    SCOPED_TRACE(row.file + ": " + row.content.substr(0, 200));
    const EmbeddingFolder folder;
    folder.modules({{"Transformer", ""},
                    {"Pooling", "1_Pooling"},
                    {"Dense", "2_Dense"},
                    {"LayerNorm", "3_LayerNorm"}});
    folder.weights("2_Dense", {{"linear.weight", {Shape{2, golden_width}, numbers(64, 1)}},
                               {"linear.bias", {Shape{2}, {0, 0}}}});
    folder.write("2_Dense/config.json", dense_config(golden_width, 2));
    folder.weights("3_LayerNorm",
                   {{"norm.weight", {Shape{2}, {1, 1}}}, {"norm.bias", {Shape{2}, {0, 0}}}});
    folder.write("3_LayerNorm/config.json", R"({"dimension": 2})");
    // But for that file all is well.
    if (&row == table.data()) {
      ASSERT_EQ(folder.load()("the house").size(), 2U);
    }
    if (row.content.empty()) {
      fs::remove(folder.path() / row.file);
    } else {
      folder.write(row.file, row.content);
    }
    const auto error = test::error_of([&] { return folder.load(); });
    ASSERT_TRUE(error) << "nothing was thrown";
    EXPECT_EQ(name(error->kind()), name(row.kind)) << error->what();
    for (const std::string& part : row.says) {
      EXPECT_NE(std::string_view(error->what()).find(part), std::string_view::npos)
          << "no " << part << " in: " << error->what();
    }
  }
}

std::string list_of(const std::vector<std::pair<std::string, std::string>>& types_and_paths) {
  test::Json list = test::Json::array();
  for (const auto& [type, path] : types_and_paths) {
    list.push_back({{"type", "sentence_transformers.models." + type}, {"path", path}});
  }
  return list.dump();
}

TEST(BadSentenceFolders, ModulesAreRefusedByName) {
  const std::string file = "modules.json";
  const std::pair<std::string, std::string> transformer{"Transformer", ""};
  const std::pair<std::string, std::string> pooling{"Pooling", "1_Pooling"};
  std::vector<BadFile> table{
      {file, "{", ErrorKind::invalid_format, {file}},
      {file, "{}", config_error, {file, "array"}},
      {file, "null", config_error, {file}},
      {file, "[]", unsupported, {file, "a Transformer and a Pooling"}},
      {file, "[3]", config_error, {file}},
      {file, R"([{"path": ""}])", config_error, {file, "type"}},
      {file, R"([{"type": "sentence_transformers.models.Transformer"}])", config_error, {"path"}},
      {file,
       R"([{"type": "sentence_transformers.models.Transformer", "path": 1}])",
       config_error,
       {file, "path"}},
      {file, R"([{"type": 7, "path": ""}])", config_error, {file, "type"}},
      {file,
       R"([{"type": "custom.Transformer", "path": ""}])",
       unsupported,
       {"custom.Transformer"}},
      {file, list_of({transformer}), unsupported, {"a Transformer and a Pooling"}},
      {file, list_of({pooling, transformer}), unsupported, {"models.Pooling"}},
      {file, list_of({transformer, pooling, pooling}), unsupported, {"models.Pooling"}},
      {file, list_of({transformer, {"Normalize", ""}, pooling}), unsupported, {"models.Normalize"}},
      {file, list_of({{"Dropout", ""}, transformer, pooling}), unsupported, {"models.Dropout"}},
      {file, list_of(std::vector(65, transformer)), ErrorKind::resource_limit, {"at most 64"}},
  };
  for (const char* other : {"CNN", "LSTM", "BoW", "CLIPModel", "StaticEmbedding", "Router",
                            "WordEmbeddings", "WordWeights", "WeightedLayerPooling"}) {
    table.push_back({file,
                     list_of({transformer, pooling, {other, "2"}}),
                     unsupported,
                     {file, std::string("models.") + other}});
    table.push_back({file,
                     list_of({{other, ""}, pooling}),
                     unsupported,
                     {file, std::string("models.") + other}});
  }
  for (const char* path : {"../1_Pooling", "/etc", "a/../../b"}) {
    table.push_back(
        {file, list_of({transformer, {"Pooling", path}}), ErrorKind::access_denied, {file, path}});
  }
  expect_refused(table);
}

TEST(BadSentenceFolders, PoolingsAreChecked) {
  const std::string file = "1_Pooling/config.json";
  const std::string many = test::Json(std::vector<std::string>(65, "mean")).dump();
  expect_refused({
      {file, "", ErrorKind::file_not_found, {file}},
      {file, "[", ErrorKind::invalid_format, {file}},
      {file, "[]", config_error, {file}},
      {file, R"({"pooling_mode": "median"})", config_error, {"median", "cls", "lasttoken"}},
      {file, R"({"pooling_mode": ["mean", "Mean"]})", config_error, {"Mean"}},
      {file, R"({"pooling_mode": []})", config_error, {"at least one"}},
      {file, R"({"pooling_mode": 1})", config_error, {"pooling_mode"}},
      {file, R"({"pooling_mode": )" + many + "}", ErrorKind::resource_limit, {"pooling_mode"}},
      {file, R"({"pooling_mode_cls_token": "yes"})", config_error, {"pooling_mode_cls_token"}},
      {file, R"({"include_prompt": 0})", config_error, {"include_prompt"}},
      {file,
       R"({"word_embedding_dimension": 31})",
       config_error,
       {file, "embedding_dimension", "32", "31"}},
      {file, R"({"embedding_dimension": 33})", config_error, {file, "32", "33"}},
      {file, R"({"embedding_dimension": -1})", config_error, {"embedding_dimension"}},
      {file, R"({"pooling_mode": ["cls", "mean"]})", config_error, {"in_features", "64", "32"}},
  });
}

TEST(BadSentenceFolders, LayersAreChecked) {
  const std::string file = "2_Dense/config.json";
  const std::string norm = "3_LayerNorm/config.json";
  expect_refused({
      {file, "", ErrorKind::file_not_found, {file}},
      {file, R"({"out_features": 2})", config_error, {"in_features"}},
      {file, R"({"in_features": 32})", config_error, {"out_features"}},
      {file, dense_config(31, 2), config_error, {"in_features", "32", "31", file}},
      {file, dense_config(32, 0), config_error, {"out_features"}},
      {file, dense_config(32, Index{1} << 40), config_error, {"out_features"}},
      {file, R"({"in_features": 32, "out_features": 1e9})", config_error, {"out_features"}},
      {file, dense_config(32, 3), ErrorKind::weight_shape, {"linear.weight", "[3, 32]"}},
      {file, dense_config(32, 2, R"(, "bias": 1)"), config_error, {"bias"}},
      {file, dense_config(32, 2, R"(, "bias": false)"), ErrorKind::weight_shape, {"linear.bias"}},
      {file,
       dense_config(32, 2, R"(, "activation_function": "evil.Function")"),
       unsupported,
       {"evil.Function", "Tanh"}},
      {file,
       dense_config(32, 2, R"(, "activation_function": "torch.nn.modules.activation.Mish")"),
       unsupported,
       {"Mish"}},
      {file,
       dense_config(32, 2, R"(, "activation_function": null)"),
       config_error,
       {"activation_function"}},
      {file,
       dense_config(32, 2, R"(, "module_input_name": "token_embeddings")"),
       unsupported,
       {"module_input_name"}},
      {"2_Dense/model.safetensors", "", ErrorKind::file_not_found, {"2_Dense"}},
      {"2_Dense/model.safetensors", "damaged", ErrorKind::invalid_format, {"model.safetensors"}},
      {norm, "", ErrorKind::file_not_found, {norm}},
      {norm, "{}", config_error, {"dimension"}},
      {norm, R"({"dimension": 3})", config_error, {"dimension of a LayerNorm", "2", "3"}},
      {"3_LayerNorm/model.safetensors", "", ErrorKind::file_not_found, {"3_LayerNorm"}},
  });
  const EmbeddingFolder folder;
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"Dense", "2_Dense"}});
  folder.write("2_Dense/config.json", dense_config(golden_width, 2));
  folder.weights("2_Dense", {{"linear.weight", {Shape{2, golden_width}, numbers(64, 1)}}});
  test::expect_error(ErrorKind::weight_missing, {"linear.bias"}, [&] { return folder.load(); });
}

TEST(BadSentenceFolders, SettingsAreChecked) {
  const std::string settings = "config_sentence_transformers.json";
  const std::string transformer = "sentence_bert_config.json";
  expect_refused({
      {settings, "[]", config_error, {settings}},
      {settings, R"({"prompts": ["query"]})", config_error, {"prompts"}},
      {settings, R"({"prompts": {"query": 1}})", config_error, {"prompts/query"}},
      {settings,
       R"({"default_prompt_name": "nothing"})",
       config_error,
       {"default_prompt_name", "nothing"}},
      {settings, R"({"similarity_fn_name": "hamming"})", config_error, {"hamming", "manhattan"}},
      {settings, R"({"truncate_dim": 0})", config_error, {"truncate_dim"}},
      {settings, R"({"model_type": 3})", config_error, {"model_type"}},
      {transformer, "3", config_error, {transformer}},
      {transformer, R"({"max_seq_length": 0})", config_error, {"max_seq_length"}},
      {transformer, R"({"max_seq_length": "24"})", config_error, {"max_seq_length"}},
      {transformer, R"({"do_lower_case": 1})", config_error, {"do_lower_case"}},
      {transformer, R"({"transformer_task": "fill-mask"})", unsupported, {"fill-mask"}},
      {transformer, R"({"module_output_name": "scores"})", unsupported, {"scores"}},
      {transformer, R"({"modality_config": {"image": {}}})", unsupported, {"modality_config"}},
      {transformer,
       R"({"modality_config": {"text": {}, "message": {"method": "forward"}}})",
       unsupported,
       {"message", "chat template"}},
      {transformer,
       R"({"modality_config": {"text": {"method": "get_text_features"}}})",
       unsupported,
       {"get_text_features"}},
      {transformer,
       R"({"modality_config": {"text": {"method_output_name": ["a"]}}})",
       unsupported,
       {"method_output_name"}},
      {transformer,
       R"({"tokenizer_args": {"truncation_side": "left"}})",
       unsupported,
       {"tokenizer_args/truncation_side"}},
      {transformer, R"({"config_args": {"is_causal": false}})", unsupported, {"is_causal"}},
      {transformer,
       R"({"processing_kwargs": {"text": {"max_length": 5}}})",
       unsupported,
       {"processing_kwargs/text"}},
  });
}

TEST(SentenceModules, IgnoreTensorsTheyHaveNoPlaceForWhenAsked) {
  const EmbeddingFolder folder;
  folder.modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"Dense", "2_Dense"}});
  folder.write("2_Dense/config.json", dense_config(golden_width, 2));
  folder.weights("2_Dense", {{"linear.weight", {Shape{2, golden_width}, numbers(64, 1)}},
                             {"linear.bias", {Shape{2}, numbers(2, 1)}},
                             {"surprise", {Shape{2}, numbers(2, 1)}}});
  test::expect_error(ErrorKind::weight_shape, {"surprise"}, [&] { return folder.load(); });
  EXPECT_EQ(
      SentenceEmbedding::load(folder.path(), {.extra_tensors = ExtraTensors::ignore}).dimension(),
      2);
}

}  // namespace
}  // namespace attend
