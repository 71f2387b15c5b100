// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Qwen2 (Yang et al. 2024), with biases of queries, keys and values, and Qwen3 (Yang et al. 2025),
// with norms of queries and keys. The later layers of either may see a sliding window.
// Source: transformers 4.57 models/qwen2, models/qwen3.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view qwen2_types[] = {"qwen2"};
constexpr std::string_view qwen3_types[] = {"qwen3"};

constexpr auto qwen2_renames =
    joined(llama_stack, llama_norms, llama_feed_forward, causal_head, score_head, question_head);
constexpr auto qwen3_renames = joined(llama_stack, llama_norms, query_key_norms, llama_feed_forward,
                                      causal_head, score_head, question_head);

constexpr ConfigKeys keys =
    llama_keys({.intermediate = 22016, .vocabulary = 151936, .positions = 32768});
constexpr FurtherKey use_sliding_window{"use_sliding_window",
                                        FlagKey{&ModelConfig::use_sliding_window, false}};
constexpr FurtherKey max_window_layers{"max_window_layers",
                                       SizeKey{&ModelConfig::max_window_layers, 28, 0}};
constexpr FurtherKey qwen2_further_keys[] = {
    key_heads(32), own_head_size(0),     tied(false),        rope_theta(10000), trained_positions,
    rope_scaling,  sliding_window(4096), use_sliding_window, max_window_layers, layer_types};
constexpr FurtherKey qwen3_further_keys[] = {
    key_heads(32),     own_head_size(128), tied(false),          rope_theta(10000),
    trained_positions, rope_scaling,       sliding_window(4096), use_sliding_window,
    max_window_layers, layer_types,        attention_bias(false)};

StackOptions qwen2_options(const ModelConfig& config) {
  StackOptions out = llama_decoder(config);
  for (BlockOptions& block : out.blocks) block.qkv_bias = Bias::with;
  set_windows(config, is_late_layer, out);
  return out;
}

StackOptions qwen3_options(const ModelConfig& config) {
  StackOptions out = llama_decoder(config);
  set_attention_biases(bias_if(config.attention_bias), out);
  for (BlockOptions& block : out.blocks) block.query_key_norm = QueryKeyNorm{.norm = block.norm};
  set_windows(config, is_late_layer, out);
  return out;
}

}  // namespace

constinit const Architecture qwen2{
    .model_types = qwen2_types,
    .names = {.renames = qwen2_renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = keys,
    .further_keys = qwen2_further_keys,
    .position_rule = count_from_zero,
    .options = qwen2_options,
    .head = head_with_questions,
};

constinit const Architecture qwen3{
    .model_types = qwen3_types,
    .names = {.renames = qwen3_renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = keys,
    .further_keys = qwen3_further_keys,
    .position_rule = count_from_zero,
    .options = qwen3_options,
    .head = head_with_questions,
};

}  // namespace attend::tables
