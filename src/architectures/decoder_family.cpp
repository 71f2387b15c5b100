// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Options and heads that decoders have in common.
#include "architectures/decoder_family.h"

#include <string>

#include "attend/core/error.h"

namespace attend::tables {

std::optional<RotaryOptions> rotary_of(const ModelConfig& config) {
  const auto size =
      static_cast<Index>(static_cast<double>(config.head_size()) * config.rotary_share);
  if (size == 0) return std::nullopt;
  return RotaryOptions{.theta = config.rope_theta,
                       .size = size,
                       .slowdown = config.rope_slowdown,
                       .scaling = config.rope_scaling,
                       .amplitude = config.rope_amplitude};
}

StackOptions llama_decoder(const ModelConfig& config) {
  StackOptions out = pre_norm_decoder(config);
  set_norms({.eps = config.norm_eps, .bias = Bias::without, .kind = NormKind::rms}, out);
  set_attention_biases(Bias::without, out);
  for (BlockOptions& block : out.blocks) {
    block.rotary = rotary_of(config);
    block.ffn = FeedForwardKind::gated;
    block.gate = GateWeights::apart;
    block.ffn_up_bias = Bias::without;
    block.ffn_down_bias = Bias::without;
  }
  return out;
}

void set_windows(const ModelConfig& config, bool (*sees_window)(const ModelConfig&, Index),
                 StackOptions& options) {
  for (std::size_t i = 0; i < options.blocks.size(); ++i) {
    if (!sees_window(config, static_cast<Index>(i))) continue;
    if (config.sliding_window == 0 || !config.use_sliding_window) {
      fail(ErrorKind::config_error, {.where = "load_model",
                                     .what = "/layer_types of layer " + std::to_string(i),
                                     .expected = "no window where the config has none",
                                     .found = "\"sliding_attention\"",
                                     .file = "config.json"});
    }
    options.blocks[i].mask.behind = config.sliding_window - 1;
  }
}

bool is_late_layer(const ModelConfig& config, Index layer) {
  if (!config.layer_types.empty()) {
    return config.layer_types[static_cast<std::size_t>(layer)] == "sliding_attention";
  }
  return config.use_sliding_window && config.sliding_window > 0 &&
         layer >= config.max_window_layers;
}

void set_norms(const NormOptions& norm, StackOptions& options) {
  options.final_norm = norm;
  for (BlockOptions& block : options.blocks) block.norm = norm;
}

void set_attention_biases(Bias bias, StackOptions& options) {
  for (BlockOptions& block : options.blocks) {
    block.qkv_bias = bias;
    block.attention_out_bias = bias;
  }
}

std::optional<HeadOptions> decoder_head(HeadKind kind, const ModelConfig& config,
                                        Questions questions) {
  switch (kind) {
    case HeadKind::none: return HeadOptions{};
    case HeadKind::causal_lm: return causal_lm_head(config);
    case HeadKind::sequence_classification: return last_token_head("head.out", config);
    case HeadKind::token_classification:
      return linear_head("head.out", static_cast<Index>(config.labels.size()));
    case HeadKind::question_answering:
      if (questions == Questions::with) return linear_head("qa.out", 2);
      break;
    case HeadKind::masked_lm:
    case HeadKind::multiple_choice:
    case HeadKind::next_sentence_prediction:
    case HeadKind::conditional_generation:
    case HeadKind::encoder:
    case HeadKind::replaced_token_detection: break;
  }
  return std::nullopt;
}

std::optional<HeadOptions> head_with_questions(HeadKind kind, const ModelConfig& config) {
  return decoder_head(kind, config, Questions::with);
}

std::optional<HeadOptions> head_without_questions(HeadKind kind, const ModelConfig& config) {
  return decoder_head(kind, config, Questions::without);
}

std::optional<HeadOptions> head_with_classifier(HeadKind kind, const ModelConfig& config) {
  if (kind == HeadKind::token_classification) {
    return linear_head("tokens.out", static_cast<Index>(config.labels.size()));
  }
  return decoder_head(kind, config, Questions::with);
}

}  // namespace attend::tables
