// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Contrastive search: every step runs the candidates that the step before proposed.
#include <algorithm>
#include <cmath>
#include <limits>

#include "attend/core/error.h"
#include "attend/ops/select.h"
#include "attend/ops/softmax.h"
#include "core/infinity.h"
#include "task/searches.h"

namespace attend {

ContrastiveSearch::ContrastiveSearch(const SearchSetup& setup) : Search(setup, 1) {
  text_.ids = prompt_;
}

void ContrastiveSearch::step(const SearchInput& input) {
  if (input.hidden.rows == 0) {
    fail(ErrorKind::unsupported, {.where = "generate",
                                  .what = "penalty_alpha",
                                  .expected = "a model that gives its hidden states",
                                  .found = "none",
                                  .file = {},
                                  .hint = {}});
  }
  if (candidates_.empty()) {
    for (Index i = 0; i < input.hidden.rows; ++i) remember(input.hidden.row(i));
    return propose(input, 0);
  }
  const std::size_t selected = select(input.hidden);
  remember(input.hidden.row(static_cast<Index>(selected)));
  text_.ids.push_back(candidates_[selected]);
  if (const auto reason = setup_.stopping->check(text_.ids)) {
    text_.reason = *reason;
    finished_ = true;
    return;
  }
  propose(input, static_cast<Index>(selected));
}

// Scaled to length 1, so that products are cosines.
void ContrastiveSearch::remember(std::span<const float> hidden) {
  float squares = 0;
  for (const float x : hidden) squares += x * x;
  const float length = std::sqrt(squares);
  for (const float x : hidden) context_.push_back(x / length);
}

// The candidate of the best difference between its probability and its likeness to any token of the
// text.
std::size_t ContrastiveSearch::select(MatrixView<const float> hidden) const {
  const auto alpha = static_cast<float>(*config().penalty_alpha);
  const auto share = static_cast<float>(1.0 - *config().penalty_alpha);
  const auto width = static_cast<std::size_t>(hidden.cols);
  std::size_t best = 0;
  float best_score = -infinity;
  for (std::size_t c = 0; c < candidates_.size(); ++c) {
    const auto row = hidden.row(static_cast<Index>(c));
    float squares = 0;
    for (const float x : row) squares += x * x;
    float likeness = -infinity;
    for (std::size_t at = 0; at < context_.size(); at += width) {
      float product = 0;
      for (std::size_t j = 0; j < width; ++j) product += context_[at + j] * row[j];
      likeness = std::max(likeness, product);
    }
    const float score = share * probabilities_[c] - alpha * (likeness / std::sqrt(squares));
    if (score > best_score) {
      best = c;
      best_score = score;
    }
  }
  return best;
}

void ContrastiveSearch::propose(const SearchInput& input, Index row) {
  const auto logits = input.logits.row_range(row, 1);
  record_logits({.logits = logits});
  process(logits.row(0), text_.ids, input, row);
  record_scores(logits);
  check_best(logits.row(0)[static_cast<std::size_t>(ops::argmax(logits.row(0)))]);
  ops::softmax(logits.row(0));
  auto& order = memory().order;
  ops::top_k(logits.row(0), *config().top_k, order);
  candidates_.clear();
  probabilities_.clear();
  for (const Index token : order) {
    candidates_.push_back(static_cast<TokenId>(token));
    probabilities_.push_back(logits(0, token));
  }
  tokens_ = candidates_;
  parents_.assign(tokens_.size(), row);
}

std::vector<GeneratedSequence> ContrastiveSearch::sequences() const { return {text_}; }

}  // namespace attend
