// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What reranking does after the model.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "attend/model/config.h"
#include "attend/task/rerank.h"

namespace attend {

/// The activation that `path` names, else the one that config.json names, else sigmoid for one
/// class and none for several. Throws: unsupported for one of torch that is not known here.
[[nodiscard]] Activation default_activation(const ModelConfig& config, std::string_view path = {});

/// Scores of one pair, one a class; `activation` where the options name none.
[[nodiscard]] std::vector<float> pair_scores(std::vector<float> logits, Activation activation,
                                             const RerankOptions& options);

}  // namespace attend
