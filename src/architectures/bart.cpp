// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// BART (Lewis et al. 2019): an encoder, and a decoder that reads the same text one token later; a
// classifier stands on the decoder's last </s>. And what its descendants share with it.
// Source: transformers 4.57 models/bart, models/mbart.
#include <cmath>
#include <utility>

#include "architectures/bart_family.h"

namespace attend::tables {
namespace {

constexpr std::int32_t first_position = 2;

StackOptions options(const ModelConfig& config) {
  StackOptions out = bart_encoder(config);
  out.embedding.positions += first_position;
  return out;
}

StackOptions decoder_options(const ModelConfig& config) { return bart_decoder(config, options); }

constexpr auto renames = joined(bart_tokens, bart_positions, bart_embedding_norms, bart_layers,
                                bart_task_heads, bart_lm_head, bart_lm_bias);
constexpr FurtherKey further_keys[] = {decoder_layers, decoder_heads, decoder_ffn_dim,
                                       start_token(2), end_token(2),  scale_embedding(false)};

// mBART (Liu et al. 2020): norms before, and one at the end of each stack.
StackOptions mbart_options(const ModelConfig& config) { return with_norms_before(options(config)); }

StackOptions mbart_decoder_options(const ModelConfig& config) {
  return bart_decoder(config, mbart_options);
}

constexpr auto mbart_renames =
    joined(bart_tokens, bart_positions, bart_embedding_norms, bart_layers, bart_final_norms,
           bart_task_heads, bart_lm_head, bart_lm_bias);
constexpr FurtherKey mbart_further_keys[] = {decoder_layers,  decoder_heads,
                                             decoder_ffn_dim, start_token(no_token),
                                             end_token(2),    scale_embedding(false)};

constexpr std::string_view bart_types[] = {"bart"};
constexpr std::string_view mbart_types[] = {"mbart"};

}  // namespace

StackOptions bart_encoder(const ModelConfig& config) {
  StackOptions out = post_norm_encoder(config);
  if (!config.tie_word_embeddings) out.embedding.tokens = "encoder.embed.token";
  if (config.scale_embedding) {
    out.embedding.token_scale = std::sqrt(static_cast<float>(config.hidden_size));
  }
  return out;
}

StackOptions with_norms_before(StackOptions options) {
  for (BlockOptions& block : options.blocks) block.norm_place = NormPlace::before;
  options.final_norm = options.blocks.front().norm;
  return options;
}

StackOptions bart_decoder(const ModelConfig& config, StackOptions (*encoder)(const ModelConfig&)) {
  ModelConfig sizes = config;
  sizes.layers = config.decoder_layers;
  sizes.heads = config.decoder_heads;
  sizes.intermediate_size = config.decoder_intermediate_size;
  StackOptions out = encoder(sizes);
  if (out.embedding.tokens == "encoder.embed.token") out.embedding.tokens = "decoder.embed.token";
  for (BlockOptions& block : out.blocks) {
    block.mask.ahead = 0;
    block.cross = BlockOptions::CrossAttention::present;
  }
  return out;
}

PositionRule bart_positions_rule(const ModelConfig& /*config*/) {
  return {.first = first_position};
}

HeadOptions bart_generation_head(const ModelConfig& config, Bias bias) {
  HeadOptions out{.out = "lm.out", .classes = config.vocab_size};
  if (bias == Bias::with) out.out_bias = "lm";
  out.bias_form = HeadOptions::OutBias::optional_row;
  out.out_weight = HeadOptions::OutWeight::token_embedding;
  return out;
}

std::optional<HeadOptions> bart_head(HeadKind kind, const ModelConfig& config) {
  switch (kind) {
    case HeadKind::none: return HeadOptions{};
    case HeadKind::sequence_classification: {
      HeadOptions out = text_head(Activation::tanh, static_cast<Index>(config.labels.size()));
      out.rows = HeadRows::last_eos;
      out.eos = config.eos_token_id;
      return out;
    }
    case HeadKind::question_answering: return linear_head("qa.out", 2);
    case HeadKind::masked_lm:
    case HeadKind::conditional_generation: return bart_generation_head(config, Bias::with);
    case HeadKind::token_classification:
    case HeadKind::multiple_choice:
    case HeadKind::causal_lm:
    case HeadKind::next_sentence_prediction:
    case HeadKind::replaced_token_detection:
    case HeadKind::encoder: break;
  }
  return std::nullopt;
}

std::optional<HeadOptions> generation_head(HeadKind kind, const ModelConfig& config) {
  if (kind == HeadKind::none) return HeadOptions{};
  if (kind == HeadKind::conditional_generation) return bart_generation_head(config, Bias::with);
  return std::nullopt;
}

constinit const Architecture bart{
    .model_types = bart_types,
    .names = {.renames = renames, .prefixes = bart_prefixes, .ignored = bart_ignored},
    .keys = bart_keys({}),
    .further_keys = further_keys,
    .known_values = bart_values,
    .position_rule = bart_positions_rule,
    .options = options,
    .decoder_options = decoder_options,
    .head = bart_head,
    .labels = 3,
    .class_tokens = {.bos = 0, .eos = 2, .forced_eos = 2},
};

constinit const Architecture mbart{
    .model_types = mbart_types,
    .names = {.renames = mbart_renames, .prefixes = bart_prefixes, .ignored = bart_ignored},
    .keys = bart_keys({}),
    .further_keys = mbart_further_keys,
    .known_values = bart_values,
    .position_rule = bart_positions_rule,
    .options = mbart_options,
    .decoder_options = mbart_decoder_options,
    .decoder_input = DecoderInput::last_token,
    .head = bart_head,
    .class_tokens = {.bos = 0, .eos = 2, .forced_eos = 2},
};

}  // namespace attend::tables
