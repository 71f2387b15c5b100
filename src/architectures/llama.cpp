// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// LLaMA (Touvron et al. 2023) in all its versions, Mistral (Jiang et al. 2023) with its sliding
// window, and SmolLM3 (2025), some of whose layers have no positions.
// Source: transformers 4.57 models/llama, models/mistral, models/smollm3.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view llama_types[] = {"llama"};
constexpr std::string_view mistral_types[] = {"mistral"};
constexpr std::string_view smollm3_types[] = {"smollm3"};

constexpr auto renames =
    joined(llama_stack, llama_norms, llama_feed_forward, causal_head, score_head, question_head);

constexpr FurtherKey mlp_bias{"mlp_bias", FlagKey{&ModelConfig::ffn_up_bias, false}};
constexpr FurtherKey llama_further_keys[] = {key_heads(0),      own_head_size(0),     tied(false),
                                             rope_theta(10000), trained_positions,    rope_scaling,
                                             mlp_bias,          attention_bias(false)};
constexpr FurtherKey mistral_further_keys[] = {key_heads(8),        own_head_size(0),  tied(false),
                                               rope_theta(10000),   trained_positions, rope_scaling,
                                               sliding_window(4096)};
constexpr FurtherKey smollm3_further_keys[] = {
    key_heads(4),
    own_head_size(0),
    tied(true),
    rope_theta(2000000),
    trained_positions,
    rope_scaling,
    mlp_bias,
    attention_bias(false),
    sliding_window(0),
    {"use_sliding_window", FlagKey{&ModelConfig::use_sliding_window, false}},
    layer_types,
    {"no_rope_layers", FlagsKey{&ModelConfig::rotary_layers}},
    {"no_rope_layer_interval", SizeKey{&ModelConfig::no_rotary_interval, 4, 1}}};

StackOptions llama_options(const ModelConfig& config) {
  StackOptions out = llama_decoder(config);
  set_attention_biases(bias_if(config.attention_bias), out);
  for (BlockOptions& block : out.blocks) {
    block.ffn_up_bias = bias_if(config.ffn_up_bias);
    block.ffn_down_bias = bias_if(config.ffn_up_bias);
  }
  return out;
}

StackOptions mistral_options(const ModelConfig& config) {
  StackOptions out = llama_decoder(config);
  if (config.sliding_window > 0) {
    set_windows(
        config, [](const ModelConfig&, Index) { return true; }, out);
  }
  return out;
}

bool has_positions(const ModelConfig& config, Index layer) {
  if (config.rotary_layers.empty()) return (layer + 1) % config.no_rotary_interval != 0;
  return config.rotary_layers[static_cast<std::size_t>(layer)];
}

// Where the config has no types, layers without positions see the window.
bool sees_window(const ModelConfig& config, Index layer) {
  if (!config.layer_types.empty()) return is_late_layer(config, layer);
  return config.use_sliding_window && config.sliding_window > 0 && !has_positions(config, layer);
}

StackOptions smollm3_options(const ModelConfig& config) {
  StackOptions out = llama_options(config);
  for (std::size_t i = 0; i < out.blocks.size(); ++i) {
    if (!has_positions(config, static_cast<Index>(i))) out.blocks[i].rotary.reset();
  }
  set_windows(config, sees_window, out);
  return out;
}

}  // namespace

constinit const Architecture llama{
    .model_types = llama_types,
    .names = {.renames = renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = llama_keys({}),
    .further_keys = llama_further_keys,
    .position_rule = count_from_zero,
    .options = llama_options,
    .head = head_with_questions,
    .class_tokens = {.bos = 1, .eos = 2},
};

constinit const Architecture mistral{
    .model_types = mistral_types,
    .names = {.renames = renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = llama_keys({.intermediate = 14336, .positions = 131072}),
    .further_keys = mistral_further_keys,
    .position_rule = count_from_zero,
    .options = mistral_options,
    .head = head_with_questions,
    .class_tokens = {.bos = 1, .eos = 2},
};

constinit const Architecture smollm3{
    .model_types = smollm3_types,
    .names = {.renames = renames, .prefixes = llama_prefixes, .ignored = llama_ignored},
    .keys = llama_keys({.hidden = 2048,
                        .layers = 36,
                        .heads = 16,
                        .vocabulary = 128256,
                        .positions = 32768,
                        .padding = 128004}),
    .further_keys = smollm3_further_keys,
    .position_rule = count_from_zero,
    .options = smollm3_options,
    .head = head_with_questions,
    .class_tokens = {.bos = 128000, .eos = 128001},
};

}  // namespace attend::tables
