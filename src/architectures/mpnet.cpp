// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// MPNet (Song et al. 2020): RoBERTa without token types, with a learned bias by distance.
// Source: transformers 4.57 models/mpnet.
#include <algorithm>

#include "architectures/bert_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"mpnet"};

constexpr Rename own[] = {
    {"embed.token", "embeddings.word_embeddings"},
    {"embed.position", "embeddings.position_embeddings"},
    {"embed.norm", "embeddings.LayerNorm"},
    {"bias.table", "encoder.relative_attention_bias"},
    {"layer.{i}.attn.q", "encoder.layer.{i}.attention.attn.q"},
    {"layer.{i}.attn.k", "encoder.layer.{i}.attention.attn.k"},
    {"layer.{i}.attn.v", "encoder.layer.{i}.attention.attn.v"},
    {"layer.{i}.attn.out", "encoder.layer.{i}.attention.attn.o"},
    {"layer.{i}.attn.norm", "encoder.layer.{i}.attention.LayerNorm"},
    {"layer.{i}.ffn.up", "encoder.layer.{i}.intermediate.dense"},
    {"layer.{i}.ffn.activation", "encoder.layer.{i}.intermediate.intermediate_act_fn"},
    {"layer.{i}.ffn.down", "encoder.layer.{i}.output.dense"},
    {"layer.{i}.ffn.norm", "encoder.layer.{i}.output.LayerNorm"},
    {"lm", "/lm_head"},
};
constexpr auto renames = joined(own, roberta_heads);

constexpr std::string_view prefixes[] = {"mpnet.", ""};
// Buffers of old versions, and the heads of the other classes.
constexpr std::string_view ignored[] = {"embeddings.position_ids", "pooler.*", "classifier.*",
                                        "qa_outputs.*", "lm_head.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"hidden_size", 768},
    .layers = {"num_hidden_layers", 12},
    .heads = {"num_attention_heads", 12},
    .intermediate_size = {"intermediate_size", 3072},
    .vocab_size = {"vocab_size", 30527},
    .max_positions = {"max_position_embeddings", 512},
    .type_vocab_size = {"", 0},
    .norm_eps = {"layer_norm_eps", 1e-12F},
    .activation = {"hidden_act", Activation::gelu},
    .pad_token_id = {"pad_token_id", 1},
};
constexpr FurtherKey further_keys[] = {
    is_decoder, {"relative_attention_num_buckets", SizeKey{&ModelConfig::relative_buckets, 32, 1}}};
constexpr KnownValue known_values[] = {{"rope_scaling", "null"}};

// The reference skips the id 1, whatever pad_token_id is.
PositionRule position_rule(const ModelConfig& /*config*/) { return {.first = 2, .skipped = 1}; }

StackOptions options(const ModelConfig& config) {
  StackOptions out = post_norm_encoder(config);
  // The reference counts 32 buckets, whatever the size of the table is.
  constexpr Index buckets = 32;
  out.score_bias = BucketBias{
      .buckets = buckets, .rows = std::max(buckets, config.relative_buckets), .max_distance = 128};
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  if (kind == HeadKind::causal_lm) return std::nullopt;
  return roberta_head(kind, config);
}

}  // namespace

constinit const Architecture mpnet{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .known_values = known_values,
    .position_rule = position_rule,
    .options = options,
    .head = head,
};

}  // namespace attend::tables
