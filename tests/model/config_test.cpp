// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// config.json: what transformers reads is read the same; what is impossible is named.
#include "attend/model/config.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <functional>

#include "support/cost.h"
#include "support/error_of.h"
#include "support/json.h"
#include "support/paths.h"
#include "support/sanitized.h"

namespace attend {
namespace {

using Json = test::OrderedJson;
using LabelIds = std::vector<std::pair<std::string, Index>>;

ModelConfig read(const std::string& text) {
  const test::TemporaryFolder folder;
  test::write_file(folder.path() / "config.json", text);
  return read_config(folder.path());
}

// A small config with some keys replaced; nothing given is removed.
Json bert(const Json& changes = Json::object()) {
  Json config =
      test::ordered_json_of(R"({"model_type": "bert", "hidden_size": 32, "num_hidden_layers": 2,
      "num_attention_heads": 4, "intermediate_size": 40, "vocab_size": 300,
      "max_position_embeddings": 88, "type_vocab_size": 2, "hidden_act": "gelu",
      "layer_norm_eps": 1e-12, "pad_token_id": 0})");
  for (const auto& [key, value] : changes.items()) config[key] = value;
  return config;
}

ModelConfig read_bert(const std::string& changes) {
  return read(bert(test::ordered_json_of(changes)).dump());
}

TEST(Config, ReadsBert) {
  const ModelConfig config = read_bert(
      R"({"layer_norm_eps": 1e-5, "hidden_act": "relu", "architectures": ["BertModel"]})");
  EXPECT_EQ(config.model_type, "bert");
  EXPECT_EQ(config.architectures, std::vector<std::string>{"BertModel"});
  EXPECT_EQ(config.hidden_size, 32);
  EXPECT_EQ(config.layers, 2);
  EXPECT_EQ(config.heads, 4);
  EXPECT_EQ(config.head_size(), 8);
  EXPECT_EQ(config.intermediate_size, 40);
  EXPECT_EQ(config.vocab_size, 300);
  EXPECT_EQ(config.max_positions, 88);
  EXPECT_EQ(config.type_vocab_size, 2);
  EXPECT_EQ(config.norm_eps, 1e-5F);
  EXPECT_EQ(config.activation, Activation::relu);
  EXPECT_EQ(config.pad_token_id, 0);
  EXPECT_TRUE(config.tie_word_embeddings);
}

// Some tables stand for Python code that folders bring along: for that code, and for no other.
TEST(Config, CodeThatATableStandsForIsNotMissed) {
  const auto text = [](const std::string& type, const std::string& auto_map) {
    return R"({"model_type": ")" + type + R"(", "auto_map": {)" + auto_map + "}}";
  };
  const auto refuses = [&](const std::string& type, const std::string& auto_map) {
    test::expect_error(ErrorKind::unsupported, {"/auto_map", "never run"},
                       [&] { return read(text(type, auto_map)); });
  };
  const std::string nomic = R"("AutoModel": "nomic-ai/x--modeling_hf_nomic_bert.NomicBertModel")";
  const std::string gte = R"("AutoConfig": "configuration.NewConfig")";
  EXPECT_EQ(read(text("nomic_bert", nomic)).rope_theta, 10000.0F);
  EXPECT_EQ(read(text("new", gte)).type_vocab_size, 1);
  EXPECT_EQ(read(text("gte", R"("AutoModel": "GteModel")")).model_type, "gte");
  refuses("bert", nomic);
  refuses("unheard_of", nomic);
  refuses("new", nomic);
  refuses("nomic_bert", gte);
  refuses("nomic_bert", nomic + R"(, "AutoModelForMaskedLM": "modeling.OtherForMaskedLM")");
  refuses("nomic_bert", nomic + R"(, "AutoTokenizer": ["tokenization.NomicBertTokenizer", null])");
}

// transformers reads the key in one of the two families.
TEST(Config, TypesOfTasksAreReadWhereTheyCount) {
  const std::string rest = R"(", "use_task_id": true})";
  EXPECT_FALSE(read(R"({"model_type": "bert)" + rest).use_task_types);
  const ModelConfig ernie = read(R"({"model_type": "ernie)" + rest);
  EXPECT_TRUE(ernie.use_task_types);
  EXPECT_EQ(ernie.task_types, 3);
}

