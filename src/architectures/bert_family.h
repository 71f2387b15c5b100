// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows of tables that BERT's descendants have in common. A table is its blocks of names, joined,
// and what is its own.
#pragma once

#include <array>
#include <cstddef>

#include "architectures/registry.h"

namespace attend::tables {

template <std::size_t... sizes>
constexpr std::array<Rename, (sizes + ...)> joined(const Rename (&... blocks)[sizes]) {
  std::array<Rename, (sizes + ...)> rows{};
  std::size_t count = 0;
  const auto append = [&](const auto& block) {
    for (const Rename& row : block) rows[count++] = row;
  };
  (append(blocks), ...);
  return rows;
}

inline constexpr Rename bert_embeddings[] = {
    {"embed.token", "embeddings.word_embeddings"},
    {"embed.position", "embeddings.position_embeddings"},
    {"embed.type", "embeddings.token_type_embeddings"},
    {"embed.norm", "embeddings.LayerNorm"},
};

inline constexpr Rename bert_attention[] = {
    {"layer.{i}.attn.q", "encoder.layer.{i}.attention.self.query"},
    {"layer.{i}.attn.k", "encoder.layer.{i}.attention.self.key"},
    {"layer.{i}.attn.v", "encoder.layer.{i}.attention.self.value"},
    {"layer.{i}.attn.distance", "encoder.layer.{i}.attention.self.distance_embedding"},
};

/// What follows the scores of a layer, with norms after the residual sums.
inline constexpr Rename bert_outputs[] = {
    {"layer.{i}.attn.out", "encoder.layer.{i}.attention.output.dense"},
    {"layer.{i}.attn.norm", "encoder.layer.{i}.attention.output.LayerNorm"},
    {"layer.{i}.ffn.up", "encoder.layer.{i}.intermediate.dense"},
    {"layer.{i}.ffn.activation", "encoder.layer.{i}.intermediate.intermediate_act_fn"},
    {"layer.{i}.ffn.down", "encoder.layer.{i}.output.dense"},
    {"layer.{i}.ffn.norm", "encoder.layer.{i}.output.LayerNorm"},
};

inline constexpr Rename bert_masked_lm[] = {
    {"lm.dense", "/cls.predictions.transform.dense"},
    {"lm.activation", "/cls.predictions.transform.transform_act_fn"},
    {"lm.norm", "/cls.predictions.transform.LayerNorm"},
    {"lm.out", "/cls.predictions.decoder"},
    {"lm", "/cls.predictions"},
};

/// Whether two texts belong together, on the pooler.
inline constexpr Rename bert_next_sentence[] = {{"next.out", "/cls.seq_relationship"}};

/// All heads of roberta_head(), but for the bias of that for masked words.
inline constexpr Rename roberta_heads[] = {
    {"pooler", "pooler.dense"},
    {"head.dense", "/classifier.dense"},
    {"head.out", "/classifier.out_proj"},
    {"tokens.out", "/classifier"},
    {"qa.out", "/qa_outputs"},
    {"lm.dense", "/lm_head.dense"},
    {"lm.norm", "/lm_head.layer_norm"},
    {"lm.out", "/lm_head.decoder"},
};
/// That bias: the decoder's counts where a file has both.
inline constexpr Rename roberta_lm_bias[] = {{"lm", "/lm_head.decoder|/lm_head"}};

/// Buffers of old versions, a table that the config may leave unused, and the heads of the other
/// classes.
inline constexpr std::string_view roberta_ignored[] = {"embeddings.position_ids",
                                                       "embeddings.position_embeddings.*",
                                                       "pooler.*",
                                                       "classifier.*",
                                                       "qa_outputs.*",
                                                       "lm_head.*"};

/// Of BERT and its kin; post_norm_encoder() knows all its values.
inline constexpr FurtherKey position_embedding_type{"position_embedding_type",
                                                    PositionKey{&ModelConfig::position_embedding}};
inline constexpr FurtherKey is_decoder{"is_decoder", FlagKey{&ModelConfig::is_decoder, false}};
inline constexpr FurtherKey bert_further_keys[] = {position_embedding_type, is_decoder};
inline constexpr KnownValue bert_values[] = {{"add_cross_attention", "false"},
                                             {"rope_scaling", "null"}};

/// Keys of RoBERTa, whose kin differ in the default of one size.
constexpr ConfigKeys roberta_keys(Index vocab_size) {
  return {
      .hidden_size = {"hidden_size", 768},
      .layers = {"num_hidden_layers", 12},
      .heads = {"num_attention_heads", 12},
      .intermediate_size = {"intermediate_size", 3072},
      .vocab_size = {"vocab_size", vocab_size},
      .max_positions = {"max_position_embeddings", 512},
      .type_vocab_size = {"type_vocab_size", 2},
      .norm_eps = {"layer_norm_eps", 1e-12F},
      .activation = {"hidden_act", Activation::gelu},
      .pad_token_id = {"pad_token_id", 1},
  };
}

/// Heads of RoBERTa, which other architectures have, too.
[[nodiscard]] std::optional<HeadOptions> roberta_head(HeadKind kind, const ModelConfig& config);

/// Positions after the id of padding, which has none of its own.
[[nodiscard]] PositionRule count_after_padding(const ModelConfig& config);

}  // namespace attend::tables
