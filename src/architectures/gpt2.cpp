// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// GPT-2 (Radford et al. 2019): a decoder with norms before its sublayers and learned positions,
// whose matrices are those of a Conv1D: [in, out].
// Source: transformers 4.57 models/gpt2.
#include "architectures/decoder_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"gpt2"};

constexpr Rename stack[] = {
    {"embed.token", "wte"},
    {"embed.position", "wpe"},
    {"layer.{i}.attn.norm", "h.{i}.ln_1"},
    {"layer.{i}.attn.qkv", "h.{i}.attn.c_attn", StoredOrder::columns},
    {"layer.{i}.attn.out", "h.{i}.attn.c_proj", StoredOrder::columns},
    {"layer.{i}.ffn.norm", "h.{i}.ln_2"},
    {"layer.{i}.ffn.up", "h.{i}.mlp.c_fc", StoredOrder::columns},
    {"layer.{i}.ffn.activation", "h.{i}.mlp.act"},
    {"layer.{i}.ffn.down", "h.{i}.mlp.c_proj", StoredOrder::columns},
    {"final.norm", "ln_f"},
};
constexpr auto renames = joined(stack, causal_head, score_head, classifier_head, question_head);

constexpr std::string_view prefixes[] = {"transformer.", ""};
// Buffers of old versions, and the heads of the other classes.
constexpr std::string_view ignored[] = {
    "h.{i}.attn.bias", "h.{i}.attn.masked_bias", "lm_head.*", "score.*", "classifier.*",
    "qa_outputs.*",    "multiple_choice_head.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"hidden_size|n_embd", 768},
    .layers = {"num_hidden_layers|n_layer", 12},
    .heads = {"num_attention_heads|n_head", 12},
    .intermediate_size = {"", 0},
    .vocab_size = {"vocab_size", 50257},
    .max_positions = {"max_position_embeddings|n_positions", 1024},
    .type_vocab_size = {"", 0},
    .norm_eps = {"layer_norm_epsilon", 1e-5F},
    .activation = {"activation_function", Activation::gelu_tanh},
    .pad_token_id = {"pad_token_id", std::nullopt},
};
constexpr FurtherKey further_keys[] = {
    {"n_inner", SizeKey{&ModelConfig::intermediate_size, 0, 1}},
    {"scale_attn_weights", FlagKey{&ModelConfig::scale_attention, true}},
    {"scale_attn_by_inverse_layer_idx", FlagKey{&ModelConfig::scale_attention_by_layer, false}}};
constexpr KnownValue known_values[] = {{"add_cross_attention", "false"}};

StackOptions options(const ModelConfig& config) {
  StackOptions out = pre_norm_decoder(config);
  out.embedding.positions = config.max_positions;
  for (std::size_t i = 0; i < out.blocks.size(); ++i) {
    BlockOptions& block = out.blocks[i];
    block.qkv = QkvWeights::stacked;
    if (block.ffn_width == 0) block.ffn_width = 4 * config.hidden_size;
    if (!config.scale_attention) block.score_scale = 1;
    if (config.scale_attention_by_layer) block.score_scale /= static_cast<float>(i + 1);
  }
  return out;
}

}  // namespace

constinit const Architecture gpt2{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .known_values = known_values,
    .position_rule = count_from_zero,
    .options = options,
    .head = head_with_classifier,
    .class_tokens = {.bos = 50256, .eos = 50256},
};

}  // namespace attend::tables