// Two keys of to_dict() say again what feed_forward_proj says, and go before it.
TEST(Config, FeedForwardsOfT5AreReadAsTheReferenceReadsThem) {
  const auto expect = [](const std::string& keys, Activation activation, bool gated) {
    SCOPED_TRACE(keys);
    const ModelConfig config = read(R"({"model_type": "t5", )" + keys + R"("d_model": 8})");
    EXPECT_EQ(config.activation, activation);
    EXPECT_EQ(config.gated_ffn, gated);
  };
  expect("", Activation::relu, false);
  expect(R"("feed_forward_proj": "gated-gelu", )", Activation::gelu_tanh, true);
  expect(R"("feed_forward_proj": "gelu", )", Activation::gelu, false);
  expect(R"("feed_forward_proj": "gated-silu", )", Activation::silu, true);
  expect(R"("feed_forward_proj": "gated-gelu", "dense_act_fn": "gelu", )", Activation::gelu, true);
  expect(R"("feed_forward_proj": "gated-relu", "is_gated_act": false, )", Activation::relu, false);
  for (const char* value : {R"("gated")", R"("gated-")", R"("gated-gated-relu")", R"("wide-relu")",
                            R"("")", R"("what")"}) {
    test::expect_error(ErrorKind::unsupported, {"/feed_forward_proj"}, [&] {
      return read(R"({"model_type": "t5", "feed_forward_proj": )" + std::string(value) + "}");
    });
  }
  for (const char* value : {"null", "1", "[]"}) {
    test::expect_error(ErrorKind::config_error, {"/feed_forward_proj"}, [&] {
      return read(R"({"model_type": "t5", "feed_forward_proj": )" + std::string(value) + "}");
    });
  }
}

TEST(Config, DefaultsOfModelsWithTwoStacks) {
  const ModelConfig t5 = read(R"({"model_type": "t5", "num_layers": 3, "num_heads": 7})");
  EXPECT_EQ(t5.decoder_layers, 3);
  EXPECT_EQ(t5.head_size(), 64);
  EXPECT_TRUE(t5.tie_word_embeddings);
  EXPECT_EQ(t5.decoder_start_token_id, no_token);
  const ModelConfig mt5 = read(R"({"model_type": "mt5", "num_decoder_layers": 2})");
  EXPECT_EQ(mt5.layers, 8);
  EXPECT_EQ(mt5.decoder_layers, 2);
  EXPECT_FALSE(mt5.tie_word_embeddings);
  EXPECT_TRUE(mt5.gated_ffn);
  EXPECT_EQ(mt5.decoder_start_token_id, 0);
  EXPECT_EQ(read(R"({"model_type": "mbart"})").decoder_start_token_id, no_token);
  EXPECT_EQ(read(R"({"model_type": "marian"})").pad_token_id, 58100);
  EXPECT_TRUE(read(R"({"model_type": "m2m_100"})").scale_embedding);
  for (const char* type : {"bart", "mbart", "pegasus", "marian", "m2m_100", "t5", "mt5"}) {
    test::expect_error(ErrorKind::unsupported, {"/tie_encoder_decoder"}, [&] {
      return read(R"({"model_type": ")" + std::string(type) + R"(", "tie_encoder_decoder": true})");
    });
  }
}

// No part, or null, is an error of the reference where it makes the parts.
TEST(Config, CountsOfPartsAreAtLeastOne) {
  using Row = std::tuple<const char*, const char*, Json>;
  for (const auto& [type, key, rest] :
       {Row{"t5", "d_kv", Json::object()},
        Row{"t5", "relative_attention_max_distance", Json::object()},
        Row{"t5", "relative_attention_num_buckets", Json::object()},
        Row{"albert", "inner_group_num", Json::object()},
        Row{"albert", "num_hidden_groups", Json::object()},
        Row{"deberta-v2", "conv_groups", {{"conv_kernel_size", 3}}},
        Row{"ernie", "task_type_vocab_size", {{"use_task_id", true}}}}) {
    Json config = rest;
    config["model_type"] = type;
    for (const Json& value : {Json(0), Json(-1), Json(nullptr), Json(1.5), Json(100'000'000)}) {
      config[key] = value;
      test::expect_error(ErrorKind::config_error, {std::string("/") + key},
                         [&] { return read(config.dump()); });
    }
    config[key] = 2;
    EXPECT_NO_THROW((void)read(config.dump()));
  }
}

