// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Keys of decoders: what stands for what, and what is refused.
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "attend/model/architecture.h"
#include "attend/model/config.h"
#include "support/error_of.h"
#include "support/paths.h"

namespace attend {
namespace {

ModelConfig read(const std::string& members) {
  const test::TemporaryFolder folder;
  test::write_file(folder.path() / "config.json", "{" + members + "}");
  return read_config(folder.path());
}
ModelConfig read_llama(const std::string& members) {
  return read(R"("model_type": "llama", "hidden_size": 32, "num_attention_heads": 4,
                 "num_hidden_layers": 2, "max_position_embeddings": 64)" +
              (members.empty() ? "" : ", " + members));
}
ModelConfig read_rope(const std::string& scaling) {
  return read_llama(R"("rope_scaling": {)" + scaling + "}");
}

StackOptions options_of(const ModelConfig& config) {
  return find_architecture(config.model_type)->options(config);
}

void expect_refused(ErrorKind kind, const std::string& part, const std::string& members) {
  SCOPED_TRACE(members);
  test::expect_error(kind, {part}, [&] { (void)options_of(read_llama(members)); });
}

TEST(DecoderConfigTest, KeyHeadsAndHeadSize) {
  EXPECT_EQ(read_llama("").key_heads, 0);
  EXPECT_EQ(read_llama(R"("num_key_value_heads": null)").key_heads, 0);
  EXPECT_EQ(read_llama(R"("num_key_value_heads": 2)").key_heads, 2);
  EXPECT_EQ(read_llama("").head_size(), 8);
  EXPECT_EQ(read_llama(R"("head_dim": null)").head_size(), 8);
  EXPECT_EQ(read_llama(R"("head_dim": 10)").head_size(), 10);
  EXPECT_EQ(read(R"("model_type": "qwen3")").head_size(), 128);
  expect_refused(ErrorKind::config_error, "/num_key_value_heads", R"("num_key_value_heads": 3)");
  expect_refused(ErrorKind::config_error, "/num_key_value_heads", R"("num_key_value_heads": 8)");
  expect_refused(ErrorKind::config_error, "/num_key_value_heads", R"("num_key_value_heads": 0)");
  // The default of the class does not divide these heads.
  test::expect_error(ErrorKind::config_error, {"12", "8, by default"}, [] {
    return read(R"("model_type": "mistral", "hidden_size": 24, "num_attention_heads": 12)");
  });
}

// What transformers 5 writes; the reference would take the class's default, and answer nonsense.
TEST(DecoderConfigTest, RotaryKeysOfTransformers5AreRefused) {
  const std::string later = R"("rope_parameters": {"rope_theta": 1e6, "rope_type": "default"})";
  const auto expect_unsupported = [&](const std::string& type, const std::string& key) {
    test::expect_error(ErrorKind::unsupported, {"/rope_parameters", key},
                       [&] { return read("\"model_type\": \"" + type + "\", " + later); });
  };
  for (const char* type : {"llama", "mistral", "qwen2", "qwen3", "gemma2", "gemma3_text", "phi3",
                           "stablelm", "starcoder2", "olmo2", "smollm3"}) {
    expect_unsupported(type, "rope_theta");
  }
  expect_unsupported("gpt_neox", "rotary_emb_base");
  expect_unsupported("modernbert", "global_rope_theta");
  EXPECT_EQ(read_llama(R"("rope_theta": 5000.0, )" + later).rope_theta, 5000);
  EXPECT_EQ(read_llama(R"("rope_parameters": null)").rope_theta, 10000);
}

TEST(DecoderConfigTest, FlagsAndPadding) {
  EXPECT_FALSE(read_llama("").tie_word_embeddings);
  EXPECT_TRUE(read_llama(R"("tie_word_embeddings": true)").tie_word_embeddings);
  EXPECT_TRUE(read(R"("model_type": "gemma")").tie_word_embeddings);
  EXPECT_EQ(read_llama("").pad_token_id, std::nullopt);
  EXPECT_EQ(read_llama(R"("pad_token_id": -1)").pad_token_id, std::nullopt);
  EXPECT_EQ(read_llama(R"("pad_token_id": 7)").pad_token_id, 7);
  EXPECT_EQ(read(R"("model_type": "gpt2", "vocab_size": 50, "pad_token_id": 50)").pad_token_id,
            std::nullopt);
  EXPECT_EQ(read(R"("model_type": "gemma2", "attn_logit_softcapping": null)").score_cap, 0);
  EXPECT_EQ(read(R"("model_type": "gemma2")").score_cap, 50);
}

// attribute_map: the general name counts before the own one; BLOOM's old name before both.
TEST(DecoderConfigTest, NamesOfOneSize) {
  EXPECT_EQ(read(R"("model_type": "gpt2", "n_embd": 24)").hidden_size, 24);
  EXPECT_EQ(read(R"("model_type": "gpt2", "n_embd": 24, "hidden_size": 36)").hidden_size, 36);
  const auto bloom = read(R"("model_type": "bloom", "n_embed": 48, "hidden_size": 64,
                             "num_attention_heads": 4, "n_head": 8, "n_layer": 3)");
  EXPECT_EQ(bloom.hidden_size, 48);
  EXPECT_EQ(bloom.heads, 4);
  EXPECT_EQ(bloom.layers, 3);
  EXPECT_EQ(read(R"("model_type": "bloom", "n_embed": null, "hidden_size": 64)").hidden_size, 64);
}

TEST(DecoderConfigTest, RopeScalings) {
  EXPECT_TRUE(
      std::holds_alternative<std::monostate>(read_rope(R"("type": "default")").rope_scaling));
  EXPECT_EQ(read_rope(R"("type": "linear", "factor": 4.0)").rope_slowdown, 4);
  EXPECT_EQ(
      std::get<NtkScaling>(read_rope(R"("rope_type": "dynamic", "factor": 2.0)").rope_scaling),
      (NtkScaling{2, 64}));
  const auto yarn = read_rope(R"("rope_type": "yarn", "factor": 4.0, "truncate": false,
                                 "original_max_position_embeddings": 16, "beta_slow": null)");
  EXPECT_EQ(std::get<YarnScaling>(yarn.rope_scaling),
            (YarnScaling{4, 32, 1, 16, YarnScaling::Bounds::exact}));
  EXPECT_NEAR(yarn.rope_amplitude, 1.138629F, 1e-6F);
  const auto by_pair = read_rope(R"("rope_type": "longrope", "factor": 4.0,
                                    "short_factor": [1, 2], "long_factor": [3.5, 4])");
  EXPECT_EQ(std::get<LongScaling>(by_pair.rope_scaling), (LongScaling{{1, 2}, {3.5F, 4}, 64}));
  EXPECT_NEAR(by_pair.rope_amplitude, 1.154701F, 1e-6F);
  const auto llama3 = read_rope(R"("rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
      "high_freq_factor": 4.0, "original_max_position_embeddings": 32)");
  EXPECT_EQ(std::get<Llama3Scaling>(llama3.rope_scaling), (Llama3Scaling{8, 1, 4, 32}));
}

TEST(DecoderConfigTest, RopeScalingsThatCannotBe) {
  const auto refused = [](ErrorKind kind, const std::string& part, const std::string& scaling) {
    expect_refused(kind, part, R"("rope_scaling": )" + scaling);
  };
  refused(ErrorKind::unsupported, "/rope_scaling/type", R"({"type": "mrope"})");
  refused(ErrorKind::config_error, "rope_type", R"({"factor": 2.0})");
  refused(ErrorKind::config_error, "factor", R"({"type": "linear"})");
  refused(ErrorKind::config_error, "/rope_scaling/factor", R"({"type": "linear", "factor": 0})");
  refused(ErrorKind::config_error, "/rope_scaling/factor", R"({"type": "yarn", "factor": -1})");
  refused(ErrorKind::config_error, "low_freq_factor", R"({"type": "llama3", "factor": 8})");
  refused(ErrorKind::config_error, "/rope_scaling", R"([1])");
  refused(ErrorKind::config_error, "/rope_scaling/long_factor/0",
          R"({"type": "longrope", "short_factor": [1], "long_factor": ["a"]})");
  test::expect_error(ErrorKind::unsupported, {"linear"}, [] {
    return read(R"("model_type": "olmo2", "rope_scaling": {"type": "yarn", "factor": 2.0})");
  });
}

TEST(DecoderConfigTest, LayersWithWindows) {
  const auto windows = [](const std::string& members) {
    std::vector<Index> out;
    const std::string sizes = R"(, "hidden_size": 32, "num_attention_heads": 4, "head_dim": 8,
        "num_key_value_heads": 4, "num_hidden_layers": 4)";
    for (const auto& block : options_of(read(members + sizes)).blocks) {
      out.push_back(block.mask.behind);
    }
    return out;
  };
  using Windows = std::vector<Index>;
  EXPECT_EQ(windows(R"("model_type": "mistral", "sliding_window": 5)"), (Windows{4, 4, 4, 4}));
  EXPECT_EQ(windows(R"("model_type": "mistral", "sliding_window": null)"),
            (Windows{-1, -1, -1, -1}));
  EXPECT_EQ(windows(R"("model_type": "qwen2", "sliding_window": 5, "max_window_layers": 2)"),
            (Windows{-1, -1, -1, -1}));
  EXPECT_EQ(windows(R"("model_type": "qwen2", "sliding_window": 5, "max_window_layers": 2,
                       "use_sliding_window": true)"),
            (Windows{-1, -1, 4, 4}));
  EXPECT_EQ(windows(R"("model_type": "gemma2", "sliding_window": 5)"), (Windows{4, -1, 4, -1}));
  EXPECT_EQ(windows(R"("model_type": "gemma3_text", "sliding_window": 5,
                       "sliding_window_pattern": 3)"),
            (Windows{4, 4, -1, 4}));
  EXPECT_EQ(windows(R"("model_type": "gpt_neo", "window_size": 3,
                       "attention_types": [[["local", "global"], 1], [["global"], 2]])"),
            (Windows{2, -1, -1, -1}));
}

