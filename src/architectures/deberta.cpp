// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// DeBERTa (He et al. 2020) and DeBERTa-v2, v3 (He et al. 2021): scores depend on distances, by
// embeddings that are projected in every layer ("disentangled" attention).
// Source: transformers 4.57 models/deberta, models/deberta_v2.
#include <algorithm>
#include <cmath>

#include "architectures/bert_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view first_types[] = {"deberta"};
constexpr std::string_view second_types[] = {"deberta-v2"};

constexpr Rename first_attention[] = {
    {"layer.{i}.attn.qkv", "encoder.layer.{i}.attention.self.in_proj"},
    {"layer.{i}.attn.q.bias", "encoder.layer.{i}.attention.self.q_bias"},
    {"layer.{i}.attn.v.bias", "encoder.layer.{i}.attention.self.v_bias"},
    {"layer.{i}.attn.relative_k", "encoder.layer.{i}.attention.self.pos_proj"},
    {"layer.{i}.attn.relative_q", "encoder.layer.{i}.attention.self.pos_q_proj"},
};

constexpr Rename second_attention[] = {
    {"bias.relative_norm", "encoder.LayerNorm"},
    {"convolution", "encoder.conv.conv"},
    {"convolution.norm", "encoder.conv.LayerNorm"},
    {"layer.{i}.attn.q", "encoder.layer.{i}.attention.self.query_proj"},
    {"layer.{i}.attn.k", "encoder.layer.{i}.attention.self.key_proj"},
    {"layer.{i}.attn.v", "encoder.layer.{i}.attention.self.value_proj"},
    {"layer.{i}.attn.relative_k", "encoder.layer.{i}.attention.self.pos_key_proj"},
    {"layer.{i}.attn.relative_q", "encoder.layer.{i}.attention.self.pos_query_proj"},
};
constexpr Rename both[] = {
    {"embed.project", "embeddings.embed_proj"},
    {"bias.relative", "encoder.rel_embeddings"},
    {"head.dense", "/pooler.dense"},
    {"head.out", "/classifier"},
    {"qa.out", "/qa_outputs"},
    {"new_lm.dense", "/lm_predictions.lm_head.dense"},
    {"new_lm.activation", "/lm_predictions.lm_head.transform_act_fn"},
    {"new_lm.norm", "/lm_predictions.lm_head.LayerNorm"},
    {"new_lm", "/lm_predictions.lm_head"},
};
constexpr auto first_renames =
    joined(bert_embeddings, first_attention, bert_outputs, both, bert_masked_lm);
constexpr auto second_renames =
    joined(bert_embeddings, second_attention, bert_outputs, both, bert_masked_lm);

constexpr std::string_view prefixes[] = {"deberta.", ""};
// Buffers of old versions, tables that the config turns off, and the heads of the other classes.
constexpr std::string_view ignored[] = {"embeddings.position_ids",
                                        "embeddings.position_embeddings.*",
                                        "encoder.LayerNorm.*",
                                        "encoder.rel_embeddings.*",
                                        "pooler.*",
                                        "classifier.*",
                                        "qa_outputs.*",
                                        "cls.*",
                                        "lm_predictions.*",
                                        "mask_predictions.*"};

constexpr std::string_view attention_words[] = {"c2p", "p2c"};
constexpr std::string_view norm_words[] = {"none", "layer_norm"};