TEST(Config, CountsThatNothingUsesAreNotLookedAt) {
  for (const char* value : {"0", "null", "-1", R"("none")"}) {
    SCOPED_TRACE(value);
    const auto ernie = [&](const std::string& used) {
      return read(R"({"model_type": "ernie", "use_task_id": )" + used +
                  R"(, "task_type_vocab_size": )" + value + "}");
    };
    EXPECT_FALSE(ernie("false").use_task_types);
    EXPECT_FALSE(ernie("null").use_task_types);
    EXPECT_THROW((void)ernie("true"), Error);
    const auto deberta = [&](const std::string& kernel) {
      return read(R"({"model_type": "deberta-v2", "conv_groups": )" + std::string(value) +
                  R"(, "conv_kernel_size": )" + kernel + "}");
    };
    EXPECT_EQ(deberta("0").convolution_groups, 1);
    EXPECT_EQ(deberta("null").convolution_groups, 1);
    EXPECT_THROW((void)deberta("3"), Error);
  }
}

TEST(Config, TypesOfTasksMayBeAsManyAsTokens) {
  const auto count = [](Index types) {
    return read(R"({"model_type": "ernie", "use_task_id": true, "task_type_vocab_size": )" +
                std::to_string(types) + "}")
        .task_types;
  };
  EXPECT_EQ(count(70'000), 70'000);
}

TEST(Config, DecodersAreReadWhereTheyCount) {
  EXPECT_TRUE(read_bert(R"({"is_decoder": true})").is_decoder);
  EXPECT_TRUE(read(R"({"model_type": "mpnet", "is_decoder": true})").is_decoder);
  EXPECT_FALSE(read(R"({"model_type": "albert", "is_decoder": true})").is_decoder);
}

TEST(Config, ReadsHowPositionsAreKnown) {
  const auto position = [](const std::string& value) {
    return read_bert(R"({"position_embedding_type": )" + value + "}").position_embedding;
  };
  EXPECT_EQ(read_bert("{}").position_embedding, PositionEmbedding::absolute);
  EXPECT_EQ(position(R"("absolute")"), PositionEmbedding::absolute);
  EXPECT_EQ(position(R"("relative_key")"), PositionEmbedding::relative_key);
  EXPECT_EQ(position(R"("relative_key_query")"), PositionEmbedding::relative_key_query);
  EXPECT_EQ(position("null"), PositionEmbedding::none);
}

// Null is false in Python, and nothing else.
TEST(Config, NullIsFalse) {
  EXPECT_EQ(read_bert(R"({"is_decoder": null, "add_cross_attention": null})").layers, 2);
  EXPECT_FALSE(read_bert(R"({"tie_word_embeddings": null})").tie_word_embeddings);
  EXPECT_FALSE(
      read(R"({"model_type": "deberta", "position_biased_input": null})").position_biased_input);
  EXPECT_EQ(read(R"({"model_type": "deberta", "talking_head": null})").layers, 12);
  for (const auto& [type, key] :
       {std::pair{"new", "position_embedding_type"}, std::pair{"new", "layer_norm_type"},
        std::pair{"new", "pack_qkv"}, std::pair{"nomic_bert", "activation_function"},
        std::pair{"nomic_bert", "rotary_emb_fraction"}}) {
    const Json config{{"model_type", type}, {key, nullptr}};
    test::expect_error(ErrorKind::unsupported, {std::string("/") + key, "null"},
                       [&] { return read(config.dump()); });
  }
}

TEST(Config, ReadsTheFactorOfStretchedPositions) {
  const auto factor = [](const std::string& scaling) {
    return read(R"({"model_type": "new", "rope_scaling": )" + scaling + "}").rope_ntk_factor;
  };
  EXPECT_EQ(factor("null"), 1.0F);
  EXPECT_EQ(factor(R"({"type": "ntk", "factor": 8, "mixed_b": null})"), 8.0F);
  const auto refuses = [&](ErrorKind kind, std::string_view part, const std::string& scaling) {
    test::expect_error(kind, {part, "config.json"}, [&] { return factor(scaling); });
  };
  const auto unknown = ErrorKind::unsupported;
  const auto wrong = ErrorKind::config_error;
  refuses(unknown, "/rope_scaling/type", R"({"type": "yarn", "factor": 8})");
  refuses(unknown, "/rope_scaling/mixed_b", R"({"type": "ntk", "factor": 8, "mixed_b": 0.6})");
  refuses(wrong, "/rope_scaling/type", R"({"factor": 8})");
  refuses(wrong, "/rope_scaling/factor", R"({"type": "ntk"})");
  for (const char* value : {"1", "0", "-2", "1e300", "\"8\"", "null"}) {
    refuses(wrong, "/rope_scaling/factor",
            std::string(R"({"type": "ntk", "factor": )") + value + "}");
  }
  refuses(wrong, "/rope_scaling", "8");
}

TEST(Config, ReadsDistilbertByItsOwnKeys) {
  const ModelConfig config = read(R"({"model_type": "distilbert", "dim": 32, "n_layers": 3,
      "n_heads": 2, "hidden_dim": 40, "vocab_size": 300, "max_position_embeddings": 88,
      "activation": "gelu", "hidden_size": 99, "type_vocab_size": 7})");
  EXPECT_EQ(config.hidden_size, 32);
  EXPECT_EQ(config.layers, 3);
  EXPECT_EQ(config.heads, 2);
  EXPECT_EQ(config.intermediate_size, 40);
  EXPECT_EQ(config.type_vocab_size, 0);
  EXPECT_EQ(config.norm_eps, 1e-12F);
}

