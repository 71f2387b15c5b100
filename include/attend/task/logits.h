// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What generation does to the logits of one row before a token is chosen: small functions, each of
// them one processor or warper of transformers 4.57 (generation/logits_process.py), in place.
// LogitsProcessors puts them in order.
//
// Shapes: logits [v]; ids are those of the row's text so far, each in [0, v).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// Memory of the functions below, kept from step to step: nothing is allocated once it is as large
/// as a step needs. One a thread.
struct LogitsScratch {
  std::vector<float> values;
  std::vector<TokenId> ids;
  std::vector<std::uint64_t> keys;
  std::vector<Index> order;
  struct Bucket {
    double mass = 0;
    Index count = 0;
  };
  std::vector<Bucket> buckets;
};

/// log_softmax in place.
ATTEND_EXPORT void log_softmax(std::span<float> logits, LogitsScratch& scratch);

/// unconditional + scale * (logits - unconditional).
/// Source: Sanchez et al. 2023, "Stay on topic with Classifier-Free Guidance"; in generation both
/// are log_softmax first.
ATTEND_EXPORT void guide(std::span<float> logits, std::span<const float> unconditional,
                         double scale);

/// Once per distinct id: positive logits are divided by the penalty, negative ones multiplied.
/// Source: Keskar et al. 2019, "CTRL". For ids of an encoder's input the reference passes
/// 1 / encoder_repetition_penalty, which favours them.
ATTEND_EXPORT void penalize_repetition(std::span<float> logits, std::span<const TokenId> ids,
                                       double penalty, LogitsScratch& scratch);

/// Forbids what would complete an n-gram of `source` after the last n - 1 of `ids`; both are the
/// same for no_repeat_ngram_size.
ATTEND_EXPORT void forbid_ngrams(std::span<float> logits, std::span<const TokenId> source,
                                 std::span<const TokenId> ids, Index n);

/// -infinity for these; ids outside the row are passed over.
ATTEND_EXPORT void forbid_tokens(std::span<float> logits, std::span<const TokenId> tokens);

/// -infinity is added to all others.
ATTEND_EXPORT void allow_only(std::span<float> logits, std::span<const TokenId> tokens,
                              LogitsScratch& scratch);

/// 0 for these, -infinity for all others.
ATTEND_EXPORT void force_tokens(std::span<float> logits, std::span<const TokenId> tokens);

/// NaN becomes 0, an infinity the largest number of its sign.
ATTEND_EXPORT void remove_invalid_values(std::span<float> logits);

/// Adds |x| (factor^steps - 1) to the logits x of these tokens. Forbidden ones stay so below a
/// factor of 1, and else become infinite: NaN in the reference, which is its likeliest token, too.
ATTEND_EXPORT void decay_length(std::span<float> logits, std::span<const TokenId> eos,
                                double factor, Index steps);

/// Subtracts the penalty as often as a token was chosen by the groups of beams before this one.
/// Source: Vijayakumar et al. 2016, "Diverse Beam Search".
ATTEND_EXPORT void penalize_chosen(std::span<float> logits, std::span<const TokenId> chosen,
                                   double penalty);

/// Divides by the temperature.
ATTEND_EXPORT void apply_temperature(std::span<float> logits, double temperature);

// What follows leaves the likeliest `keep` tokens at least, and gives all it removes -infinity.
// Where an order decides, equal ones with lower ids come first; the reference leaves that to
// chance.

/// Keeps the k largest, and what equals the last of them. Source: Fan et al. 2018.
ATTEND_EXPORT void keep_top_k(std::span<float> logits, Index k, LogitsScratch& scratch);

/// Keeps the likeliest tokens whose probabilities just exceed p.
/// Source: Holtzman et al. 2019, "The curious case of neural text degeneration".
ATTEND_EXPORT void keep_top_p(std::span<float> logits, double p, Index keep,
                              LogitsScratch& scratch);

/// Keeps what is at least min_p times as likely as the likeliest. Source: Nguyen et al. 2024.
ATTEND_EXPORT void keep_min_p(std::span<float> logits, double min_p, Index keep,
                              LogitsScratch& scratch);

/// Keeps tokens of this mass whose surprise is nearest to the expected one.
/// Source: Meister et al. 2022, "Locally typical sampling".
ATTEND_EXPORT void keep_typical(std::span<float> logits, double mass, Index keep,
                                LogitsScratch& scratch);

/// Keeps what has a probability of at least epsilon.
/// Source: Hewitt et al. 2022, "Truncation sampling as language model desmoothing".
ATTEND_EXPORT void keep_epsilon(std::span<float> logits, double epsilon, Index keep,
                                LogitsScratch& scratch);

/// The same with min(epsilon, sqrt(epsilon) exp(-entropy)).
ATTEND_EXPORT void keep_eta(std::span<float> logits, double epsilon, Index keep,
                            LogitsScratch& scratch);

}  // namespace attend
