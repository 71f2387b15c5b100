// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// DistilBERT (Sanh et al. 2019): BERT with half the layers, no token types and no pooler.
// Source: transformers 4.57 models/distilbert.
#include "architectures/registry.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"distilbert"};

constexpr Rename renames[] = {
    {"embed.token", "embeddings.word_embeddings"},
    {"embed.position", "embeddings.position_embeddings"},
    {"embed.norm", "embeddings.LayerNorm"},
    {"layer.{i}.attn.q", "transformer.layer.{i}.attention.q_lin"},
    {"layer.{i}.attn.k", "transformer.layer.{i}.attention.k_lin"},
    {"layer.{i}.attn.v", "transformer.layer.{i}.attention.v_lin"},
    {"layer.{i}.attn.out", "transformer.layer.{i}.attention.out_lin"},
    {"layer.{i}.attn.norm", "transformer.layer.{i}.sa_layer_norm"},
    {"layer.{i}.ffn.up", "transformer.layer.{i}.ffn.lin1"},
    {"layer.{i}.ffn.activation", "transformer.layer.{i}.ffn.activation"},
    {"layer.{i}.ffn.down", "transformer.layer.{i}.ffn.lin2"},
    {"layer.{i}.ffn.norm", "transformer.layer.{i}.output_layer_norm"},
    {"head.dense", "/pre_classifier"},
    {"head.out", "/classifier"},
    {"qa.out", "/qa_outputs"},
    {"lm.dense", "/vocab_transform"},
    {"lm.activation", "/activation"},
    {"lm.norm", "/vocab_layer_norm"},
    {"lm.out", "/vocab_projector"},
};

constexpr std::string_view prefixes[] = {"distilbert.", ""};
// Buffers of old versions, and the heads of the other classes.
constexpr std::string_view ignored[] = {
    "embeddings.position_ids", "pre_classifier.*", "classifier.*",       "qa_outputs.*",
    "vocab_transform.*",       "activation.*",     "vocab_layer_norm.*", "vocab_projector.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"dim", 768},
    .layers = {"n_layers", 6},
    .heads = {"n_heads", 12},
    .intermediate_size = {"hidden_dim", 3072},
    .vocab_size = {"vocab_size", 30522},
    .max_positions = {"max_position_embeddings", 512},
    .type_vocab_size = {"", 0},
    .norm_eps = {"", 1e-12F},
    .activation = {"activation", Activation::gelu},
    .pad_token_id = {"pad_token_id", 0},
};
constexpr KnownValue known_values[] = {{"rope_scaling", "null"}};

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  const auto labels = static_cast<Index>(config.labels.size());
  switch (kind) {
    case HeadKind::none: return HeadOptions{};
    case HeadKind::sequence_classification: return text_head(Activation::relu, labels);
    case HeadKind::token_classification: return linear_head("head.out", labels);
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::masked_lm: return masked_lm_head("lm.out", config);
    case HeadKind::multiple_choice: return text_head(Activation::relu, 1);
    case HeadKind::causal_lm:
    case HeadKind::next_sentence_prediction:
    case HeadKind::conditional_generation:
    case HeadKind::encoder:
    case HeadKind::replaced_token_detection: break;
  }
  return {};
}

}  // namespace

constinit const Architecture distilbert{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .known_values = known_values,
    .position_rule = count_from_zero,
    .options = post_norm_encoder,
    .head = head,
};

}  // namespace attend::tables
