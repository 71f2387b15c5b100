// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// GPT-Neo (Black et al. 2021): GPT-2 with matrices apart, scores that are not scaled, and layers
// that see their neighbours between layers that see all tokens.
// Source: transformers 4.57 models/gpt_neo.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"gpt_neo"};

constexpr Rename stack[] = {
    {"embed.token", "wte"},
    {"embed.position", "wpe"},
    {"layer.{i}.attn.norm", "h.{i}.ln_1"},
    {"layer.{i}.attn.q", "h.{i}.attn.attention.q_proj"},
    {"layer.{i}.attn.k", "h.{i}.attn.attention.k_proj"},
    {"layer.{i}.attn.v", "h.{i}.attn.attention.v_proj"},
    {"layer.{i}.attn.out", "h.{i}.attn.attention.out_proj"},
    {"layer.{i}.ffn.norm", "h.{i}.ln_2"},
    {"layer.{i}.ffn.up", "h.{i}.mlp.c_fc"},
    {"layer.{i}.ffn.activation", "h.{i}.mlp.act"},
    {"layer.{i}.ffn.down", "h.{i}.mlp.c_proj"},
    {"final.norm", "ln_f"},
};
constexpr auto renames = joined(stack, causal_head, score_head, classifier_head, question_head);

constexpr std::string_view prefixes[] = {"transformer.", ""};
// Buffers of old versions, and the heads of the other classes.
constexpr std::string_view ignored[] = {"h.{i}.attn.attention.bias",
                                        "h.{i}.attn.attention.masked_bias",
                                        "lm_head.*",
                                        "score.*",
                                        "classifier.*",
                                        "qa_outputs.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"hidden_size", 2048},
    .layers = {"num_hidden_layers|num_layers", 24},
    .heads = {"num_attention_heads|num_heads", 16},
    .intermediate_size = {"", 0},
    .vocab_size = {"vocab_size", 50257},
    .max_positions = {"max_position_embeddings", 2048},
    .type_vocab_size = {"", 0},
    .norm_eps = {"layer_norm_epsilon", 1e-5F},
    .activation = {"activation_function", Activation::gelu_tanh},
    .pad_token_id = {"pad_token_id", std::nullopt},
};
constexpr std::string_view layer_words[] = {"global", "local"};
constexpr FurtherKey further_keys[] = {
    {"intermediate_size", SizeKey{&ModelConfig::intermediate_size, 0, 1}},
    {"window_size", SizeKey{&ModelConfig::sliding_window, 256, 1}},
    {"attention_types", RepeatedWordsKey{&ModelConfig::layer_types, layer_words}}};

bool is_local(const ModelConfig& config, Index layer) {
  if (config.layer_types.empty()) return layer % 2 == 1;
  return config.layer_types[static_cast<std::size_t>(layer)] == "local";
}

StackOptions options(const ModelConfig& config) {
  StackOptions out = pre_norm_decoder(config);
  out.embedding.positions = config.max_positions;
  for (BlockOptions& block : out.blocks) {
    block.score_scale = 1;
    block.qkv_bias = Bias::without;
    if (block.ffn_width == 0) block.ffn_width = 4 * config.hidden_size;
  }
  set_windows(config, is_local, out);
  return out;
}

}  // namespace

constinit const Architecture gpt_neo{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .position_rule = count_from_zero,
    .options = options,
    .head = head_with_classifier,
    .class_tokens = {.bos = 50256, .eos = 50256},
};

}  // namespace attend::tables
