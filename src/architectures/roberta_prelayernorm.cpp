// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// RoBERTa with norms before the sublayers (Ott et al. 2019; Wettig et al. 2022), and one at the
// end.
// Source: transformers 4.57 models/roberta_prelayernorm.
#include "architectures/registry.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"roberta-prelayernorm"};

constexpr Rename renames[] = {
    {"embed.token", "embeddings.word_embeddings"},
    {"embed.position", "embeddings.position_embeddings"},
    {"embed.type", "embeddings.token_type_embeddings"},
    {"embed.norm", "embeddings.LayerNorm"},
    {"layer.{i}.attn.norm", "encoder.layer.{i}.attention.LayerNorm"},
    {"layer.{i}.attn.q", "encoder.layer.{i}.attention.self.query"},
    {"layer.{i}.attn.k", "encoder.layer.{i}.attention.self.key"},
    {"layer.{i}.attn.v", "encoder.layer.{i}.attention.self.value"},
    {"layer.{i}.attn.distance", "encoder.layer.{i}.attention.self.distance_embedding"},
    {"layer.{i}.attn.out", "encoder.layer.{i}.attention.output.dense"},
    {"layer.{i}.ffn.norm", "encoder.layer.{i}.intermediate.LayerNorm"},
    {"layer.{i}.ffn.up", "encoder.layer.{i}.intermediate.dense"},
    {"layer.{i}.ffn.down", "encoder.layer.{i}.output.dense"},
    {"final.norm", "LayerNorm"},
    {"pooler", "pooler.dense"},
    {"head.dense", "/classifier.dense"},
    {"head.out", "/classifier.out_proj"},
    {"tokens.out", "/classifier"},
    {"qa.out", "/qa_outputs"},
    {"lm.dense", "/lm_head.dense"},
    {"lm.norm", "/lm_head.layer_norm"},
    {"lm.out", "/lm_head.decoder"},
    {"lm", "/lm_head.decoder|/lm_head"},
};

constexpr std::string_view prefixes[] = {"roberta_prelayernorm.", ""};
// Buffers of old versions, and the heads of the other classes.
constexpr std::string_view ignored[] = {"embeddings.position_ids",
                                        "embeddings.position_embeddings.*",
                                        "pooler.*",
                                        "classifier.*",
                                        "qa_outputs.*",
                                        "lm_head.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"hidden_size", 768},
    .layers = {"num_hidden_layers", 12},
    .heads = {"num_attention_heads", 12},
    .intermediate_size = {"intermediate_size", 3072},
    .vocab_size = {"vocab_size", 50265},
    .max_positions = {"max_position_embeddings", 512},
    .type_vocab_size = {"type_vocab_size", 2},
    .norm_eps = {"layer_norm_eps", 1e-12F},
    .activation = {"hidden_act", Activation::gelu},
    .pad_token_id = {"pad_token_id", 1},
};
constexpr FurtherKey further_keys[] = {position_embedding_type};
constexpr KnownValue known_values[] = {
    {"is_decoder", "false"}, {"add_cross_attention", "false"}, {"rope_scaling", "null"}};

PositionRule position_rule(const ModelConfig& config) {
  const TokenId padding = config.pad_token_id.value_or(1);
  return {.first = padding + 1, .skipped = padding};
}

StackOptions options(const ModelConfig& config) {
  StackOptions out = post_norm_encoder(config);
  for (BlockOptions& block : out.blocks) block.norm_place = NormPlace::before;
  out.final_norm = NormOptions{.eps = config.norm_eps};
  return out;
}

}  // namespace

constinit const Architecture roberta_prelayernorm{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .known_values = known_values,
    .position_rule = position_rule,
    .options = options,
    .head = roberta_head,
};

}  // namespace attend::tables