constexpr ConfigKeys first_keys{
    .hidden_size = {"hidden_size", 768},
    .layers = {"num_hidden_layers", 12},
    .heads = {"num_attention_heads", 12},
    .intermediate_size = {"intermediate_size", 3072},
    .vocab_size = {"vocab_size", 50265},
    .max_positions = {"max_position_embeddings", 512},
    .type_vocab_size = {"type_vocab_size", 0},
    .norm_eps = {"layer_norm_eps", 1e-7F},
    .activation = {"hidden_act", Activation::gelu},
    .pad_token_id = {"pad_token_id", 0},
};
constexpr ConfigKeys second_keys{
    .hidden_size = {"hidden_size", 1536},
    .layers = {"num_hidden_layers", 24},
    .heads = {"num_attention_heads", 24},
    .intermediate_size = {"intermediate_size", 6144},
    .vocab_size = {"vocab_size", 128100},
    .max_positions = {"max_position_embeddings", 512},
    .type_vocab_size = {"type_vocab_size", 0},
    .norm_eps = {"layer_norm_eps", 1e-7F},
    .activation = {"hidden_act", Activation::gelu},
    .pad_token_id = {"pad_token_id", 0},
};
constexpr FurtherKey first_further_keys[] = {
    {"embedding_size", SizeKey{&ModelConfig::embedding_size, 0, 1}},
    {"relative_attention", FlagKey{&ModelConfig::relative_attention, false}},
    {"max_relative_positions", SizeKey{&ModelConfig::max_relative_positions, 0, 1}},
    {"position_biased_input", FlagKey{&ModelConfig::position_biased_input, true}},
    {"pos_att_type", WordsKey{&ModelConfig::position_attention, attention_words}},
    {"pooler_hidden_act", ActivationKey{&ModelConfig::pooler_activation, Activation::gelu}},
    {"legacy", FlagKey{&ModelConfig::legacy_lm_head, true}}};
