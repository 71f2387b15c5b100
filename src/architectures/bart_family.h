// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows of tables that BART's descendants have in common: an encoder and a decoder whose sizes and
// names differ in nothing, before or behind whose sublayers norms stand.
#pragma once

#include <string_view>

#include "architectures/bert_family.h"

namespace attend::tables {

/// The two tables of tokens are one, unless the config unties them.
inline constexpr Rename bart_tokens[] = {
    {"embed.token", "shared|decoder.embed_tokens"},
    {"encoder.embed.token", "encoder.embed_tokens"},
    {"decoder.embed.token", "decoder.embed_tokens"},
};
inline constexpr Rename bart_positions[] = {
    {"embed.position", "encoder.embed_positions"},
    {"decoder.embed.position", "decoder.embed_positions"},
};
inline constexpr Rename bart_embedding_norms[] = {
    {"embed.norm", "encoder.layernorm_embedding"},
    {"decoder.embed.norm", "decoder.layernorm_embedding"},
};
inline constexpr Rename bart_final_norms[] = {
    {"final.norm", "encoder.layer_norm"},
    {"decoder.final.norm", "decoder.layer_norm"},
};
inline constexpr Rename bart_layers[] = {
    {"layer.{i}.attn.q", "encoder.layers.{i}.self_attn.q_proj"},
    {"layer.{i}.attn.k", "encoder.layers.{i}.self_attn.k_proj"},
    {"layer.{i}.attn.v", "encoder.layers.{i}.self_attn.v_proj"},
    {"layer.{i}.attn.out", "encoder.layers.{i}.self_attn.out_proj"},
    {"layer.{i}.attn.norm", "encoder.layers.{i}.self_attn_layer_norm"},
    {"layer.{i}.ffn.up", "encoder.layers.{i}.fc1"},
    {"layer.{i}.ffn.activation", "encoder.layers.{i}.activation_fn"},
    {"layer.{i}.ffn.down", "encoder.layers.{i}.fc2"},
    {"layer.{i}.ffn.norm", "encoder.layers.{i}.final_layer_norm"},
    {"decoder.layer.{i}.attn.q", "decoder.layers.{i}.self_attn.q_proj"},
    {"decoder.layer.{i}.attn.k", "decoder.layers.{i}.self_attn.k_proj"},
    {"decoder.layer.{i}.attn.v", "decoder.layers.{i}.self_attn.v_proj"},
    {"decoder.layer.{i}.attn.out", "decoder.layers.{i}.self_attn.out_proj"},
    {"decoder.layer.{i}.attn.norm", "decoder.layers.{i}.self_attn_layer_norm"},
    {"decoder.layer.{i}.cross.q", "decoder.layers.{i}.encoder_attn.q_proj"},
    {"decoder.layer.{i}.cross.k", "decoder.layers.{i}.encoder_attn.k_proj"},
    {"decoder.layer.{i}.cross.v", "decoder.layers.{i}.encoder_attn.v_proj"},
    {"decoder.layer.{i}.cross.out", "decoder.layers.{i}.encoder_attn.out_proj"},
    {"decoder.layer.{i}.cross.norm", "decoder.layers.{i}.encoder_attn_layer_norm"},
    {"decoder.layer.{i}.ffn.up", "decoder.layers.{i}.fc1"},
    {"decoder.layer.{i}.ffn.activation", "decoder.layers.{i}.activation_fn"},
    {"decoder.layer.{i}.ffn.down", "decoder.layers.{i}.fc2"},
    {"decoder.layer.{i}.ffn.norm", "decoder.layers.{i}.final_layer_norm"},
};
inline constexpr Rename bart_task_heads[] = {
    {"head.dense", "/classification_head.dense"},
    {"head.out", "/classification_head.out_proj"},
    {"qa.out", "/qa_outputs"},
};
inline constexpr Rename bart_lm_head[] = {{"lm.out", "/lm_head"}};
inline constexpr Rename bart_lm_bias[] = {{"lm.bias", "/final_logits_bias"}};

inline constexpr std::string_view bart_prefixes[] = {"model.", ""};
/// Tables that the config leaves unused or that are computed, and the heads of the other classes.
inline constexpr std::string_view bart_ignored[] = {
    "shared.*",          "encoder.embed_tokens.*", "decoder.embed_tokens.*", "encoder.version",
    "decoder.version",   "classification_head.*",  "qa_outputs.*",           "lm_head.*",
    "final_logits_bias*"};

/// What the config classes have as defaults.
struct BartDefaults {
  Index vocab_size = 50265;
  Activation activation = Activation::gelu;
  TokenId pad_token_id = 1;
};

constexpr ConfigKeys bart_keys(const BartDefaults& defaults) {
  return {
      .hidden_size = {"d_model", 1024},
      .layers = {"encoder_layers", 12},
      .heads = {"encoder_attention_heads", 16},
      .intermediate_size = {"encoder_ffn_dim", 4096},
      .vocab_size = {"vocab_size", defaults.vocab_size},
      .max_positions = {"max_position_embeddings", 1024},
      .type_vocab_size = {"", 0},
      .norm_eps = {"", 1e-5F},
      .activation = {"activation_function", defaults.activation},
      .pad_token_id = {"pad_token_id", defaults.pad_token_id},
  };
}
inline constexpr FurtherKey decoder_layers{"decoder_layers",
                                           SizeKey{&ModelConfig::decoder_layers, 12, 1}};
inline constexpr FurtherKey decoder_heads{"decoder_attention_heads",
                                          SizeKey{&ModelConfig::decoder_heads, 16, 1}};
inline constexpr FurtherKey decoder_ffn_dim{
    "decoder_ffn_dim", SizeKey{&ModelConfig::decoder_intermediate_size, 4096, 1}};
constexpr FurtherKey start_token(TokenId value) {
  return {"decoder_start_token_id", TokenKey{&ModelConfig::decoder_start_token_id, value}};
}
constexpr FurtherKey end_token(TokenId value) {
  return {"eos_token_id", TokenKey{&ModelConfig::eos_token_id, value}};
}
constexpr FurtherKey scale_embedding(bool value) {
  return {"scale_embedding", FlagKey{&ModelConfig::scale_embedding, value}};
}
inline constexpr KnownValue bart_values[] = {{"rope_scaling", "null"},
                                             {"tie_encoder_decoder", "false"}};

/// The encoder, norms after the residual sums; and of its options the same with norms before them
/// and behind all.
[[nodiscard]] StackOptions bart_encoder(const ModelConfig& config);
[[nodiscard]] StackOptions with_norms_before(StackOptions options);
/// The decoder: `encoder` of the decoder's sizes, causal and with a memory.
[[nodiscard]] StackOptions bart_decoder(const ModelConfig& config,
                                        StackOptions (*encoder)(const ModelConfig&));

/// Learned positions begin at 2: the first rows of their tables are never used.
[[nodiscard]] PositionRule bart_positions_rule(const ModelConfig& config);

/// The next token's scores, with final_logits_bias or without.
[[nodiscard]] HeadOptions bart_generation_head(const ModelConfig& config, Bias bias);
/// The heads of BART and mBART.
[[nodiscard]] std::optional<HeadOptions> bart_head(HeadKind kind, const ModelConfig& config);
/// Those of models that only generate, with final_logits_bias.
[[nodiscard]] std::optional<HeadOptions> generation_head(HeadKind kind, const ModelConfig& config);

}  // namespace attend::tables
