// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// ELECTRA (Clark et al. 2020): BERT whose embeddings may be narrower than its blocks, without a
// pooler, with a head of two layers for texts.
// Source: transformers 4.57 models/electra.
#include <string>

#include "architectures/bert_family.h"
#include "attend/core/error.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"electra"};

constexpr Rename own[] = {
    {"embed.project", "embeddings_project"},
    {"head.dense", "/classifier.dense"},
    {"head.out", "/classifier.out_proj"},
    {"tokens.out", "/classifier"},
    {"qa.out", "/qa_outputs"},
    {"choice.dense", "/sequence_summary.summary"},
    {"choice.activation", "/sequence_summary.activation"},
    {"replaced.dense", "/discriminator_predictions.dense"},
    {"replaced.activation", "/discriminator_predictions.activation"},
    {"replaced.out", "/discriminator_predictions.dense_prediction"},
    {"lm.dense", "/generator_predictions.dense"},
    {"lm.norm", "/generator_predictions.LayerNorm"},
    {"lm.out", "/generator_lm_head"},
};
constexpr auto renames = joined(bert_embeddings, bert_attention, bert_outputs, own);

constexpr std::string_view prefixes[] = {"electra.", ""};
// Buffers of old versions, a table that the config may leave unused, and the heads of the other
// classes.
constexpr std::string_view ignored[] = {"embeddings.position_ids",
                                        "embeddings.position_embeddings.*",
                                        "classifier.*",
                                        "qa_outputs.*",
                                        "sequence_summary.*",
                                        "discriminator_predictions.*",
                                        "generator_lm_head.*",
                                        "generator_predictions.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"hidden_size", 256},
    .layers = {"num_hidden_layers", 12},
    .heads = {"num_attention_heads", 4},
    .intermediate_size = {"intermediate_size", 1024},
    .vocab_size = {"vocab_size", 30522},
    .max_positions = {"max_position_embeddings", 512},
    .type_vocab_size = {"type_vocab_size", 2},
    .norm_eps = {"layer_norm_eps", 1e-12F},
    .activation = {"hidden_act", Activation::gelu},
    .pad_token_id = {"pad_token_id", 0},
};
constexpr std::string_view first_token = R"("first")";
constexpr FurtherKey further_keys[] = {
    position_embedding_type,
    is_decoder,
    {"embedding_size", SizeKey{&ModelConfig::embedding_size, 128, 1}},
    {"summary_type", TextKey{&ModelConfig::summary_type, first_token}},
    {"summary_use_proj", FlagKey{&ModelConfig::summary_projection, true}},
    {"summary_activation",
     ActivationKey{&ModelConfig::summary_activation, Activation::gelu, Activation::none}}};

StackOptions options(const ModelConfig& config) {
  StackOptions out = post_norm_encoder(config);
  if (config.embedding_size != config.hidden_size) {
    out.embedding.table_width = config.embedding_size;
    out.embedding.projection = ProjectionPlace::after_norm;
  }
  return out;
}

HeadOptions choice_head(const ModelConfig& config) {
  if (config.summary_type != first_token) {
    fail(ErrorKind::unsupported,
         {.where = "load_model",
          .what = "/summary_type",
          .expected = std::string(first_token),
          .found = config.summary_type,
          .file = "config.json",
          .hint = "a multiple choice by other tokens would depend on padding"});
  }
  HeadOptions out = linear_head("tokens.out", 1);
  out.rows = HeadRows::first;
  if (config.summary_projection) out.dense = "choice.dense";
  out.activation = config.summary_activation;
  out.activation_name = "choice.activation";
  return out;
}

HeadOptions replaced_head(const ModelConfig& config) {
  HeadOptions out = linear_head("replaced.out", 1);
  out.dense = "replaced.dense";
  out.activation = config.activation;
  out.activation_name = "replaced.activation";
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  const auto labels = static_cast<Index>(config.labels.size());
  switch (kind) {
    case HeadKind::none: return HeadOptions{};
    case HeadKind::sequence_classification: return text_head(Activation::gelu, labels);
    case HeadKind::token_classification: return linear_head("tokens.out", labels);
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::masked_lm:
    case HeadKind::causal_lm: {
      HeadOptions out = masked_lm_head("lm.out", config);
      out.width = config.embedding_size;
      out.activation = Activation::gelu;
      out.activation_name = {};
      return out;
    }
    case HeadKind::multiple_choice: return choice_head(config);
    case HeadKind::replaced_token_detection: return replaced_head(config);
    case HeadKind::next_sentence_prediction:
    case HeadKind::conditional_generation:
    case HeadKind::encoder: break;
  }
  return {};
}

}  // namespace

constinit const Architecture electra{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = further_keys,
    .known_values = bert_values,
    .position_rule = count_from_zero,
    .options = options,
    .head = head,
};

}  // namespace attend::tables
