// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// OLMo 2 (2024): norms of what sublayers make, and of all queries and keys of a token at once.
// Source: transformers 4.57 models/olmo2.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"olmo2"};

constexpr Rename norms[] = {
    {"layer.{i}.attn.out_norm", "layers.{i}.post_attention_layernorm"},
    {"layer.{i}.ffn.out_norm", "layers.{i}.post_feedforward_layernorm"},
};
constexpr auto renames =
    joined(llama_stack, norms, query_key_norms, llama_feed_forward, causal_head);

constexpr ConfigKeys keys = llama_keys({.vocabulary = 50304, .eps = 1e-5F, .padding = 1});
constexpr std::string_view olmo2_rope_scalings[] = {"linear", "dynamic"};
constexpr FurtherKey further_keys[] = {
    key_heads(0),          own_head_size(0),
    tied(false),           rope_theta(10000),
    attention_bias(false), {"rope_scaling", RopeScalingKey{olmo2_rope_scalings}}};

StackOptions options(const ModelConfig& config) {
  StackOptions out = llama_decoder(config);
  set_attention_biases(bias_if(config.attention_bias), out);
  for (BlockOptions& block : out.blocks) {
    block.norm_place = NormPlace::after;
    block.query_key_norm = QueryKeyNorm{.span = QueryKeyNorm::Span::row, .norm = block.norm};
  }
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  if (kind != HeadKind::none && kind != HeadKind::causal_lm) return std::nullopt;
  return head_without_questions(kind, config);
}

}  // namespace

constinit const Architecture olmo2{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = keys,
    .further_keys = further_keys,
    .position_rule = count_from_zero,
    .options = options,
    .head = head,
    .class_tokens = {.eos = 50279},
};

}  // namespace attend::tables
