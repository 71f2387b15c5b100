// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// M2M-100 (Fan et al. 2020) and NLLB (Costa-jussa et al. 2022): mBART without norms behind the
// embeddings, whose computed positions count from the padding token's id and leave padding out.
// Source: transformers 4.57 models/m2m_100.
#include <string>

#include "architectures/bart_family.h"
#include "attend/core/error.h"

namespace attend::tables {
namespace {

constexpr std::string_view model_types[] = {"m2m_100"};
// Where the config unties the tables of tokens, files may still have one: with versions of the
// reference before 4.40 its stacks had no other. Now those of such a file begin as random numbers.
constexpr Rename tokens[] = {
    {"embed.token", "shared|decoder.embed_tokens"},
    {"encoder.embed.token", "encoder.embed_tokens|shared"},
    {"decoder.embed.token", "decoder.embed_tokens|shared"},
};
constexpr auto renames = joined(tokens, bart_layers, bart_final_norms, bart_lm_head);
// Positions are a buffer of old checkpoints.
constexpr std::string_view ignored[] = {"shared.*",
                                        "encoder.embed_tokens.*",
                                        "decoder.embed_tokens.*",
                                        "encoder.version",
                                        "decoder.version",
                                        "lm_head.*",
                                        "encoder.embed_positions.*",
                                        "decoder.embed_positions.*"};
constexpr FurtherKey further_keys[] = {decoder_layers, decoder_heads, decoder_ffn_dim,
                                       start_token(2), end_token(2),  scale_embedding(true)};

PositionRule position_rule(const ModelConfig& config) {
  if (config.pad_token_id) {
    return {.first = *config.pad_token_id + 1, .skipped = config.pad_token_id};
  }
  fail(ErrorKind::config_error, {.where = "load_model",
                                 .what = "pad_token_id",
                                 .expected = "a token: positions count from its id",
                                 .found = "null",
                                 .file = "config.json"});
}

// There is no limit: the reference computes more positions when a text needs them.
StackOptions options(const ModelConfig& config) {
  using Frequencies = SinusoidOptions::Frequencies;
  StackOptions out = with_norms_before(bart_encoder(config));
  out.embedding.norm = std::nullopt;
  out.embedding.positions = 0;
  out.embedding.sinusoids =
      SinusoidOptions{.frequencies = Frequencies::from_one_to_last, .zero = config.pad_token_id};
  return out;
}

StackOptions decoder_options(const ModelConfig& config) { return bart_decoder(config, options); }

std::optional<HeadOptions> head(HeadKind kind, const ModelConfig& config) {
  if (kind == HeadKind::none) return HeadOptions{};
  if (kind == HeadKind::conditional_generation) return bart_generation_head(config, Bias::without);
  return std::nullopt;
}

}  // namespace

constinit const Architecture m2m_100{
    .model_types = model_types,
    .names = {.renames = renames, .prefixes = bart_prefixes, .ignored = ignored},
    .keys = bart_keys({.vocab_size = 128112, .activation = Activation::relu}),
    .further_keys = further_keys,
    .known_values = bart_values,
    .position_rule = position_rule,
    .options = options,
    .decoder_options = decoder_options,
    .head = head,
    .class_tokens = {.bos = 0, .eos = 2},
};

}  // namespace attend::tables
