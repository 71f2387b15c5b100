// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// BERT (Devlin et al. 2018): post-norm encoder, learned positions, token types, tanh pooler; and
// ERNIE (Sun et al. 2019), which is BERT unless it has types of tasks.
// Source: transformers 4.57 models/bert, models/ernie.
#include "architectures/bert_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view bert_types[] = {"bert"};
constexpr std::string_view ernie_types[] = {"ernie"};

constexpr Rename heads[] = {
    {"pooler", "pooler.dense"},
    {"head.out", "/classifier"},
    {"qa.out", "/qa_outputs"},
};
constexpr auto renames = joined(bert_embeddings, bert_attention, bert_outputs, heads,
                                bert_masked_lm, bert_next_sentence);

constexpr std::string_view bert_prefixes[] = {"bert.", ""};
constexpr std::string_view ernie_prefixes[] = {"ernie.", ""};
// Buffers of old versions, a table that the config may leave unused, and the heads of the other
// classes.
constexpr std::string_view ignored[] = {"embeddings.position_ids",
                                        "embeddings.position_embeddings.*",
                                        "pooler.*",
                                        "classifier.*",
                                        "qa_outputs.*",
                                        "cls.*"};

constexpr ConfigKeys keys{
    .hidden_size = {"hidden_size", 768},
    .layers = {"num_hidden_layers", 12},
    .heads = {"num_attention_heads", 12},
    .intermediate_size = {"intermediate_size", 3072},
    .vocab_size = {"vocab_size", 30522},
    .max_positions = {"max_position_embeddings", 512},
    .type_vocab_size = {"type_vocab_size", 2},
    .norm_eps = {"layer_norm_eps", 1e-12F},
    .activation = {"hidden_act", Activation::gelu},
    .pad_token_id = {"pad_token_id", 0},
};
constexpr KnownValue ernie_values[] = {{"is_decoder", "false"},
                                       {"add_cross_attention", "false"},
                                       {"rope_scaling", "null"},
                                       {"use_task_id", "false"}};

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  const auto labels = static_cast<Index>(config.labels.size());
  switch (kind) {
    case HeadKind::none: return tanh_pooler();
    case HeadKind::sequence_classification: return on_tanh_pooler("head.out", labels);
    case HeadKind::token_classification: return linear_head("head.out", labels);
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::masked_lm: return masked_lm_head("lm", config);
    case HeadKind::multiple_choice: return on_tanh_pooler("head.out", 1);
    case HeadKind::next_sentence_prediction: return on_tanh_pooler("next.out", 2);
    case HeadKind::replaced_token_detection: break;
  }
  return {};
}

constexpr Architecture architecture_of(std::span<const std::string_view> model_types,
                                       std::span<const std::string_view> prefixes,
                                       std::span<const KnownValue> values) {
  return {
      .model_types = model_types,
      .names = {.renames = renames, .prefixes = prefixes, .ignored = ignored},
      .keys = keys,
      .further_keys = bert_further_keys,
      .known_values = values,
      .position_rule = count_from_zero,
      .options = post_norm_encoder,
      .head = head,
  };
}

}  // namespace

constinit const Architecture bert = architecture_of(bert_types, bert_prefixes, bert_values);
constinit const Architecture ernie = architecture_of(ernie_types, ernie_prefixes, ernie_values);

}  // namespace attend::tables
