// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// RoBERTa (Liu et al. 2019), XLM-RoBERTa (Conneau et al. 2019), CamemBERT (Martin et al. 2019) and
// data2vec for text (Baevski et al. 2022): BERT with positions that skip padding, a head of two
// layers for texts and another vocabulary.
// Source: transformers 4.57 models/roberta, models/xlm_roberta, models/camembert, models/data2vec.
#include "architectures/registry.h"

namespace attend::tables {
namespace {

constexpr std::string_view roberta_types[] = {"roberta"};
constexpr std::string_view xlm_roberta_types[] = {"xlm-roberta"};
constexpr std::string_view camembert_types[] = {"camembert"};
constexpr std::string_view data2vec_text_types[] = {"data2vec-text"};

constexpr Rename renames[] = {
    {"embed.token", "embeddings.word_embeddings"},
    {"embed.position", "embeddings.position_embeddings"},
    {"embed.type", "embeddings.token_type_embeddings"},
    {"embed.norm", "embeddings.LayerNorm"},
    {"layer.{i}.attn.q", "encoder.layer.{i}.attention.self.query"},
    {"layer.{i}.attn.k", "encoder.layer.{i}.attention.self.key"},
    {"layer.{i}.attn.v", "encoder.layer.{i}.attention.self.value"},
    {"layer.{i}.attn.distance", "encoder.layer.{i}.attention.self.distance_embedding"},
    {"layer.{i}.attn.out", "encoder.layer.{i}.attention.output.dense"},
    {"layer.{i}.attn.norm", "encoder.layer.{i}.attention.output.LayerNorm"},
    {"layer.{i}.ffn.up", "encoder.layer.{i}.intermediate.dense"},
    {"layer.{i}.ffn.down", "encoder.layer.{i}.output.dense"},
    {"layer.{i}.ffn.norm", "encoder.layer.{i}.output.LayerNorm"},
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

constexpr std::string_view prefixes[] = {"roberta.", "data2vec_text.", ""};
// Buffers of old versions, and the heads of the other classes.
constexpr std::string_view ignored[] = {"embeddings.position_ids",
                                        "embeddings.position_embeddings.*",
                                        "pooler.*",
                                        "classifier.*",
                                        "qa_outputs.*",
                                        "lm_head.*"};

// Keys of all four; the config classes differ in the default of one size.
constexpr ConfigKeys keys_of(Index vocab_size) {
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
constexpr FurtherKey further_keys[] = {position_embedding_type};
constexpr KnownValue known_values[] = {
    {"is_decoder", "false"}, {"add_cross_attention", "false"}, {"rope_scaling", "null"}};

PositionRule position_rule(const ModelConfig& config) {
  const TokenId padding = config.pad_token_id.value_or(1);
  return {.first = padding + 1, .skipped = padding};
}

constexpr Architecture architecture_of(std::span<const std::string_view> model_types,
                                       Index vocab_size) {
  return {
      .model_types = model_types,
      .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
      .keys = keys_of(vocab_size),
      .further_keys = further_keys,
      .known_values = known_values,
      .position_rule = position_rule,
      .options = post_norm_encoder,
      .head = roberta_head,
  };
}

}  // namespace

std::optional<HeadOptions> roberta_head(HeadKind kind, const ModelConfig& config) {
  const auto labels = static_cast<Index>(config.labels.size());
  switch (kind) {
    case HeadKind::none: return tanh_pooler();
    case HeadKind::sequence_classification: return text_head(Activation::tanh, labels);
    case HeadKind::token_classification: return linear_head("tokens.out", labels);
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::masked_lm: {
      HeadOptions out = masked_lm_head("lm", config);
      out.activation = Activation::gelu;
      return out;
    }
  }
  return {};
}

constinit const Architecture roberta = architecture_of(roberta_types, 50265);
constinit const Architecture xlm_roberta = architecture_of(xlm_roberta_types, 30522);
constinit const Architecture camembert = architecture_of(camembert_types, 30522);
constinit const Architecture data2vec_text = architecture_of(data2vec_text_types, 30522);

}  // namespace attend::tables
