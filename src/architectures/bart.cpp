// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// BART (Lewis et al. 2019): an encoder, and a decoder that reads the same text one token later; a
// classifier stands on the decoder's last </s>. Both have one table of tokens, unless the config
// unties it.
// Source: transformers 4.57 models/bart.
#include <cmath>

#include "architectures/registry.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"bart"};

constexpr Rename renames[] = {
    {"embed.token", "shared|decoder.embed_tokens"},
    {"encoder.embed.token", "encoder.embed_tokens"},
    {"decoder.embed.token", "decoder.embed_tokens"},
    {"embed.position", "encoder.embed_positions"},
    {"embed.norm", "encoder.layernorm_embedding"},
    {"layer.{i}.attn.q", "encoder.layers.{i}.self_attn.q_proj"},
    {"layer.{i}.attn.k", "encoder.layers.{i}.self_attn.k_proj"},
    {"layer.{i}.attn.v", "encoder.layers.{i}.self_attn.v_proj"},
    {"layer.{i}.attn.out", "encoder.layers.{i}.self_attn.out_proj"},
    {"layer.{i}.attn.norm", "encoder.layers.{i}.self_attn_layer_norm"},
    {"layer.{i}.ffn.up", "encoder.layers.{i}.fc1"},
    {"layer.{i}.ffn.activation", "encoder.layers.{i}.activation_fn"},
    {"layer.{i}.ffn.down", "encoder.layers.{i}.fc2"},
    {"layer.{i}.ffn.norm", "encoder.layers.{i}.final_layer_norm"},
    {"decoder.embed.position", "decoder.embed_positions"},
    {"decoder.embed.norm", "decoder.layernorm_embedding"},
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
    {"head.dense", "/classification_head.dense"},
    {"head.out", "/classification_head.out_proj"},
    {"qa.out", "/qa_outputs"},
    {"lm.out", "/lm_head"},
    {"lm.bias", "/final_logits_bias"},
};

constexpr std::string_view prefixes[] = {"model.", ""};
// Tables that the config leaves unused, and the heads of the other classes.
constexpr std::string_view ignored[] = {
    "shared.*",          "encoder.embed_tokens.*", "decoder.embed_tokens.*", "encoder.version",
    "decoder.version",   "classification_head.*",  "qa_outputs.*",           "lm_head.*",
    "final_logits_bias*"};

constexpr ConfigKeys keys{
    .hidden_size = {"d_model", 1024},
    .layers = {"encoder_layers", 12},
    .heads = {"encoder_attention_heads", 16},
    .intermediate_size = {"encoder_ffn_dim", 4096},
    .vocab_size = {"vocab_size", 50265},
    .max_positions = {"max_position_embeddings", 1024},
    .type_vocab_size = {"", 0},
    .norm_eps = {"", 1e-5F},
    .activation = {"activation_function", Activation::gelu},
    .pad_token_id = {"pad_token_id", 1},
};
constexpr FurtherKey further_keys[] = {
    {"decoder_layers", SizeKey{&ModelConfig::decoder_layers, 12, 1}},
    {"decoder_attention_heads", SizeKey{&ModelConfig::decoder_heads, 16, 1}},
    {"decoder_ffn_dim", SizeKey{&ModelConfig::decoder_intermediate_size, 4096, 1}},
    {"decoder_start_token_id", TokenKey{&ModelConfig::decoder_start_token_id, 2}},
    {"eos_token_id", TokenKey{&ModelConfig::eos_token_id, 2}},
    {"scale_embedding", FlagKey{&ModelConfig::scale_embedding, false}}};
constexpr KnownValue known_values[] = {{"rope_scaling", "null"}};

// The first rows of the tables of positions are never used.
constexpr std::int32_t first_position = 2;

PositionRule position_rule(const ModelConfig& /*config*/) { return {.first = first_position}; }

StackOptions options(const ModelConfig& config) {
  StackOptions out = post_norm_encoder(config);
  out.embedding.positions += first_position;
  if (!config.tie_word_embeddings) out.embedding.tokens = "encoder.embed.token";
  if (config.scale_embedding) {
    out.embedding.token_scale = std::sqrt(static_cast<float>(config.hidden_size));
  }
  return out;
}

StackOptions decoder_options(const ModelConfig& config) {
  ModelConfig sizes = config;
  sizes.layers = config.decoder_layers;
  sizes.heads = config.decoder_heads;
  sizes.intermediate_size = config.decoder_intermediate_size;
  StackOptions out = options(sizes);
  if (!config.tie_word_embeddings) out.embedding.tokens = "decoder.embed.token";
  for (BlockOptions& block : out.blocks) {
    block.mask.ahead = 0;
    block.cross = BlockOptions::CrossAttention::present;
  }
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  switch (kind) {
    case HeadKind::none: return HeadOptions{};
    case HeadKind::sequence_classification: {
      HeadOptions out = text_head(Activation::tanh, static_cast<Index>(config.labels.size()));
      out.rows = HeadRows::last_eos;
      out.eos = config.eos_token_id;
      return out;
    }
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::masked_lm: {
      HeadOptions out = linear_head("lm.out", config.vocab_size);
      out.out_bias = "lm";
      out.bias_form = HeadOptions::OutBias::optional_row;
      out.out_weight = HeadOptions::OutWeight::token_embedding;
      return out;
    }
    case HeadKind::token_classification:
    case HeadKind::multiple_choice:
    case HeadKind::causal_lm:
    case HeadKind::next_sentence_prediction:
    case HeadKind::replaced_token_detection: break;
  }
  return std::nullopt;
}

}  // namespace

constinit const Architecture bart{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .known_values = known_values,
    .position_rule = position_rule,
    .options = options,
    .decoder_options = decoder_options,
    .head = head,
    .labels = 3,
};

}  // namespace attend::tables
