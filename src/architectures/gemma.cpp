// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Gemma (Mesnard et al. 2024), Gemma 2 (Riviere et al. 2024) with norms around its sublayers and
// soft caps, and Gemma 3 (2025) with norms of queries and keys and two speeds of positions, whose
// encoders see both sides (EmbeddingGemma). Token embeddings are scaled; gains are above 1.
// Source: transformers 4.57 models/gemma, models/gemma2, models/gemma3.
#include <cmath>

#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view gemma_types[] = {"gemma"};
constexpr std::string_view gemma2_types[] = {"gemma2"};
constexpr std::string_view gemma3_types[] = {"gemma3_text"};

constexpr Rename norms_around[] = {
    {"layer.{i}.attn.norm", "layers.{i}.input_layernorm"},
    {"layer.{i}.attn.out_norm", "layers.{i}.post_attention_layernorm"},
    {"layer.{i}.ffn.norm", "layers.{i}.pre_feedforward_layernorm"},
    {"layer.{i}.ffn.out_norm", "layers.{i}.post_feedforward_layernorm"},
};
constexpr auto gemma_renames =
    joined(llama_stack, llama_norms, llama_feed_forward, causal_head, score_head);
constexpr auto gemma2_renames =
    joined(llama_stack, norms_around, llama_feed_forward, causal_head, score_head);
constexpr auto gemma3_renames =
    joined(llama_stack, norms_around, query_key_norms, llama_feed_forward, causal_head, score_head);

constexpr ConfigKeys gemma_keys = llama_keys({.hidden = 3072,
                                              .layers = 28,
                                              .heads = 16,
                                              .intermediate = 24576,
                                              .vocabulary = 256000,
                                              .positions = 8192,
                                              .activation = Activation::gelu_tanh,
                                              .padding = 0});
constexpr LlamaSizes gemma2_sizes{.hidden = 2304,
                                  .layers = 26,
                                  .heads = 8,
                                  .intermediate = 9216,
                                  .vocabulary = 256000,
                                  .positions = 8192,
                                  .activation_key = "hidden_activation",
                                  .activation = Activation::gelu_tanh,
                                  .padding = 0};
constexpr ConfigKeys gemma3_keys() {
  LlamaSizes sizes = gemma2_sizes;
  sizes.vocabulary = 262208;
  sizes.positions = 131072;
  return llama_keys(sizes);
}

constexpr FurtherKey query_scalar{"query_pre_attn_scalar",
                                  NumberKey{&ModelConfig::query_scalar, 256, 256}};
constexpr FurtherKey score_cap(float otherwise) {
  return {"attn_logit_softcapping", NumberKey{&ModelConfig::score_cap, otherwise, 0}};
}
constexpr FurtherKey logit_cap(float otherwise) {
  return {"final_logit_softcapping", NumberKey{&ModelConfig::logit_cap, otherwise, 0}};
}
constexpr FurtherKey gemma_further_keys[] = {key_heads(16),        own_head_size(256), tied(true),
                                             rope_theta(10000),    trained_positions,  rope_scaling,
                                             attention_bias(false)};
constexpr FurtherKey gemma2_further_keys[] = {
    key_heads(4),      own_head_size(256),   tied(true),    rope_theta(10000),
    trained_positions, rope_scaling,         layer_types,   attention_bias(false),
    query_scalar,      sliding_window(4096), score_cap(50), logit_cap(30)};
constexpr FurtherKey gemma3_further_keys[] = {
    key_heads(4),
    own_head_size(256),
    tied(true),
    rope_theta(1000000),
    trained_positions,
    rope_scaling,
    layer_types,
    attention_bias(false),
    query_scalar,
    sliding_window(4096),
    logit_cap(0),
    {"rope_local_base_freq", NumberKey{&ModelConfig::local_rope_theta, 10000, 10000}},
    {"use_bidirectional_attention", FlagKey{&ModelConfig::bidirectional, false}},
    {"sliding_window_pattern", SizeKey{&ModelConfig::sliding_window_pattern, 6, 1}}};

StackOptions gemma_options(const ModelConfig& config) {
  StackOptions out = llama_decoder(config);
  NormOptions norm = *out.final_norm;
  norm.gain = NormOptions::Gain::above_one;
  set_norms(norm, out);
  set_attention_biases(bias_if(config.attention_bias), out);
  out.embedding.token_scale = std::sqrt(static_cast<float>(config.hidden_size));
  return out;
}

StackOptions capped_options(const ModelConfig& config) {
  StackOptions out = gemma_options(config);
  for (BlockOptions& block : out.blocks) {
    block.norm_place = NormPlace::around;
    block.score_scale = static_cast<float>(1 / std::sqrt(static_cast<double>(config.query_scalar)));
    block.score_cap = config.score_cap;
  }
  return out;
}

bool is_even_layer(const ModelConfig& config, Index layer) {
  return config.layer_types.empty() ? layer % 2 == 0 : is_late_layer(config, layer);
}

StackOptions gemma2_options(const ModelConfig& config) {
  StackOptions out = capped_options(config);
  set_windows(config, is_even_layer, out);
  return out;
}

bool is_local(const ModelConfig& config, Index layer) {
  if (!config.layer_types.empty()) return is_late_layer(config, layer);
  return (layer + 1) % config.sliding_window_pattern != 0;
}

// The config may name a cap of scores, but the attention of the reference does without it.
StackOptions gemma3_options(const ModelConfig& config) {
  StackOptions out = capped_options(config);
  set_windows(config, is_local, out);
  for (std::size_t i = 0; i < out.blocks.size(); ++i) {
    BlockOptions& block = out.blocks[i];
    block.query_key_norm = QueryKeyNorm{.norm = block.norm};
    const bool has_window = is_local(config, static_cast<Index>(i));
    if (has_window && block.rotary) {
      block.rotary = RotaryOptions{.theta = config.local_rope_theta, .size = block.rotary->size};
    }
    if (!config.bidirectional) continue;
    block.mask.ahead = AttentionMask::unlimited;
    // Half of the window is on either side.
    if (has_window) block.mask = {config.sliding_window / 2, config.sliding_window / 2};
  }
  return out;
}

std::optional<HeadOptions> capped_head(HeadKind kind, const ModelConfig& config) {
  auto out = head_without_questions(kind, config);
  if (kind == HeadKind::causal_lm) out->soft_cap = config.logit_cap;
  return out;
}

std::optional<HeadOptions> gemma3_head(HeadKind kind, const ModelConfig& config) {
  if (kind == HeadKind::token_classification) return std::nullopt;
  return capped_head(kind, config);
}

}  // namespace

constinit const Architecture gemma{
    .model_types = gemma_types,
    .names = {.renames = gemma_renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = gemma_keys,
    .further_keys = gemma_further_keys,
    .position_rule = count_from_zero,
    .options = gemma_options,
    .head = head_without_questions,
    .class_tokens = {.bos = 2, .eos = 1},
};

constinit const Architecture gemma2{
    .model_types = gemma2_types,
    .names = {.renames = gemma2_renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = llama_keys(gemma2_sizes),
    .further_keys = gemma2_further_keys,
    .position_rule = count_from_zero,
    .options = gemma2_options,
    .head = capped_head,
    .class_tokens = {.bos = 2, .eos = 1},
};

constinit const Architecture gemma3{
    .model_types = gemma3_types,
    .names = {.renames = gemma3_renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = gemma3_keys(),
    .further_keys = gemma3_further_keys,
    .position_rule = count_from_zero,
    .options = gemma3_options,
    .head = gemma3_head,
    .class_tokens = {.bos = 2, .eos = 1},
};

}  // namespace attend::tables
