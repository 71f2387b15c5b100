// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// BERT (Devlin et al. 2018): post-norm encoder, learned positions, token types, tanh pooler; and
// ERNIE (Sun et al. 2019), which may have embeddings of types of tasks.
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
constexpr auto bert_renames = joined(bert_embeddings, bert_attention, bert_outputs, heads,
                                     bert_masked_lm, bert_next_sentence);
constexpr Rename ernie_tasks[] = {{"embed.task", "embeddings.task_type_embeddings"}};
constexpr auto ernie_renames = joined(bert_embeddings, ernie_tasks, bert_attention, bert_outputs,
                                      heads, bert_masked_lm, bert_next_sentence);

constexpr std::string_view bert_prefixes[] = {"bert.", ""};
constexpr std::string_view ernie_prefixes[] = {"ernie.", ""};
// Buffers of old versions, tables that the config may leave unused, and the heads of the other
// classes.
constexpr std::string_view ignored[] = {"embeddings.position_ids",
                                        "embeddings.position_embeddings.*",
                                        "embeddings.task_type_embeddings.*",
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
bool has_task_types(const ModelConfig& config) { return config.use_task_types; }
constexpr FurtherKey ernie_further_keys[] = {
    position_embedding_type,
    is_decoder,
    {"use_task_id", FlagKey{&ModelConfig::use_task_types, false}},
    {"task_type_vocab_size", CountKey{&ModelConfig::task_types, 3, 16'777'216, has_task_types}}};

// Where a text does not say its task, the reference takes the first.
StackOptions ernie_options(const ModelConfig& config) {
  StackOptions out = post_norm_encoder(config);
  if (config.use_task_types) out.embedding.tasks = config.task_types;
  return out;
}

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  const auto labels = static_cast<Index>(config.labels.size());
  switch (kind) {
    case HeadKind::none: return tanh_pooler();
    case HeadKind::sequence_classification: return on_tanh_pooler("head.out", labels);
    case HeadKind::token_classification: return linear_head("head.out", labels);
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::masked_lm:
    case HeadKind::causal_lm: return masked_lm_head("lm", config);
    case HeadKind::multiple_choice: return on_tanh_pooler("head.out", 1);
    case HeadKind::next_sentence_prediction: return on_tanh_pooler("next.out", 2);
    case HeadKind::conditional_generation:
    case HeadKind::encoder:
    case HeadKind::replaced_token_detection: break;
  }
  return {};
}

}  // namespace

constinit const Architecture bert{
    .model_types = bert_types,
    .names = {.renames = bert_renames, .prefixes = bert_prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = bert_further_keys,
    .known_values = bert_values,
    .position_rule = count_from_zero,
    .options = post_norm_encoder,
    .head = head,
};

constinit const Architecture ernie{
    .model_types = ernie_types,
    .names = {.renames = ernie_renames, .prefixes = ernie_prefixes, .ignored = ignored},
    .keys = keys,
    .further_keys = ernie_further_keys,
    .known_values = bert_values,
    .position_rule = count_from_zero,
    .options = ernie_options,
    .head = head,
};

}  // namespace attend::tables