TEST(Config, MissingKeysHaveTheDefaultsOfTransformers) {
  const ModelConfig config = read(R"({"model_type": "bert"})");
  EXPECT_EQ(config.hidden_size, 768);
  EXPECT_EQ(config.layers, 12);
  EXPECT_EQ(config.vocab_size, 30522);
  EXPECT_EQ(config.labels, (std::vector<std::string>{"LABEL_0", "LABEL_1"}));
  EXPECT_EQ(config.pad_token_id, 0);
  EXPECT_EQ(read_bert(R"({"pad_token_id": null})").pad_token_id, std::nullopt);
}

TEST(Config, ReadsLabelsAsTransformersDoes) {
  const ModelConfig shuffled = read_bert(
      R"({"id2label": {"2": "c", "0": "a", "1": "b"}, "label2id": {"b": 1, "a": 0, "c": 2}})");
  EXPECT_EQ(shuffled.labels, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(shuffled.label_ids, (LabelIds{{"b", 1}, {"a", 0}, {"c", 2}}));
  // The size of id2label counts, whatever num_labels says.
  EXPECT_EQ(read_bert(R"({"num_labels": 5, "id2label": {"0": "a"}})").labels.size(), 1U);
  EXPECT_EQ(read_bert(R"({"num_labels": 3})").labels.back(), "LABEL_2");
  EXPECT_EQ(read_bert(R"({"num_labels": 3, "id2label": null})").labels.size(), 3U);
  // label2id is neither compared nor, without id2label, used.
  EXPECT_EQ(read_bert(R"({"id2label": {"0": "a"}, "label2id": {"x": 7, "y": "0"}})").label_ids,
            (LabelIds{{"x", 7}}));
  EXPECT_EQ(read_bert(R"({"label2id": {"x": 0}})").label_ids,
            (LabelIds{{"LABEL_0", 0}, {"LABEL_1", 1}}));
  EXPECT_EQ(read_bert(R"({"id2label": {"0": "a"}})").label_ids, (LabelIds{{"a", 0}}));
  EXPECT_EQ(read_bert(R"({"id2label": {"0": "same", "1": "same"}})").labels.size(), 2U);
  EXPECT_EQ(read_bert(R"({"id2label": {"0": 1, "1": -1}})").labels[1], "-1");
}

TEST(Config, ReadsWhatTasksNeed) {
  const ModelConfig config = read_bert(R"({"problem_type": "regression",
      "function_to_apply": "none", "return_all_scores": true, "tie_word_embeddings": false,
      "sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity"},
      "sbert_ce_default_activation_function": "old"})");
  EXPECT_EQ(config.problem_type, "regression");
  EXPECT_EQ(config.function_to_apply, "none");
  EXPECT_EQ(config.return_all_scores, true);
  EXPECT_FALSE(config.tie_word_embeddings);
  EXPECT_EQ(config.cross_encoder_activation, "torch.nn.modules.linear.Identity");
  EXPECT_EQ(read_bert(R"({"sbert_ce_default_activation_function": "x"})").cross_encoder_activation,
            "x");
  EXPECT_EQ(read_bert("{}").return_all_scores, std::nullopt);
}

