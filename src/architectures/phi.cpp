// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Phi (Gunasekar et al. 2023; Li et al. 2023), with attention and feed-forward side by side, and
// Phi-3 (Abdin et al. 2024), LLaMA with stacked matrices.
// Source: transformers 4.57 models/phi, models/phi3.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view phi_types[] = {"phi"};
constexpr std::string_view phi3_types[] = {"phi3"};

constexpr Rename phi_stack[] = {
    {"embed.token", "embed_tokens"},
    {"layer.{i}.attn.norm", "layers.{i}.input_layernorm"},
    {"layer.{i}.attn.q", "layers.{i}.self_attn.q_proj"},
    {"layer.{i}.attn.k", "layers.{i}.self_attn.k_proj"},
    {"layer.{i}.attn.v", "layers.{i}.self_attn.v_proj"},
    {"layer.{i}.attn.q_norm", "layers.{i}.self_attn.q_layernorm"},
    {"layer.{i}.attn.k_norm", "layers.{i}.self_attn.k_layernorm"},
    {"layer.{i}.attn.out", "layers.{i}.self_attn.dense"},
    {"layer.{i}.ffn.up", "layers.{i}.mlp.fc1"},
    {"layer.{i}.ffn.activation", "layers.{i}.mlp.activation_fn"},
    {"layer.{i}.ffn.down", "layers.{i}.mlp.fc2"},
    {"final.norm", "final_layernorm"},
};
constexpr auto phi_renames = joined(phi_stack, causal_head, score_head);
constexpr Rename phi3_stack[] = {
    {"embed.token", "embed_tokens"},
    {"layer.{i}.attn.qkv", "layers.{i}.self_attn.qkv_proj"},
    {"layer.{i}.attn.out", "layers.{i}.self_attn.o_proj"},
    {"layer.{i}.ffn.up", "layers.{i}.mlp.gate_up_proj"},
    {"layer.{i}.ffn.activation", "layers.{i}.mlp.activation_fn"},
    {"layer.{i}.ffn.down", "layers.{i}.mlp.down_proj"},
    {"final.norm", "norm"},
};
constexpr auto phi3_renames = joined(phi3_stack, llama_norms, causal_head, score_head);

constexpr ConfigKeys phi_keys = llama_keys({.hidden = 2048,
                                            .layers = 24,
                                            .intermediate = 8192,
                                            .vocabulary = 51200,
                                            .eps = 1e-5F,
                                            .eps_key = "layer_norm_eps",
                                            .activation = Activation::gelu_tanh});
constexpr ConfigKeys phi3_keys = llama_keys({.hidden = 3072,
                                             .intermediate = 8192,
                                             .vocabulary = 32064,
                                             .positions = 4096,
                                             .eps = 1e-5F,
                                             .padding = 32000});
constexpr FurtherKey phi_further_keys[] = {
    key_heads(0),
    own_head_size(0),
    tied(false),
    rope_theta(10000),
    rotary_share("partial_rotary_factor", 0.5),
    trained_positions,
    rope_scaling,
    {"qk_layernorm", FlagKey{&ModelConfig::query_key_norm, false}}};
// "su" and "yarn" are what it called "longrope" before.
constexpr std::string_view phi3_rope_scalings[] = {"longrope", "su", "yarn"};
constexpr FurtherKey phi3_further_keys[] = {
    key_heads(0),
    own_head_size(0),
    tied(false),
    rope_theta(10000),
    rotary_share("partial_rotary_factor", 1),
    {"original_max_position_embeddings", SizeKey{&ModelConfig::trained_positions, 4096, 1}},
    {"rope_scaling", RopeScalingKey{phi3_rope_scalings}},
    sliding_window(0)};

StackOptions phi_options(const ModelConfig& config) {
  StackOptions out = pre_norm_decoder(config);
  for (BlockOptions& block : out.blocks) {
    block.order = BlockOrder::with_one_norm;
    block.rotary = rotary_of(config);
    if (config.query_key_norm) block.query_key_norm = QueryKeyNorm{.norm = block.norm};
  }
  return out;
}

std::optional<HeadOptions> phi_head(HeadKind kind, const ModelConfig& config) {
  auto out = head_without_questions(kind, config);
  if (kind == HeadKind::causal_lm) out->out_bias = "lm.out";
  return out;
}

StackOptions phi3_options(const ModelConfig& config) {
  StackOptions out = llama_decoder(config);
  for (BlockOptions& block : out.blocks) {
    block.qkv = QkvWeights::stacked;
    block.gate = GateWeights::first;
    if (config.sliding_window > 0) block.mask.behind = config.sliding_window - 1;
  }
  return out;
}

}  // namespace

constinit const Architecture phi{
    .model_types = phi_types,
    .names = {.renames = phi_renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = phi_keys,
    .further_keys = phi_further_keys,
    .position_rule = count_from_zero,
    .options = phi_options,
    .head = phi_head,
    .class_tokens = {.bos = 1, .eos = 2},
};

constinit const Architecture phi3{
    .model_types = phi3_types,
    .names = {.renames = phi3_renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = phi3_keys,
    .further_keys = phi3_further_keys,
    .position_rule = count_from_zero,
    .options = phi3_options,
    .head = head_without_questions,
    .class_tokens = {.bos = 1, .eos = 32000},
    .reads_grown_texts_anew = true,
};

}  // namespace attend::tables
