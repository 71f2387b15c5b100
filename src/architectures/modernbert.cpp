// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// ModernBERT (Warner et al. 2024): norms before their sublayers, rotary positions, gated
// feed-forward, and layers that see all tokens between layers that see their neighbours.
// Source: transformers 4.57 models/modernbert.
#include "architectures/registry.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"modernbert"};

constexpr Rename renames[] = {
    {"embed.token", "embeddings.tok_embeddings"},
    {"embed.norm", "embeddings.norm"},
    {"layer.{i}.attn.norm", "layers.{i}.attn_norm"},
    {"layer.{i}.attn.qkv", "layers.{i}.attn.Wqkv"},
    {"layer.{i}.attn.out", "layers.{i}.attn.Wo"},
    {"layer.{i}.ffn.norm", "layers.{i}.mlp_norm"},
    {"layer.{i}.ffn.up", "layers.{i}.mlp.Wi"},
    {"layer.{i}.ffn.activation", "layers.{i}.mlp.act"},
    {"layer.{i}.ffn.down", "layers.{i}.mlp.Wo"},
    {"final.norm", "final_norm"},
    {"head.dense", "/head.dense"},
    {"head.activation", "/head.act"},
    {"head.norm", "/head.norm"},
    {"head.out", "/classifier"},
    {"lm.out", "/decoder"},
};

constexpr std::string_view prefixes[] = {"model.", ""};
// The heads of the other classes.
constexpr std::string_view ignored[] = {"head.*", "classifier.*", "decoder.*"};

constexpr std::string_view pooling_words[] = {"cls", "mean"};

constexpr ConfigKeys keys{
    .hidden_size = {"hidden_size", 768},
    .layers = {"num_hidden_layers", 22},
    .heads = {"num_attention_heads", 12},
    .intermediate_size = {"intermediate_size", 1152},
    .vocab_size = {"vocab_size", 50368},
    .max_positions = {"max_position_embeddings", 8192},
    .type_vocab_size = {"", 0},
    .norm_eps = {"norm_eps", 1e-5F},
    .activation = {"hidden_activation", Activation::gelu},
    .pad_token_id = {"pad_token_id", 50283},
};
constexpr FurtherKey further_keys[] = {
    {"attention_bias", FlagKey{&ModelConfig::attention_bias, false}},
    {"mlp_bias", FlagKey{&ModelConfig::ffn_up_bias, false}},
    {"norm_bias", FlagKey{&ModelConfig::norm_bias, false}},
    {"classifier_bias", FlagKey{&ModelConfig::classifier_bias, false}},
    {"decoder_bias", FlagKey{&ModelConfig::decoder_bias, true}},
    {"classifier_activation", ActivationKey{&ModelConfig::classifier_activation, Activation::gelu}},
    {"classifier_pooling", WordsKey{&ModelConfig::classifier_pooling, pooling_words}},
    {"global_attn_every_n_layers", SizeKey{&ModelConfig::global_attention_interval, 3, 1}},
    {"local_attention", SizeKey{&ModelConfig::local_attention, 128, 0}},
    {"global_rope_theta", NumberKey{&ModelConfig::rope_theta, 160000.0F, 160000.0F}},
    {"local_rope_theta", NumberKey{&ModelConfig::local_rope_theta, 10000.0F, 0}}};
constexpr KnownValue known_values[] = {{"rope_scaling", "null"}};

NormOptions norm_of(const ModelConfig& config) {
  return {.eps = config.norm_eps, .bias = bias_if(config.norm_bias)};
}

StackOptions options(const ModelConfig& config) {
  StackOptions out = post_norm_encoder(config);
  out.embedding.positions = 0;
  out.embedding.norm = norm_of(config);
  out.final_norm = norm_of(config);
  out.last_state = StackOptions::LastState::before_norm;
  for (std::size_t i = 0; i < out.blocks.size(); ++i) {
    BlockOptions& block = out.blocks[i];
    block.norm = norm_of(config);
    block.norm_place = NormPlace::before;
    if (i == 0) block.attention_norm = BlockOptions::AttentionNorm::absent;
    block.qkv = QkvWeights::stacked;
    block.qkv_bias = bias_if(config.attention_bias);
    block.attention_out_bias = bias_if(config.attention_bias);
    block.ffn = FeedForwardKind::gated;
    block.ffn_up_bias = bias_if(config.ffn_up_bias);
    block.ffn_down_bias = bias_if(config.ffn_up_bias);
    block.rotary = RotaryOptions{.theta = config.rope_theta, .size = block.head_size};
    if (static_cast<Index>(i) % config.global_attention_interval == 0) continue;
    block.mask = {.behind = config.local_attention / 2, .ahead = config.local_attention / 2};
    if (config.local_rope_theta > 0) block.rotary->theta = config.local_rope_theta;
  }
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  if (kind == HeadKind::none) return HeadOptions{};
  const bool is_mean = config.classifier_pooling == std::vector<std::string>{"mean"};
  const HeadRows rows = is_mean ? HeadRows::mean : HeadRows::first;
  HeadOptions out{.dense = "head.dense",
                  .dense_bias = bias_if(config.classifier_bias),
                  .activation = config.classifier_activation,
                  .activation_name = "head.activation",
                  .norm = "head.norm",
                  .norm_options = norm_of(config),
                  .out = "head.out",
                  .out_bias = "head.out",
                  .classes = static_cast<Index>(config.labels.size())};
  switch (kind) {
    case HeadKind::none:
    case HeadKind::token_classification: break;
    case HeadKind::question_answering: out.classes = 2; break;
    case HeadKind::sequence_classification: out.rows = rows; break;
    case HeadKind::multiple_choice:
      out.rows = rows;
      out.classes = 1;
      break;
    case HeadKind::masked_lm:
      out.out = "lm.out";
      out.out_bias = config.decoder_bias ? "lm.out" : "";
      out.classes = config.vocab_size;
      out.out_weight = HeadOptions::OutWeight::token_embedding;
      break;
    case HeadKind::causal_lm:
    case HeadKind::next_sentence_prediction:
    case HeadKind::conditional_generation:
    case HeadKind::encoder:
    case HeadKind::replaced_token_detection: return std::nullopt;
  }
  return out;
}

}  // namespace

constinit const Architecture modernbert{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .known_values = known_values,
    .position_rule = count_from_zero,
    .options = options,
    .head = head,
};

}  // namespace attend::tables