const Json& quantization() {
  static const Json json = test::ordered_json_of(R"({"quant_method": "compressed-tensors",
      "format": "int-quantized", "quantization_status": "compressed", "kv_cache_scheme": null,
      "config_groups": {"group_0": {"targets": ["Linear"], "input_activations": null,
        "weights": {"num_bits": 8, "type": "int", "symmetric": true, "strategy": "channel"}}}})");
  return json;
}

TEST(Config, KnowsOneQuantization) {
  EXPECT_NO_THROW(read(bert({{"quantization_config", quantization()}}).dump()));
  EXPECT_NO_THROW(read_bert(R"({"quantization_config": null})"));
  const auto refuses = [](std::string_view pointer, const Json& value) {
    Json changed = quantization();
    changed[Json::json_pointer(std::string(pointer))] = value;
    test::expect_error(ErrorKind::unsupported,
                       {"/quantization_config" + std::string(pointer), "config.json"}, [&] {
                         return read(bert({{"quantization_config", changed}}).dump());
                       });
  };
  const std::string weights = "/config_groups/group_0/weights/";
  refuses("/quant_method", "gptq");
  refuses("/format", "pack-quantized");
  refuses("/quantization_status", "frozen");
  refuses("/kv_cache_scheme", Json::object());
  refuses("/config_groups/group_0/input_activations", Json::object());
  refuses("/config_groups/group_0/output_activations", Json::object());
  refuses(weights + "num_bits", 4);
  refuses(weights + "type", "float");
  refuses(weights + "symmetric", false);
  refuses(weights + "strategy", "group");
  refuses(weights + "group_size", 128);
  refuses(weights + "actorder", "group");
}

struct BadConfig {
  std::string name;
  std::string changes;
  ErrorKind kind;
  std::vector<std::string> parts;
};

void PrintTo(const BadConfig& row, std::ostream* out) { *out << row.name; }

class BadConfigTest : public testing::TestWithParam<BadConfig> {};

TEST_P(BadConfigTest, IsRefused) {
  const test::CostLimit limit;
  const auto error = test::error_of([] { return read_bert(GetParam().changes); });
  ASSERT_TRUE(error) << "it was accepted";
  const std::string_view message = error->what();
  EXPECT_EQ(name(error->kind()), name(GetParam().kind)) << message;
  EXPECT_NE(message.find("config.json"), std::string_view::npos) << message;
  for (const auto& part : GetParam().parts) {
    EXPECT_NE(message.find(part), std::string_view::npos) << "no " << part << " in: " << message;
  }
}

constexpr auto config_error = ErrorKind::config_error;
constexpr auto unsupported = ErrorKind::unsupported;