TEST(DecoderConfigTest, LayersThatCannotBe) {
  const auto refused = [](ErrorKind kind, const std::string& part, const std::string& members) {
    SCOPED_TRACE(members);
    test::expect_error(kind, {part}, [&] {
      (void)options_of(read(R"("num_hidden_layers": 2, "num_attention_heads": 4,
                               "num_key_value_heads": 4, "hidden_size": 32, )" +
                            members));
    });
  };
  const std::string qwen = R"("model_type": "qwen2", "layer_types": )";
  refused(ErrorKind::config_error, "/layer_types", qwen + R"(["full_attention"])");
  refused(ErrorKind::unsupported, "/layer_types",
          qwen + R"(["full_attention", "linear_attention"])");
  refused(ErrorKind::config_error, "/layer_types",
          qwen + R"(["full_attention", "sliding_attention"])");
  const std::string neo = R"("model_type": "gpt_neo", "attention_types": )";
  refused(ErrorKind::config_error, "/attention_types", neo + R"([[["local"], 1]])");
  refused(ErrorKind::config_error, "/attention_types", neo + R"([[["local"], 1000]])");
  refused(ErrorKind::config_error, "/attention_types/0", neo + R"([[["local"]]])");
  refused(ErrorKind::unsupported, "/attention_types", neo + R"([[["sparse"], 2]])");
  refused(ErrorKind::config_error, "/no_rope_layers",
          R"("model_type": "smollm3", "no_rope_layers": [1])");
  refused(ErrorKind::config_error, "/rotary_pct", R"("model_type": "gpt_neox", "rotary_pct": 1.5)");
  refused(ErrorKind::unsupported, "/slow_but_exact",
          R"("model_type": "bloom", "n_head": 4, "pretraining_tp": 2, "slow_but_exact": true)");
}

// It counts where matrices are in parts only.
TEST(DecoderConfigTest, BloomsExactSumsOfOnePartAreTheUsualOnes) {
  const std::string bloom = R"("model_type": "bloom", "n_head": 4, "slow_but_exact": )";
  for (const char* rest :
       {"true", R"(true, "pretraining_tp": 1)", R"(false, "pretraining_tp": 4)"}) {
    EXPECT_EQ(read(bloom + rest).model_type, "bloom");
  }
}

}  // namespace
}  // namespace attend
