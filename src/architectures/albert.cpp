// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// ALBERT (Lan et al. 2019): narrow embeddings with a projection, and groups of layers that share
// one block or more.
// Source: transformers 4.57 models/albert.
#include <string>

#include "architectures/bert_family.h"
#include "attend/core/error.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"albert"};

// {i} is the group, {j} the block in it.
constexpr Rename own[] = {
    {"embed.project", "encoder.embedding_hidden_mapping_in"},
    {"layer.{i}.{j}.attn.q", "encoder.albert_layer_groups.{i}.albert_layers.{j}.attention.query"},
    {"layer.{i}.{j}.attn.k", "encoder.albert_layer_groups.{i}.albert_layers.{j}.attention.key"},
    {"layer.{i}.{j}.attn.v", "encoder.albert_layer_groups.{i}.albert_layers.{j}.attention.value"},
    {"layer.{i}.{j}.attn.distance",
     "encoder.albert_layer_groups.{i}.albert_layers.{j}.attention.distance_embedding"},
    {"layer.{i}.{j}.attn.out", "encoder.albert_layer_groups.{i}.albert_layers.{j}.attention.dense"},
    {"layer.{i}.{j}.attn.norm",
     "encoder.albert_layer_groups.{i}.albert_layers.{j}.attention.LayerNorm"},
    {"layer.{i}.{j}.ffn.up", "encoder.albert_layer_groups.{i}.albert_layers.{j}.ffn"},
    {"layer.{i}.{j}.ffn.activation",
     "encoder.albert_layer_groups.{i}.albert_layers.{j}.activation"},
    {"layer.{i}.{j}.ffn.down", "encoder.albert_layer_groups.{i}.albert_layers.{j}.ffn_output"},
    {"layer.{i}.{j}.ffn.norm",
     "encoder.albert_layer_groups.{i}.albert_layers.{j}.full_layer_layer_norm"},
    {"pooler", "pooler"},
    {"head.out", "/classifier"},
    {"qa.out", "/qa_outputs"},
    {"next.out", "/sop_classifier.classifier"},
    {"lm.dense", "/predictions.dense"},
    {"lm.activation", "/predictions.activation"},
    {"lm.norm", "/predictions.LayerNorm"},
    {"lm.out", "/predictions.decoder"},
    {"lm", "/predictions.decoder|/predictions"},
};
constexpr auto renames = joined(bert_embeddings, own);

constexpr std::string_view prefixes[] = {"albert.", ""};
// Buffers of old versions, a table that the config may leave unused, and the heads of the other
// classes.
constexpr std::string_view ignored[] = {"embeddings.position_ids",
                                        "embeddings.position_embeddings.*",
                                        "pooler.*",
                                        "classifier.*",
                                        "qa_outputs.*",
                                        "predictions.*",
                                        "sop_classifier.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"hidden_size", 4096},
    .layers = {"num_hidden_layers", 12},
    .heads = {"num_attention_heads", 64},
    .intermediate_size = {"intermediate_size", 16384},
    .vocab_size = {"vocab_size", 30000},
    .max_positions = {"max_position_embeddings", 512},
    .type_vocab_size = {"type_vocab_size", 2},
    .norm_eps = {"layer_norm_eps", 1e-12F},
    .activation = {"hidden_act", Activation::gelu_tanh},
    .pad_token_id = {"pad_token_id", 0},
};
constexpr FurtherKey further_keys[] = {
    position_embedding_type,
    {"embedding_size", SizeKey{&ModelConfig::embedding_size, 128, 1}},
    {"num_hidden_groups", CountKey{&ModelConfig::layer_groups, 1, 1024}},
    {"inner_group_num", CountKey{&ModelConfig::blocks_a_group, 1, 64}}};
constexpr KnownValue known_values[] = {{"rope_scaling", "null"}};

// A layer hands every block of its group a head mask out of a list, which has the layers of a
// group: where the blocks are more, the reference fails.
void check_groups(const ModelConfig& config) {
  const auto refuse = [&](const char* key, Index most, Index found) {
    fail(ErrorKind::config_error,
         {.where = "load_model",
          .what = key,
          .expected = "at most " + std::to_string(most) + " for num_hidden_layers " +
                      std::to_string(config.layers) + " and num_hidden_groups " +
                      std::to_string(config.layer_groups),
          .found = std::to_string(found),
          .file = "config.json",
          .hint = "transformers loads such a folder, but cannot run it"});
  };
  const Index layers_a_group = config.layers / config.layer_groups;
  if (layers_a_group == 0) refuse("/num_hidden_groups", config.layers, config.layer_groups);
  if (config.blocks_a_group > layers_a_group) {
    refuse("/inner_group_num", layers_a_group, config.blocks_a_group);
  }
}

StackOptions options(const ModelConfig& config) {
  check_groups(config);
  StackOptions out = post_norm_encoder(config);
  out.embedding.table_width = config.embedding_size;
  out.embedding.projection = ProjectionPlace::after_norm;
  if (auto* bias = std::get_if<RelativeBias>(&out.score_bias)) {
    bias->scale = RelativeBias::Scale::none;
  }
  // The reference divides floating-point numbers, so groups need not divide the layers.
  const double layers_a_group =
      static_cast<double>(config.layers) / static_cast<double>(config.layer_groups);
  out.blocks_a_group = config.blocks_a_group;
  out.blocks.resize(static_cast<std::size_t>(config.layer_groups * config.blocks_a_group),
                    out.blocks.front());
  for (std::size_t i = 0; i < out.layers.size(); ++i) {
    out.layers[i] = static_cast<Index>(static_cast<double>(i) / layers_a_group);
  }
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  const auto labels = static_cast<Index>(config.labels.size());
  switch (kind) {
    case HeadKind::none: return tanh_pooler();
    case HeadKind::sequence_classification: return on_tanh_pooler("head.out", labels);
    case HeadKind::token_classification: return linear_head("head.out", labels);
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::masked_lm: {
      HeadOptions out = masked_lm_head("lm", config);
      out.width = config.embedding_size;
      return out;
    }
    case HeadKind::multiple_choice: return on_tanh_pooler("head.out", 1);
    // The order of two sentences; the reference has as many classes as labels.
    case HeadKind::next_sentence_prediction: return on_tanh_pooler("next.out", labels);
    case HeadKind::conditional_generation:
    case HeadKind::encoder:
    case HeadKind::causal_lm:
    case HeadKind::replaced_token_detection: break;
  }
  return {};
}

}  // namespace

constinit const Architecture albert{
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