const BadConfig bad_configs[] = {
    {"WidthHuge",
     R"({"hidden_size": 1099511627776})",
     config_error,
     {"/hidden_size: expected an integer in [1, 65536], found 1099511627776"}},
    {"WidthFloat", R"({"hidden_size": 1e12})", config_error, {"/hidden_size", "found 1"}},
    {"WidthZero", R"({"hidden_size": 0})", config_error, {"/hidden_size", "found 0"}},
    {"WidthNegative", R"({"hidden_size": -1})", config_error, {"/hidden_size", "found -1"}},
    {"WidthFraction", R"({"hidden_size": 1.5})", config_error, {"/hidden_size", "found 1.5"}},
    {"WidthText", R"({"hidden_size": "768"})", config_error, {"/hidden_size", "found \"768\""}},
    {"WidthNull", R"({"hidden_size": null})", config_error, {"/hidden_size", "found null"}},
    {"WidthBool", R"({"hidden_size": true})", config_error, {"/hidden_size", "found true"}},
    {"HeadsDoNotDivide",
     R"({"num_attention_heads": 5})",
     config_error,
     {"/num_attention_heads", "hidden_size = 32", "found 5"}},
    {"HeadsZero",
     R"({"num_attention_heads": 0})",
     config_error,
     {"/num_attention_heads", "found 0"}},
    {"HeadsAboveWidth",
     R"({"num_attention_heads": 64})",
     config_error,
     {"/num_attention_heads", "a divisor of hidden_size = 32"}},
    {"LayersHuge",
     R"({"num_hidden_layers": 1000000000})",
     config_error,
     {"/num_hidden_layers", "1000000000"}},
    {"IntermediateHuge",
     R"({"intermediate_size": 4294967296})",
     config_error,
     {"/intermediate_size"}},
    {"VocabularyHuge", R"({"vocab_size": 4294967296})", config_error, {"/vocab_size"}},
    {"VocabularyZero", R"({"vocab_size": 0})", config_error, {"/vocab_size"}},
    {"PositionsHuge",
     R"({"max_position_embeddings": 2147483648})",
     config_error,
     {"/max_position_embeddings"}},
    {"CodeOfNoFile", R"({"auto_map": {}})", unsupported, {"/auto_map", "never run"}},
    {"TypesNegative", R"({"type_vocab_size": -2})", config_error, {"/type_vocab_size"}},
    {"EpsNegative", R"({"layer_norm_eps": -1e-5})", config_error, {"/layer_norm_eps", "[0, 1]"}},
    {"EpsAboveOne", R"({"layer_norm_eps": 2})", config_error, {"/layer_norm_eps", "[0, 1]"}},
    {"LayersZero", R"({"num_hidden_layers": 0})", config_error, {"/num_hidden_layers", "found 0"}},
    {"EpsText", R"({"layer_norm_eps": "1e-5"})", config_error, {"/layer_norm_eps", "a number"}},
    {"EpsNull", R"({"layer_norm_eps": null})", config_error, {"/layer_norm_eps"}},
    {"ActivationUnknown",
     R"({"hidden_act": "swoosh"})",
     unsupported,
     {"/hidden_act", "\"swoosh\""}},
    {"ActivationNumber", R"({"hidden_act": 1})", config_error, {"/hidden_act", "a string"}},
    {"PadBeyondVocabulary",
     R"({"pad_token_id": 300})",
     config_error,
     {"/pad_token_id", "[0, 299]"}},
    {"PadNegative", R"({"pad_token_id": -1})", config_error, {"/pad_token_id"}},
    {"TypeUnknown",
     R"({"model_type": "mamba"})",
     unsupported,
     {"/model_type", "\"mamba\"", "bert, bloom, camembert"}},
    {"TypeNull", R"({"model_type": null})", config_error, {"/model_type", "null"}},
    {"RemoteCode",
     R"({"auto_map": {"AutoModel": "modeling.X"}})",
     unsupported,
     {"/auto_map", "never run"}},
    {"RelativePositions",
     R"({"position_embedding_type": "rotary"})",
     unsupported,
     {"/position_embedding_type", "\"absolute\"", "\"rotary\""}},
    {"PositionsNumber",
     R"({"position_embedding_type": 1})",
     config_error,
     {"/position_embedding_type"}},
    {"DecoderNumber", R"({"is_decoder": 1})", config_error, {"/is_decoder"}},
    {"DecoderWithRelativePositions",
     R"({"is_decoder": true, "position_embedding_type": "relative_key"})",
     unsupported,
     {"/is_decoder", "expected false beside relative positions"}},
    {"CrossAttention", R"({"add_cross_attention": true})", unsupported, {"/add_cross_attention"}},
    {"ScaledRotation",
     R"({"rope_scaling": {"type": "yarn", "factor": 4.0}})",
     unsupported,
     {"/rope_scaling", "expected null", "yarn"}},
    {"TalkingHead",
     R"({"model_type": "deberta", "talking_head": true})",
     unsupported,
     {"/talking_head", "expected false"}},
    {"PrunedHeads", R"({"pruned_heads": {"0": [1]}})", unsupported, {"/pruned_heads"}},
    {"QuantizationOther",
     R"({"quantization_config": {"quant_method": "bitsandbytes"}})",
     unsupported,
     {"/quantization_config/quant_method", "bitsandbytes"}},
    {"QuantizationList",
     R"({"quantization_config": []})",
     config_error,
     {"/quantization_config", "an object"}},
    {"LabelMissing",
     R"({"id2label": {"0": "a", "2": "c"}})",
     config_error,
     {"/id2label/2", "0 to 1"}},
    {"LabelKeyText", R"({"id2label": {"zero": "a"}})", config_error, {"/id2label/zero"}},
    {"LabelKeyNegative", R"({"id2label": {"-1": "a"}})", config_error, {"/id2label/-1"}},
    {"LabelKeyTwice",
     R"({"id2label": {"0": "a", "00": "b"}})",
     config_error,
     {"/id2label/00", "each once"}},
    {"LabelKeyHuge",
     R"({"id2label": {"99999999999999999999": "a"}})",
     config_error,
     {"/id2label/9999"}},
    {"LabelNull", R"({"id2label": {"0": null}})", config_error, {"/id2label/0", "a string"}},
    {"LabelFraction", R"({"id2label": {"0": 1.5}})", config_error, {"/id2label/0", "a string"}},
    {"LabelBool", R"({"id2label": {"0": true}})", config_error, {"/id2label/0", "a string"}},
    {"LabelsAsList", R"({"id2label": ["a", "b"]})", config_error, {"/id2label", "an object"}},
    {"LabelIdsAsList", R"({"label2id": []})", config_error, {"/label2id", "an object"}},
    {"LabelCountZero", R"({"num_labels": 0})", config_error, {"/num_labels"}},
    {"LabelCountHuge", R"({"num_labels": 1000000000})", config_error, {"/num_labels"}},
    {"ProblemUnknown",
     R"({"problem_type": "guessing"})",
     config_error,
     {"/problem_type", "\"guessing\"", "regression"}},
    {"ArchitecturesText",
     R"({"architectures": "BertModel"})",
     config_error,
     {"/architectures", "an array"}},
    {"ArchitecturesNumber",
     R"({"architectures": [1]})",
     config_error,
     {"/architectures/0", "a string"}},
    {"AllScoresText", R"({"return_all_scores": "yes"})", config_error, {"/return_all_scores"}},
    {"TiedNumber", R"({"tie_word_embeddings": 1})", config_error, {"/tie_word_embeddings"}},
};

