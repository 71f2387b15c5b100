// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// StableLM (Bellagente et al. 2024): LLaMA with LayerNorm and rotary positions for some columns of
// a head; perhaps with norms of each head, or attention and feed-forward side by side. Source:
// transformers 4.57 models/stablelm.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"stablelm"};

constexpr Rename head_norms[] = {
    {"layer.{i}.attn.q_norm.{j}", "layers.{i}.self_attn.q_layernorm.norms.{j}"},
    {"layer.{i}.attn.k_norm.{j}", "layers.{i}.self_attn.k_layernorm.norms.{j}"},
};
constexpr auto renames =
    joined(llama_stack, llama_norms, head_norms, llama_feed_forward, causal_head, score_head);

constexpr ConfigKeys keys = llama_keys({.hidden = 2560,
                                        .intermediate = 6912,
                                        .vocabulary = 50304,
                                        .positions = 4096,
                                        .eps = 1e-5F,
                                        .eps_key = "layer_norm_eps"});
constexpr FurtherKey further_keys[] = {
    key_heads(32),
    tied(false),
    rope_theta(10000),
    rotary_share("partial_rotary_factor", 0.25),
    trained_positions,
    rope_scaling,
    {"use_qkv_bias", FlagKey{&ModelConfig::attention_bias, false}},
    {"qk_layernorm", FlagKey{&ModelConfig::query_key_norm, false}},
    {"use_parallel_residual", FlagKey{&ModelConfig::parallel_residual, false}}};

StackOptions options(const ModelConfig& config) {
  StackOptions out = llama_decoder(config);
  set_norms({.eps = config.norm_eps}, out);
  for (BlockOptions& block : out.blocks) {
    block.qkv_bias = bias_if(config.attention_bias);
    if (config.parallel_residual) block.order = BlockOrder::with_one_norm;
    if (!config.query_key_norm) continue;
    block.query_key_norm = QueryKeyNorm{.span = QueryKeyNorm::Span::own_head, .norm = block.norm};
    block.query_key_norm->norm.bias = Bias::without;
  }
  return out;
}

}  // namespace

constinit const Architecture stablelm{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = keys,
    .further_keys = further_keys,
    .position_rule = count_from_zero,
    .options = options,
    .head = head_without_questions,
    .class_tokens = {.bos = 0, .eos = 0},
};

}  // namespace attend::tables
