// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// GPT-NeoX (Black et al. 2022): attention and feed-forward side by side, each with a norm; q, k and
// v by head in one matrix; rotary positions for some columns of a head.
// Source: transformers 4.57 models/gpt_neox.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"gpt_neox"};

constexpr Rename stack[] = {
    {"embed.token", "embed_in"},
    {"layer.{i}.attn.norm", "layers.{i}.input_layernorm"},
    {"layer.{i}.attn.qkv", "layers.{i}.attention.query_key_value"},
    {"layer.{i}.attn.out", "layers.{i}.attention.dense"},
    {"layer.{i}.ffn.norm", "layers.{i}.post_attention_layernorm"},
    {"layer.{i}.ffn.up", "layers.{i}.mlp.dense_h_to_4h"},
    {"layer.{i}.ffn.activation", "layers.{i}.mlp.act"},
    {"layer.{i}.ffn.down", "layers.{i}.mlp.dense_4h_to_h"},
    {"final.norm", "final_layer_norm"},
    {"lm.out", "/embed_out"},
};
constexpr auto renames = joined(stack, score_head, classifier_head, question_head);

constexpr std::string_view prefixes[] = {"gpt_neox.", ""};
// Buffers of old versions, and the heads of the other classes.
constexpr std::string_view ignored[] = {"layers.{i}.attention.bias",
                                        "layers.{i}.attention.masked_bias",
                                        "layers.{i}.attention.rotary_emb.inv_freq",
                                        "embed_out.*",
                                        "score.*",
                                        "classifier.*",
                                        "qa_outputs.*"};

constexpr ConfigKeys keys = llama_keys({.hidden = 6144,
                                        .layers = 44,
                                        .heads = 64,
                                        .intermediate = 24576,
                                        .vocabulary = 50432,
                                        .eps = 1e-5F,
                                        .eps_key = "layer_norm_eps",
                                        .activation = Activation::gelu});
constexpr FurtherKey further_keys[] = {
    tied(false),
    attention_bias(true),
    {"rotary_emb_base", NumberKey{&ModelConfig::rope_theta, 10000, 10000}},
    rotary_share("rotary_pct", 0.25),
    trained_positions,
    rope_scaling,
    {"use_parallel_residual", FlagKey{&ModelConfig::parallel_residual, true}}};

StackOptions options(const ModelConfig& config) {
  StackOptions out = pre_norm_decoder(config);
  set_attention_biases(bias_if(config.attention_bias), out);
  for (BlockOptions& block : out.blocks) {
    block.qkv = QkvWeights::stacked_by_head;
    block.rotary = rotary_of(config);
    if (config.parallel_residual) block.order = BlockOrder::side_by_side;
  }
  return out;
}

}  // namespace

constinit const Architecture gpt_neox{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .position_rule = count_from_zero,
    .options = options,
    .head = head_with_classifier,
    .class_tokens = {.bos = 0, .eos = 2},
};

}  // namespace attend::tables
