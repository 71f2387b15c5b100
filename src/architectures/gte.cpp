// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// GTE (Zhang et al. 2024): BERT with rotary positions and a gated feed-forward, in the form of the
// published folders, which have Python code of their own.
// Source: Alibaba-NLP/new-impl, modeling.py.
#include <cmath>

#include "architectures/registry.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"new", "gte"};
constexpr std::string_view code_classes[] = {"New", "Gte"};

constexpr Rename renames[] = {
    {"embed.token", "embeddings.word_embeddings"},
    {"embed.type", "embeddings.token_type_embeddings"},
    {"embed.norm", "embeddings.LayerNorm"},
    {"layer.{i}.attn.qkv", "encoder.layer.{i}.attention.qkv_proj"},
    {"layer.{i}.attn.out", "encoder.layer.{i}.attention.o_proj"},
    {"layer.{i}.attn.norm", "encoder.layer.{i}.attn_ln"},
    {"layer.{i}.ffn.up", "encoder.layer.{i}.mlp.up_gate_proj"},
    {"layer.{i}.ffn.activation", "encoder.layer.{i}.mlp.act_fn"},
    {"layer.{i}.ffn.down", "encoder.layer.{i}.mlp.down_proj"},
    {"layer.{i}.ffn.norm", "encoder.layer.{i}.mlp_ln"},
    {"pooler", "pooler.dense"},
    {"head.out", "/classifier"},
    {"qa.out", "/qa_outputs"},
    {"lm.dense", "/lm_head.dense"},
    {"lm.activation", "/lm_head.transform_act_fn"},
    {"lm.norm", "/lm_head.norm"},
    {"lm.out", "/lm_head.decoder"},
};

constexpr std::string_view prefixes[] = {"new.", "gte.", ""};
constexpr std::string_view ignored[] = {"pooler.*", "classifier.*", "qa_outputs.*", "lm_head.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"hidden_size", 768},
    .layers = {"num_hidden_layers", 12},
    .heads = {"num_attention_heads", 12},
    .intermediate_size = {"intermediate_size", 3072},
    .vocab_size = {"vocab_size", 30528},
    .max_positions = {"max_position_embeddings", 2048},
    .type_vocab_size = {"type_vocab_size", 1},
    .norm_eps = {"layer_norm_eps", 1e-12F},
    .activation = {"hidden_act", Activation::gelu},
    .pad_token_id = {"pad_token_id", 0},
};
constexpr FurtherKey further_keys[] = {
    {"rope_theta", NumberKey{&ModelConfig::rope_theta, 10000.0F, 10000.0F}},
    {"rope_scaling", NtkKey{&ModelConfig::rope_ntk_factor}}};
// rope_parameters would be a folder that transformers 5 wrote, which has no factor.
constexpr KnownValue known_values[] = {
    {"position_embedding_type", "\"rope\""},
    {"layer_norm_type", "\"layer_norm\""},
    {"pack_qkv", "true"},
    {"logn_attention_scale", "false"},
    {"rope_parameters", "null"},
};

// The reference stretches positions for every text, not only for long ones: a larger base, and all
// frequencies slower by factor^(2 / size).
RotaryOptions rotary(const ModelConfig& config) {
  const double factor = config.rope_ntk_factor;
  const auto size = static_cast<double>(config.head_size());
  return {.theta = config.rope_theta * config.rope_ntk_factor,
          .size = config.head_size(),
          .slowdown = static_cast<float>(std::pow(factor, 2 / size))};
}

StackOptions options(const ModelConfig& config) {
  StackOptions out = post_norm_encoder(config);
  out.embedding.positions = 0;
  for (BlockOptions& block : out.blocks) {
    block.qkv = QkvWeights::stacked;
    block.rotary = rotary(config);
    block.ffn = FeedForwardKind::gated;
    block.gate = GateWeights::last;
    block.ffn_up_bias = Bias::without;
  }
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  const auto labels = static_cast<Index>(config.labels.size());
  switch (kind) {
    case HeadKind::none: return HeadOptions{};
    case HeadKind::sequence_classification: return on_tanh_pooler("head.out", labels);
    case HeadKind::token_classification: return linear_head("head.out", labels);
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::masked_lm: return masked_lm_head("lm.out", config);
    case HeadKind::multiple_choice: return on_tanh_pooler("head.out", 1);
    case HeadKind::causal_lm:
    case HeadKind::next_sentence_prediction:
    case HeadKind::conditional_generation:
    case HeadKind::encoder:
    case HeadKind::replaced_token_detection: break;
  }
  return {};
}

}  // namespace

constinit const Architecture gte{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .known_values = known_values,
    .position_rule = count_from_zero,
    .options = options,
    .head = head,
    .code_classes = code_classes,
};

}  // namespace attend::tables