bool has_convolution(const ModelConfig& config) { return config.convolution_size > 0; }
constexpr FurtherKey second_further_keys[] = {
    {"embedding_size", SizeKey{&ModelConfig::embedding_size, 0, 1}},
    {"relative_attention", FlagKey{&ModelConfig::relative_attention, false}},
    {"max_relative_positions", SizeKey{&ModelConfig::max_relative_positions, 0, 1}},
    {"position_buckets", SizeKey{&ModelConfig::relative_buckets, 0, 1}},
    {"position_biased_input", FlagKey{&ModelConfig::position_biased_input, true}},
    {"pos_att_type", WordsKey{&ModelConfig::position_attention, attention_words}},
    {"share_att_key", FlagKey{&ModelConfig::share_position_projections, false}},
    {"norm_rel_ebd", WordsKey{&ModelConfig::relative_norm, norm_words}},
    {"conv_kernel_size", SizeKey{&ModelConfig::convolution_size, 0, 1}},
    {"conv_groups", CountKey{&ModelConfig::convolution_groups, 1, 65'536, has_convolution}},
    {"conv_act", ActivationKey{&ModelConfig::convolution_activation, Activation::tanh}},
    {"pooler_hidden_act", ActivationKey{&ModelConfig::pooler_activation, Activation::gelu}},
    {"legacy", FlagKey{&ModelConfig::legacy_lm_head, true}}};
constexpr KnownValue first_values[] = {{"talking_head", "false"}, {"rope_scaling", "null"}};
constexpr KnownValue second_values[] = {{"rope_scaling", "null"}};

Index embedding_size(const ModelConfig& config) {
  return config.embedding_size == 0 ? config.hidden_size : config.embedding_size;
}

bool has_word(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What both versions share. `kinds` is the number of scores that are added up in each; positions
// count there even when relative_attention is off.
StackOptions encoder(const ModelConfig& config, Index kinds) {
  StackOptions out = post_norm_encoder(config);
  out.embedding.table_width = embedding_size(config);
  if (out.embedding.table_width != out.embedding.width) {
    out.embedding.projection = ProjectionPlace::before_norm;
    out.embedding.projection_bias = Bias::without;
  }
  if (!config.position_biased_input) out.embedding.positions = 0;
  for (BlockOptions& block : out.blocks) {
    block.score_scale = 1.0F / std::sqrt(static_cast<float>(block.head_size * kinds));
  }
  return out;
}

std::optional<DisentangledBias> distances(const ModelConfig& config) {
  const bool keys = has_word(config.position_attention, "c2p");
  const bool queries = has_word(config.position_attention, "p2c");
  if (!config.relative_attention || (!keys && !queries)) return std::nullopt;
  using Parts = DisentangledBias::Parts;
  return DisentangledBias{.reach = config.max_relative_positions == 0
                                       ? config.max_positions
                                       : config.max_relative_positions,
                          .parts = !queries ? Parts::content_to_position
                                   : !keys  ? Parts::position_to_content
                                            : Parts::both};
}

StackOptions first_options(const ModelConfig& config) {
  StackOptions out = encoder(config, 1 + static_cast<Index>(config.position_attention.size()));
  for (BlockOptions& block : out.blocks) block.qkv = QkvWeights::stacked_by_head_bias_apart;
  if (auto bias = distances(config)) {
    bias->key_bias = Bias::without;
    out.score_bias = *bias;
  }
  return out;
}

StackOptions second_options(const ModelConfig& config) {
  StackOptions out = encoder(config, 1 + (has_word(config.position_attention, "c2p") ? 1 : 0) +
                                         (has_word(config.position_attention, "p2c") ? 1 : 0));
  if (auto bias = distances(config)) {
    if (config.relative_buckets > 0) {
      bias->log_distance = bias->reach;
      bias->reach = config.relative_buckets;
    }
    if (config.share_position_projections) {
      bias->projections = DisentangledBias::Projections::shared;
    }
    if (has_word(config.relative_norm, "layer_norm")) {
      bias->table_norm = NormOptions{.eps = config.norm_eps};
    }
    out.score_bias = *bias;
  }
  if (has_convolution(config)) {
    out.convolution = ConvolutionOptions{.kernel = config.convolution_size,
                                         .groups = config.convolution_groups,
                                         .activation = config.convolution_activation,
                                         .norm = {.eps = config.norm_eps}};
  }
  return out;
}

HeadOptions masked_lm(const ModelConfig& config) {
  HeadOptions out = masked_lm_head("lm", config);
  out.width = embedding_size(config);
  if (!config.legacy_lm_head) {
    out.dense = "new_lm.dense";
    out.width = config.hidden_size;
    out.activation_name = "new_lm.activation";
    out.norm = "new_lm.norm";
    out.out = "embed.token";  // always tied
    out.out_bias = "new_lm";
  }
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  const auto labels = static_cast<Index>(config.labels.size());
  switch (kind) {
    case HeadKind::none: return HeadOptions{};
    case HeadKind::sequence_classification: return text_head(config.pooler_activation, labels);
    case HeadKind::token_classification: return linear_head("head.out", labels);
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::masked_lm: return masked_lm(config);
    case HeadKind::multiple_choice:
    case HeadKind::causal_lm:
    case HeadKind::next_sentence_prediction:
    case HeadKind::conditional_generation:
    case HeadKind::encoder:
    case HeadKind::replaced_token_detection: break;
  }
  return {};
}

std::optional<HeadOptions> second_head(HeadKind kind, const ModelConfig& config) {
  if (kind == HeadKind::multiple_choice) return text_head(config.pooler_activation, 1);
  return head(kind, config);
}

}  // namespace

constinit const Architecture deberta{
    .model_types = first_types,
    .names = {.renames = first_renames, .prefixes = prefixes, .ignored = ignored},
    .keys = first_keys,
    .further_keys = first_further_keys,
    .known_values = first_values,
    .position_rule = count_from_zero,
    .options = first_options,
    .head = head,
};

constinit const Architecture deberta_v2{
    .model_types = second_types,
    .names = {.renames = second_renames, .prefixes = prefixes, .ignored = ignored},
    .keys = second_keys,
    .further_keys = second_further_keys,
    .known_values = second_values,
    .position_rule = count_from_zero,
    .options = second_options,
    .head = second_head,
};

}  // namespace attend::tables
