// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Marian (Junczys-Dowmunt et al. 2018) and Pegasus (Zhang et al. 2019): BART without norms behind
// the embeddings, and with positions that are computed. Pegasus has norms before its sublayers;
// Marian may have a vocabulary for each of its two languages.
// Source: transformers 4.57 models/marian, models/pegasus.
#include "architectures/bart_family.h"

namespace attend::tables {
namespace {

StackOptions options(const ModelConfig& config) {
  StackOptions out = bart_encoder(config);
  out.embedding.tokens = "embed.token";
  out.embedding.norm = std::nullopt;
  out.embedding.sinusoids = SinusoidOptions{.table = SinusoidOptions::Table::optional};
  return out;
}

StackOptions marian_options(const ModelConfig& config) {
  StackOptions out = options(config);
  if (!config.share_embeddings) out.embedding.tokens = "encoder.embed.token";
  return out;
}

StackOptions marian_decoder_options(const ModelConfig& config) {
  return bart_decoder(config, marian_options);
}

std::optional<HeadOptions> marian_head(HeadKind kind, const ModelConfig& config) {
  auto out = generation_head(kind, config);
  if (out && !config.share_embeddings && !out->out.empty()) {
    out->tokens = "decoder.embed.token";
    out->classes = config.decoder_vocab_size == 0 ? config.vocab_size : config.decoder_vocab_size;
  }
  return out;
}

constexpr std::string_view marian_types[] = {"marian"};
constexpr auto marian_renames =
    joined(bart_tokens, bart_positions, bart_layers, bart_lm_head, bart_lm_bias);
constexpr FurtherKey marian_further_keys[] = {
    decoder_layers,
    decoder_heads,
    decoder_ffn_dim,
    start_token(58100),
    end_token(0),
    scale_embedding(false),
    {"share_encoder_decoder_embeddings", FlagKey{&ModelConfig::share_embeddings, true}},
    {"decoder_vocab_size", SizeKey{&ModelConfig::decoder_vocab_size, 0, 1}}};

// The stacks of Pegasus have one table of tokens even where the head has its own.
constexpr Rename pegasus_tokens[] = {
    {"embed.token", "shared|encoder.embed_tokens|decoder.embed_tokens"}};
constexpr std::string_view pegasus_types[] = {"pegasus"};
constexpr auto pegasus_renames = joined(pegasus_tokens, bart_positions, bart_layers,
                                        bart_final_norms, bart_lm_head, bart_lm_bias);
constexpr FurtherKey pegasus_further_keys[] = {decoder_layers,  decoder_heads,
                                               decoder_ffn_dim, start_token(0),
                                               end_token(1),    scale_embedding(false)};

StackOptions pegasus_options(const ModelConfig& config) {
  return with_norms_before(options(config));
}

StackOptions pegasus_decoder_options(const ModelConfig& config) {
  return bart_decoder(config, pegasus_options);
}

}  // namespace

constinit const Architecture marian{
    .model_types = marian_types,
    .names = {.renames = marian_renames, .prefixes = bart_prefixes, .ignored = bart_ignored},
    .keys = bart_keys({.vocab_size = 58101, .pad_token_id = 58100}),
    .further_keys = marian_further_keys,
    .known_values = bart_values,
    .position_rule = count_from_zero,
    .options = marian_options,
    .decoder_options = marian_decoder_options,
    .head = marian_head,
    .class_tokens = {.eos = 0, .forced_eos = 0},
};

constinit const Architecture pegasus{
    .model_types = pegasus_types,
    .names = {.renames = pegasus_renames, .prefixes = bart_prefixes, .ignored = bart_ignored},
    .keys = bart_keys({.pad_token_id = 0}),
    .further_keys = pegasus_further_keys,
    .known_values = bart_values,
    .position_rule = count_from_zero,
    .options = pegasus_options,
    .decoder_options = pegasus_decoder_options,
    .head = generation_head,
    .class_tokens = {.eos = 1, .forced_eos = 1},
};

}  // namespace attend::tables
