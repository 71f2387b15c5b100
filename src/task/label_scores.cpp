// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Which function, which labels, in which order.
#include "task/label_scores.h"

#include <algorithm>

#include "attend/ops/activation.h"
#include "attend/ops/select.h"
#include "attend/ops/softmax.h"

namespace attend {
namespace {

void apply(ScoreFunction function, std::span<float> logits) {
  switch (function) {
    case ScoreFunction::sigmoid: ops::activate(Activation::sigmoid, logits); return;
    case ScoreFunction::softmax: ops::softmax(logits); return;
    case ScoreFunction::none: return;
  }
}

/// As many as a Python slice [:top_k] keeps of `count`.
Index slice_size(Index top_k, Index count) {
  return top_k >= 0 ? std::min(top_k, count) : std::max<Index>(0, count + top_k);
}

}  // namespace

ScoreFunction default_score_function(const ModelConfig& config) {
  if (config.problem_type == "regression") return ScoreFunction::none;
  // A head with one label gets the sigmoid even where it was trained for regression, unless
  // problem_type says so. The reference's last resort, config.function_to_apply, is for models
  // without labels: ModelConfig has at least one.
  if (config.problem_type == "multi_label_classification" || config.labels.size() == 1) {
    return ScoreFunction::sigmoid;
  }
  return ScoreFunction::softmax;
}

std::vector<LabelScore> label_scores(std::span<float> logits, const ModelConfig& config,
                                     const TextClassificationOptions& options) {
  apply(options.function_to_apply.value_or(default_score_function(config)), logits);
  const auto count = static_cast<Index>(logits.size());
  const auto labelled = [&](Index i) {
    const auto at = static_cast<std::size_t>(i);
    return LabelScore{config.labels[at], logits[at]};
  };

  std::vector<LabelScore> result;
  const bool all = options.return_all_scores.value_or(config.return_all_scores.value_or(false));
  if (!options.top_k && all) {  // in the order of the ids: the reference does not sort here
    for (Index i = 0; i < count; ++i) result.push_back(labelled(i));
    return result;
  }
  const Index keep = slice_size(options.top_k.value_or(1), count);
  for (const Index i : ops::top_k(logits, keep)) result.push_back(labelled(i));
  return result;
}

}  // namespace attend
