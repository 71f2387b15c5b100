// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What reranking does after the model.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "attend/model/config.h"
#include "attend/task/rerank.h"

namespace attend {

/// The activation that config.json names, else sigmoid for one class and identity for several.
/// Throws: unsupported when config.json names one of torch that is not known here.
[[nodiscard]] ScoreActivation default_activation(const ModelConfig& config);

/// Scores of one pair, one a class; `activation` where the options name none.
[[nodiscard]] std::vector<float> pair_scores(std::vector<float> logits, ScoreActivation activation,
                                             const RerankOptions& options);

/// Indices of scores by falling score, ties in order, at most top_k.
[[nodiscard]] std::vector<RankedDocument> ranked(std::span<const float> scores,
                                                 std::optional<Index> top_k);

}  // namespace attend
