// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// RoBERTa (Liu et al. 2019), XLM-RoBERTa (Conneau et al. 2019), CamemBERT (Martin et al. 2019) and
// data2vec for text (Baevski et al. 2022): BERT with positions that skip padding, a head of two
// layers for texts and another vocabulary.
// Source: transformers 4.57 models/roberta, models/xlm_roberta, models/camembert, models/data2vec.
#include "architectures/bert_family.h"

namespace attend::tables {
namespace {

constexpr std::string_view roberta_types[] = {"roberta"};
constexpr std::string_view xlm_roberta_types[] = {"xlm-roberta"};
constexpr std::string_view camembert_types[] = {"camembert"};
constexpr std::string_view data2vec_text_types[] = {"data2vec-text"};

constexpr auto renames =
    joined(bert_embeddings, bert_attention, bert_outputs, roberta_heads, roberta_lm_bias);

constexpr std::string_view prefixes[] = {"roberta.", "data2vec_text.", ""};

constexpr Architecture architecture_of(std::span<const std::string_view> model_types,
                                       Index vocab_size) {
  return {
      .model_types = model_types,
      .names = {.renames = renames, .prefixes = prefixes, .ignored = roberta_ignored},
      .keys = roberta_keys(vocab_size),
      .further_keys = bert_further_keys,
      .known_values = bert_values,
      .position_rule = count_after_padding,
      .options = post_norm_encoder,
      .head = roberta_head,
  };
}

}  // namespace

PositionRule count_after_padding(const ModelConfig& config) {
  const TokenId padding = config.pad_token_id.value_or(1);
  return {.first = padding + 1, .skipped = padding};
}

std::optional<HeadOptions> roberta_head(HeadKind kind, const ModelConfig& config) {
  const auto labels = static_cast<Index>(config.labels.size());
  switch (kind) {
    case HeadKind::none: return tanh_pooler();
    case HeadKind::sequence_classification: return text_head(Activation::tanh, labels);
    case HeadKind::token_classification: return linear_head("tokens.out", labels);
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::masked_lm:
    case HeadKind::causal_lm: {
      HeadOptions out = masked_lm_head("lm", config);
      out.activation = Activation::gelu;
      out.activation_name = {};
      return out;
    }
    case HeadKind::multiple_choice: return on_tanh_pooler("tokens.out", 1);
    case HeadKind::next_sentence_prediction:
    case HeadKind::conditional_generation:
    case HeadKind::encoder:
    case HeadKind::replaced_token_detection: break;
  }
  return {};
}

constinit const Architecture roberta = architecture_of(roberta_types, 50265);
constinit const Architecture xlm_roberta = architecture_of(xlm_roberta_types, 30522);
constinit const Architecture camembert = architecture_of(camembert_types, 30522);
constinit const Architecture data2vec_text = architecture_of(data2vec_text_types, 30522);

}  // namespace attend::tables
