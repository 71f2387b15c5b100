// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// StarCoder2 (Lozhkov et al. 2024): LLaMA with LayerNorm, biases and a plain feed-forward.
// Source: transformers 4.57 models/starcoder2.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"starcoder2"};

constexpr Rename feed_forward[] = {
    {"layer.{i}.ffn.up", "layers.{i}.mlp.c_fc"},
    {"layer.{i}.ffn.activation", "layers.{i}.mlp.act"},
    {"layer.{i}.ffn.down", "layers.{i}.mlp.c_proj"},
};
constexpr auto renames = joined(llama_stack, llama_norms, feed_forward, causal_head, score_head);

constexpr ConfigKeys keys = llama_keys({.hidden = 3072,
                                        .layers = 30,
                                        .heads = 24,
                                        .intermediate = 12288,
                                        .vocabulary = 49152,
                                        .positions = 4096,
                                        .eps = 1e-5F,
                                        .eps_key = "norm_epsilon",
                                        .activation = Activation::gelu_tanh});
constexpr FurtherKey further_keys[] = {
    key_heads(2),      own_head_size(0),
    tied(true),        rope_theta(10000),
    trained_positions, rope_scaling,
    sliding_window(0), {"use_bias", FlagKey{&ModelConfig::attention_bias, true}}};

StackOptions options(const ModelConfig& config) {
  StackOptions out = pre_norm_decoder(config);
  set_attention_biases(bias_if(config.attention_bias), out);
  for (BlockOptions& block : out.blocks) {
    block.rotary = rotary_of(config);
    block.ffn_up_bias = bias_if(config.attention_bias);
    block.ffn_down_bias = bias_if(config.attention_bias);
    if (config.sliding_window > 0) block.mask.behind = config.sliding_window - 1;
  }
  return out;
}

}  // namespace

constinit const Architecture starcoder2{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = keys,
    .further_keys = further_keys,
    .position_rule = count_from_zero,
    .options = options,
    .head = head_without_questions,
    .class_tokens = {.bos = 50256, .eos = 50256},
};

}  // namespace attend::tables
