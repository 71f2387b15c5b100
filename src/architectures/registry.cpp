// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The explicit list of architectures: objects that register themselves would vanish from a static
// library.
#include "architectures/registry.h"

#include <array>
#include <utility>

namespace attend {
namespace {

constexpr std::array<const Architecture*, 2> all{
    &tables::bert,
    &tables::distilbert,
};

// transformers names its classes <Model><Suffix> in every family.
constexpr std::pair<std::string_view, HeadKind> class_suffixes[] = {
    {"ForSequenceClassification", HeadKind::sequence_classification},
    {"ForTokenClassification", HeadKind::token_classification},
    {"ForQuestionAnswering", HeadKind::question_answering},
    {"ForMaskedLM", HeadKind::masked_lm},
    {"ForPreTraining", HeadKind::none},
    {"Model", HeadKind::none},
};

}  // namespace

EncoderOptions tables::post_norm_encoder(const ModelConfig& config) {
  return {.embedding = {.width = config.hidden_size,
                        .vocabulary = config.vocab_size,
                        .positions = config.max_positions,
                        .types = config.type_vocab_size,
                        .norm_eps = config.norm_eps},
          .block = {.width = config.hidden_size,
                    .heads = config.heads,
                    .head_size = config.head_size(),
                    .ffn_width = config.intermediate_size,
                    .norm_eps = config.norm_eps,
                    .activation = config.activation},
          .layers = config.layers};
}

std::span<const Architecture* const> architectures() noexcept { return all; }

const Architecture* find_architecture(std::string_view model_type) noexcept {
  for (const Architecture* architecture : all) {
    for (const std::string_view known : architecture->model_types) {
      if (known == model_type) return architecture;
    }
  }
  return nullptr;
}

std::optional<HeadKind> head_of_class(std::string_view class_name) noexcept {
  for (const auto& [suffix, kind] : class_suffixes) {
    if (class_name.ends_with(suffix)) return kind;
  }
  return std::nullopt;
}

std::string_view name(HeadKind kind) noexcept {
  switch (kind) {
    case HeadKind::none: return "none";
    case HeadKind::sequence_classification: return "sequence_classification";
    case HeadKind::token_classification: return "token_classification";
    case HeadKind::question_answering: return "question_answering";
    case HeadKind::masked_lm: return "masked_lm";
  }
  return "unknown";
}

}  // namespace attend
