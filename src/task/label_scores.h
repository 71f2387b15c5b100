// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// From the logits of one text to its labels: what text classification does after the model.
#pragma once

#include <span>
#include <vector>

#include "attend/model/config.h"
#include "attend/task/text_classification.h"

namespace attend {

/// The function that the reference applies when the caller names none.
[[nodiscard]] ScoreFunction default_score_function(const ModelConfig& config);

/// Labels with scores in the order and number that the options ask for.
/// Shapes: logits [c], overwritten.
[[nodiscard]] std::vector<LabelScore> label_scores(std::span<float> logits,
                                                   const ModelConfig& config,
                                                   const TextClassificationOptions& options);

}  // namespace attend
