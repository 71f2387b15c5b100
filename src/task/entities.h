// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// From classified tokens to entities: what token classification does after the model.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/task/token_classification.h"

namespace attend {

/// A token with the probabilities of its labels.
struct ClassifiedToken {
  std::string_view word;  ///< as the vocabulary has it; the text's own characters for unknown ones
  std::span<const float> scores;  ///< [c]
  Index index = 0;                ///< in its window, template tokens counted
  bool continues_word = false;    ///< `is_subword` of the reference
  Range bytes;
  Range code_points;
};

/// Token strings to text: Tokenizer::join of the model's tokenizer.
using JoinTokens = std::function<std::string(std::span<const std::string_view>)>;

/// Entities of the tokens of one window, ignored labels included.
///
/// Runs of "O" are grouped like any other, and adjacency is that of tokens, not of characters.
[[nodiscard]] std::vector<Entity> aggregate(std::span<const ClassifiedToken> tokens,
                                            std::span<const std::string> labels,
                                            AggregationStrategy strategy, const JoinTokens& join);

/// Entities of overlapping windows, sorted by where they begin. Of two that overlap the longer one
/// stays, of equally long ones the surer one.
/// Quirk of the reference: a first entity without characters comes out twice.
[[nodiscard]] std::vector<Entity> merge_windows(std::vector<Entity> entities);

/// What the options ask for, the deprecated ones included; nothing when they are silent.
[[nodiscard]] std::optional<AggregationStrategy> requested_strategy(
    const TokenClassificationOptions& options);

}  // namespace attend