INSTANTIATE_TEST_SUITE_P(Config, BadConfigTest, testing::ValuesIn(bad_configs),
                         [](const auto& row) { return row.param.name; });

TEST(Config, RefusesFilesThatAreNoConfig) {
  const auto refuses = [](ErrorKind kind, std::string_view part, const std::string& text) {
    test::expect_error(kind, {part, "config.json"}, [&] { return read(text); });
  };
  refuses(ErrorKind::invalid_format, "the end", "");
  refuses(ErrorKind::invalid_format, "line 1", R"({"layer_norm_eps": NaN})");
  refuses(ErrorKind::invalid_format, "Git LFS", "version https://git-lfs.github.com/spec/v1\n");
  refuses(ErrorKind::config_error, "an object", "[]");
  refuses(ErrorKind::config_error, "/model_type", "{}");
  refuses(ErrorKind::resource_limit, "depth", R"({"x": )" + std::string(100'000, '['));
  const test::TemporaryFolder folder;
  test::expect_error(ErrorKind::file_not_found, {"config.json"},
                     [&] { return read_config(folder.path()); });
}

TEST(Config, ReadsEveryGoldenFolder) {
  int count = 0;
  for (const auto& model : std::filesystem::directory_iterator(test::tests_folder() / "golden")) {
    if (!std::filesystem::exists(model.path() / "config.json")) continue;
    const ModelConfig config = read_config(model.path());
    EXPECT_GT(config.hidden_size, 0) << model.path();
    ++count;
  }
  EXPECT_GE(count, 10);
}

TEST(Config, LargeFilesAreRefusedInBoundedMemory) {
  const test::TemporaryFolder folder;
  {
    std::string zeros = R"({"model_type": "bert", "x": [0)";
    while (zeros.size() < 15'000'000) zeros += ",0";
    test::write_file(folder.path() / "config.json", zeros + "]}");
  }
  const auto peak = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;  // KiB
  };
  const auto start = test::work_time();
  const auto before = peak();
  test::expect_error(ErrorKind::resource_limit, {"number of JSON values", "config.json"},
                     [&] { return read_config(folder.path()); });
  EXPECT_LT(test::work_time() - start, test::time_allowed);
  EXPECT_LT(peak() - before, 64'000);

  std::filesystem::resize_file(folder.path() / "config.json", 16'000'001);
  test::expect_error(ErrorKind::resource_limit, {"at most 16000000"},
                     [&] { return read_config(folder.path()); });
}

TEST(Config, ReadsAHundredThousandLabels) {
  std::string text = R"({"model_type": "bert", "id2label": {)";  // Json takes quadratic time
  for (int i = 0; i < 100'000; ++i) {
    const std::string number = std::to_string(i);
    text += (i == 0 ? "\"" : ",\"") + number + R"(": "name of the label )" + number + '"';
  }
  EXPECT_EQ(read(text + "}}").labels.size(), 100'000U);
}

}  // namespace
}  // namespace attend
