// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// T5 (Raffel et al. 2019) and mT5 (Xue et al. 2020): an encoder and a decoder with norms by the
// mean square, without biases, positions or a scale of scores; each stack has a bias by distance,
// which its first layer holds. FLAN's models are T5; version 1.1 has a gated feed-forward. Source:
// transformers 4.57 models/t5, models/mt5.
#include <cmath>

#include "architectures/registry.h"

namespace attend::tables {
namespace {

constexpr Rename renames[] = {
    {"embed.token", "shared|encoder.embed_tokens|decoder.embed_tokens"},
    {"bias.table", "encoder.block.0.layer.0.SelfAttention.relative_attention_bias"},
    {"layer.{i}.attn.q", "encoder.block.{i}.layer.0.SelfAttention.q"},
    {"layer.{i}.attn.k", "encoder.block.{i}.layer.0.SelfAttention.k"},
    {"layer.{i}.attn.v", "encoder.block.{i}.layer.0.SelfAttention.v"},
    {"layer.{i}.attn.out", "encoder.block.{i}.layer.0.SelfAttention.o"},
    {"layer.{i}.attn.norm", "encoder.block.{i}.layer.0.layer_norm"},
    {"layer.{i}.ffn.gate", "encoder.block.{i}.layer.1.DenseReluDense.wi_0"},
    {"layer.{i}.ffn.up",
     "encoder.block.{i}.layer.1.DenseReluDense.wi|encoder.block.{i}.layer.1.DenseReluDense.wi_1"},
    {"layer.{i}.ffn.activation", "encoder.block.{i}.layer.1.DenseReluDense.act"},
    {"layer.{i}.ffn.down", "encoder.block.{i}.layer.1.DenseReluDense.wo"},
    {"layer.{i}.ffn.norm", "encoder.block.{i}.layer.1.layer_norm"},
    {"final.norm", "encoder.final_layer_norm"},
    {"decoder.bias.table", "decoder.block.0.layer.0.SelfAttention.relative_attention_bias"},
    {"decoder.layer.{i}.attn.q", "decoder.block.{i}.layer.0.SelfAttention.q"},
    {"decoder.layer.{i}.attn.k", "decoder.block.{i}.layer.0.SelfAttention.k"},
    {"decoder.layer.{i}.attn.v", "decoder.block.{i}.layer.0.SelfAttention.v"},
    {"decoder.layer.{i}.attn.out", "decoder.block.{i}.layer.0.SelfAttention.o"},
    {"decoder.layer.{i}.attn.norm", "decoder.block.{i}.layer.0.layer_norm"},
    {"decoder.layer.{i}.cross.q", "decoder.block.{i}.layer.1.EncDecAttention.q"},
    {"decoder.layer.{i}.cross.k", "decoder.block.{i}.layer.1.EncDecAttention.k"},
    {"decoder.layer.{i}.cross.v", "decoder.block.{i}.layer.1.EncDecAttention.v"},
    {"decoder.layer.{i}.cross.out", "decoder.block.{i}.layer.1.EncDecAttention.o"},
    {"decoder.layer.{i}.cross.norm", "decoder.block.{i}.layer.1.layer_norm"},
    {"decoder.layer.{i}.ffn.gate", "decoder.block.{i}.layer.2.DenseReluDense.wi_0"},
    {"decoder.layer.{i}.ffn.up",
     "decoder.block.{i}.layer.2.DenseReluDense.wi|decoder.block.{i}.layer.2.DenseReluDense.wi_1"},
    {"decoder.layer.{i}.ffn.activation", "decoder.block.{i}.layer.2.DenseReluDense.act"},
    {"decoder.layer.{i}.ffn.down", "decoder.block.{i}.layer.2.DenseReluDense.wo"},
    {"decoder.layer.{i}.ffn.norm", "decoder.block.{i}.layer.2.layer_norm"},
    {"decoder.final.norm", "decoder.final_layer_norm"},
    {"lm.out", "/lm_head"},
    {"head.dense", "/classification_head.dense"},
    {"head.out", "/classification_head.out_proj"},
    {"tokens.out", "/classifier"},
    {"qa.out", "/qa_outputs"},
};

constexpr std::string_view prefixes[] = {"transformer.", ""};
// Copies of the one table of tokens, a bias that old versions had and never used, and the heads of
// the other classes.
constexpr std::string_view ignored[] = {
    "shared.*",
    "encoder.embed_tokens.*",
    "decoder.embed_tokens.*",
    "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight",
    "lm_head.*",
    "classification_head.*",
    "classifier.*",
    "qa_outputs.*"};

struct Defaults {
  Index vocab_size = 0;
  Index layers = 0;
  Index heads = 0;
  Index intermediate_size = 0;
};

constexpr ConfigKeys keys(const Defaults& defaults) {
  return {
      .hidden_size = {"d_model", 512},
      .layers = {"num_layers", defaults.layers},
      .heads = {"num_heads", defaults.heads},
      .intermediate_size = {"d_ff", defaults.intermediate_size},
      .vocab_size = {"vocab_size", defaults.vocab_size},
      .max_positions = {"", 0},
      .type_vocab_size = {"", 0},
      .norm_eps = {"layer_norm_epsilon", 1e-6F},
      .activation = {"", Activation::relu},
      .pad_token_id = {"pad_token_id", 0},
  };
}

constexpr Index max_width = 65'536;
constexpr FurtherKey head_size{"d_kv", CountKey{&ModelConfig::own_head_size, 64, max_width}};
constexpr FurtherKey decoder_layers{"num_decoder_layers",
                                    SizeKey{.field = &ModelConfig::decoder_layers,
                                            .value = 0,
                                            .min = 1,
                                            .otherwise = &ModelConfig::layers}};
constexpr FurtherKey buckets{"relative_attention_num_buckets",
                             CountKey{&ModelConfig::relative_buckets, 32, max_width}};
constexpr FurtherKey max_distance{"relative_attention_max_distance",
                                  CountKey{&ModelConfig::relative_max_distance, 128, max_width}};
// What to_dict() writes beside feed_forward_proj, from which it follows, goes before it.
constexpr FurtherKey activation{"dense_act_fn", ActivationKey{.field = &ModelConfig::activation,
                                                              .value = Activation::relu,
                                                              .absent = WhenAbsent::keep}};
constexpr FurtherKey is_gated{
    "is_gated_act",
    FlagKey{.field = &ModelConfig::gated_ffn, .value = false, .absent = WhenAbsent::keep}};
constexpr FurtherKey end_token{"eos_token_id", TokenKey{&ModelConfig::eos_token_id, 1}};
constexpr FurtherKey start_token(TokenId value) {
  return {"decoder_start_token_id", TokenKey{&ModelConfig::decoder_start_token_id, value}};
}
constexpr FurtherKey feed_forward(std::string_view value) {
  return {"feed_forward_proj",
          FeedForwardKey{&ModelConfig::activation, &ModelConfig::gated_ffn, value}};
}

constexpr FurtherKey t5_keys[] = {head_size,    decoder_layers,        buckets,
                                  max_distance, feed_forward("relu"),  activation,
                                  is_gated,     start_token(no_token), end_token};
constexpr FurtherKey mt5_keys[] = {
    head_size,
    decoder_layers,
    buckets,
    max_distance,
    feed_forward("gated-gelu"),
    activation,
    is_gated,
    start_token(0),
    end_token,
    {"tie_word_embeddings", FlagKey{.field = &ModelConfig::tie_word_embeddings, .value = false}}};
constexpr KnownValue known_values[] = {{"tie_encoder_decoder", "false"}};

StackOptions options(const ModelConfig& config) {
  StackOptions out = post_norm_encoder(config);
  const NormOptions norm{.eps = config.norm_eps, .kind = NormKind::rms};
  out.embedding.norm.reset();
  out.final_norm = norm;
  for (BlockOptions& block : out.blocks) {
    block.norm = norm;
    block.norm_place = NormPlace::before;
    block.score_scale = 1;
    block.qkv_bias = Bias::without;
    block.attention_out_bias = Bias::without;
    block.ffn_up_bias = Bias::without;
    block.ffn_down_bias = Bias::without;
    block.gate = GateWeights::apart;
    if (config.gated_ffn) block.ffn = FeedForwardKind::gated;
  }
  out.score_bias = BucketBias{.buckets = config.relative_buckets,
                              .rows = config.relative_buckets,
                              .max_distance = config.relative_max_distance};
  return out;
}

StackOptions decoder_options(const ModelConfig& config) {
  ModelConfig sizes = config;
  sizes.layers = config.decoder_layers;
  StackOptions out = options(sizes);
  std::get<BucketBias>(out.score_bias).sides = BucketBias::Sides::behind;
  for (BlockOptions& block : out.blocks) {
    block.mask.ahead = 0;
    block.cross = BlockOptions::CrossAttention::present;
  }
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  const auto labels = static_cast<Index>(config.labels.size());
  switch (kind) {
    case HeadKind::none: return HeadOptions{};
    case HeadKind::encoder: return HeadOptions{.stack = HeadOptions::Stack::encoder};
    case HeadKind::conditional_generation: {
      HeadOptions out = causal_lm_head(config);
      if (config.tie_word_embeddings) {
        out.out_scale = 1.0F / std::sqrt(static_cast<float>(config.hidden_size));
      }
      return out;
    }
    case HeadKind::sequence_classification: {
      HeadOptions out = text_head(Activation::tanh, labels);
      out.rows = HeadRows::last_eos;
      out.eos = config.eos_token_id;
      return out;
    }
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::token_classification: {
      HeadOptions out = linear_head("tokens.out", labels);
      out.stack = HeadOptions::Stack::encoder;
      return out;
    }
    case HeadKind::masked_lm:
    case HeadKind::causal_lm:
    case HeadKind::multiple_choice:
    case HeadKind::next_sentence_prediction:
    case HeadKind::replaced_token_detection: break;
  }
  return std::nullopt;
}

constexpr std::string_view t5_types[] = {"t5"};
constexpr std::string_view mt5_types[] = {"mt5"};

constexpr Architecture table(std::span<const std::string_view> model_types, const ConfigKeys& sizes,
                             std::span<const FurtherKey> further_keys) {
  return {
      .model_types = model_types,
      .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
      .keys = sizes,
      .further_keys = further_keys,
      .known_values = known_values,
      .position_rule = count_from_zero,
      .options = options,
      .decoder_options = decoder_options,
      .decoder_tensors = "decoder.*",
      .head = head,
      .class_tokens = {.eos = 1},
  };
}

}  // namespace

constinit const Architecture t5 =
    table(t5_types, keys({.vocab_size = 32128, .layers = 6, .heads = 8, .intermediate_size = 2048}),
          t5_keys);
constinit const Architecture mt5 = table(
    mt5_types, keys({.vocab_size = 250112, .layers = 8, .heads = 6, .intermediate_size = 1024}),
    mt5_keys);

}  // namespace attend::tables
