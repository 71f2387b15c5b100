// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The explicit list of architectures: objects that register themselves would vanish from a static
// library.
#include "architectures/registry.h"

#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace attend {
namespace {

// A line each.
// clang-format off
constexpr const Architecture* all[] = {
    &tables::albert,
    &tables::bart,
    &tables::bert,
    &tables::bloom,
    &tables::camembert,
    &tables::data2vec_text,
    &tables::deberta,
    &tables::deberta_v2,
    &tables::distilbert,
    &tables::electra,
    &tables::ernie,
    &tables::gemma,
    &tables::gemma2,
    &tables::gemma3,
    &tables::gpt2,
    &tables::gpt_neo,
    &tables::gpt_neox,
    &tables::gptj,
    &tables::gte,
    &tables::llama,
    &tables::m2m_100,
    &tables::marian,
    &tables::mbart,
    &tables::mistral,
    &tables::modernbert,
    &tables::mpnet,
    &tables::mt5,
    &tables::nomic_bert,
    &tables::olmo2,
    &tables::opt,
    &tables::pegasus,
    &tables::phi,
    &tables::phi3,
    &tables::qwen2,
    &tables::qwen3,
    &tables::roberta,
    &tables::roberta_prelayernorm,
    &tables::smollm3,
    &tables::stablelm,
    &tables::starcoder2,
    &tables::t5,
    &tables::xlm_roberta,
};
// clang-format on

// transformers names its classes <Model><Suffix> in every family. The first that fits counts: a
// class for pre-training with one head is that head.
constexpr std::pair<std::string_view, HeadKind> class_suffixes[] = {
    {"ForSequenceClassification", HeadKind::sequence_classification},
    {"ForTokenClassification", HeadKind::token_classification},
    {"ForQuestionAnswering", HeadKind::question_answering},
    {"ForMaskedLM", HeadKind::masked_lm},
    {"ForConditionalGeneration", HeadKind::conditional_generation},
    {"MTModel", HeadKind::conditional_generation},
    {"T5WithLMHeadModel", HeadKind::conditional_generation},  // before October 2020
    {"ForCausalLM", HeadKind::causal_lm},
    {"LMHeadModel", HeadKind::causal_lm},
    {"ForMultipleChoice", HeadKind::multiple_choice},
    {"ForNextSentencePrediction", HeadKind::next_sentence_prediction},
    {"ElectraForPreTraining", HeadKind::replaced_token_detection},
    {"ForPreTraining", HeadKind::none},
    {"EncoderModel", HeadKind::encoder},
    {"Model", HeadKind::none},
};

ScoreBiasOptions relative_bias(const ModelConfig& config) {
  using Parts = RelativeBias::Parts;
  const Index reach = config.max_positions - 1;
  switch (config.position_embedding) {
    case PositionEmbedding::relative_key: return RelativeBias{reach, Parts::query};
    case PositionEmbedding::relative_key_query: return RelativeBias{reach, Parts::query_and_key};
    case PositionEmbedding::absolute:
    case PositionEmbedding::none: break;
  }
  return {};
}

}  // namespace

StackOptions tables::post_norm_encoder(const ModelConfig& config) {
  const NormOptions norm{.eps = config.norm_eps};
  const BlockOptions block{.width = config.hidden_size,
                           .heads = config.heads,
                           .key_heads = config.key_heads,
                           .head_size = config.head_size(),
                           .ffn_width = config.intermediate_size,
                           .norm = norm,
                           .score_scale = 1.0F / std::sqrt(static_cast<float>(config.head_size())),
                           .activation = config.activation};
  StackOptions out{
      .embedding = {.width = config.hidden_size,
                    .table_width = config.hidden_size,
                    .vocabulary = config.vocab_size,
                    .positions = config.max_positions,
                    .types = config.type_vocab_size,
                    .norm = norm},
      .blocks = std::vector<BlockOptions>(static_cast<std::size_t>(config.layers), block),
      .layers = std::vector<Index>(static_cast<std::size_t>(config.layers))};
  std::iota(out.layers.begin(), out.layers.end(), 0);
  if (config.position_embedding != PositionEmbedding::absolute) out.embedding.positions = 0;
  if (config.is_decoder) {
    for (BlockOptions& each : out.blocks) each.mask.ahead = 0;
  }
  out.score_bias = relative_bias(config);
  return out;
}

StackOptions tables::pre_norm_decoder(const ModelConfig& config) {
  StackOptions out = post_norm_encoder(config);
  out.embedding.positions = 0;
  out.embedding.norm.reset();
  for (BlockOptions& block : out.blocks) {
    block.norm_place = NormPlace::before;
    block.mask.ahead = 0;
  }
  out.final_norm = NormOptions{.eps = config.norm_eps};
  return out;
}

PositionRule tables::count_from_zero(const ModelConfig& /*config*/) { return {}; }

HeadOptions tables::tanh_pooler() {
  return {.rows = HeadRows::first,
          .dense = "pooler",
          .dense_is_pooler = true,
          .activation = Activation::tanh,
          .presence = HeadOptions::Presence::optional};
}

HeadOptions tables::on_tanh_pooler(std::string_view out, Index classes) {
  return {.rows = HeadRows::first,
          .dense = "pooler",
          .dense_is_pooler = true,
          .activation = Activation::tanh,
          .out = out,
          .out_bias = out,
          .classes = classes};
}

HeadOptions tables::linear_head(std::string_view out, Index classes) {
  return {.out = out, .out_bias = out, .classes = classes};
}

HeadOptions tables::text_head(Activation activation, Index classes) {
  return {.rows = HeadRows::first,
          .dense = "head.dense",
          .activation = activation,
          .out = "head.out",
          .out_bias = "head.out",
          .classes = classes};
}

HeadOptions tables::causal_lm_head(const ModelConfig& config) {
  return {.out = "lm.out",
          .classes = config.vocab_size,
          .out_weight = HeadOptions::OutWeight::token_embedding};
}

HeadOptions tables::last_token_head(std::string_view out, const ModelConfig& config) {
  return {.rows = HeadRows::last_token,
          .pad = config.pad_token_id,
          .out = out,
          .classes = static_cast<Index>(config.labels.size())};
}

HeadOptions tables::masked_lm_head(std::string_view out_bias, const ModelConfig& config) {
  return {.dense = "lm.dense",
          .activation = config.activation,
          .activation_name = "lm.activation",
          .norm = "lm.norm",
          .norm_options = {.eps = config.norm_eps},
          .out = "lm.out",
          .out_bias = out_bias,
          .classes = config.vocab_size,
          .out_weight = HeadOptions::OutWeight::token_embedding};
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
    case HeadKind::causal_lm: return "causal_lm";
    case HeadKind::multiple_choice: return "multiple_choice";
    case HeadKind::next_sentence_prediction: return "next_sentence_prediction";
    case HeadKind::replaced_token_detection: return "replaced_token_detection";
    case HeadKind::conditional_generation: return "conditional_generation";
    case HeadKind::encoder: return "encoder";
  }
  return "unknown";
}

std::optional<HeadKind> find_head_kind(std::string_view name) noexcept {
  for (const HeadKind kind : head_kinds) {
    if (attend::name(kind) == name) return kind;
  }
  return std::nullopt;
}

}  // namespace attend
