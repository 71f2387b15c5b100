// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Similarities of vectors and the nearest of a few: one pass over the corpus, no index.
// Source: sentence-transformers 5.7 util (cos_sim, dot_score, semantic_search).
#include <algorithm>
#include <cmath>

#include "attend/core/error.h"
#include "attend/ops/select.h"
#include "attend/task/sentence_embedding.h"

namespace attend {
namespace {

void check_sizes(std::span<const float> a, std::span<const float> b) {
  if (a.size() == b.size()) return;
  fail(ErrorKind::config_error,
       {.where = "similarity",
        .what = "vectors",
        .expected = "equal sizes",
        .found = std::to_string(a.size()) + " and " + std::to_string(b.size()) + " values"});
}

// In double, so that the order of similar texts does not hang on rounding.
double dot(std::span<const float> a, std::span<const float> b) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

}  // namespace

float cosine_similarity(std::span<const float> a, std::span<const float> b) {
  check_sizes(a, b);
  const double lengths = std::sqrt(dot(a, a) * dot(b, b));
  return lengths > 0 ? static_cast<float>(dot(a, b) / lengths) : 0.0F;
}

float dot_product(std::span<const float> a, std::span<const float> b) {
  check_sizes(a, b);
  return static_cast<float>(dot(a, b));
}

std::vector<SearchHit> semantic_search(std::span<const float> query,
                                       std::span<const Embedding> corpus, Index top_k) {
  if (top_k < 1) {
    fail(ErrorKind::config_error, {.where = "semantic_search",
                                   .what = "top_k",
                                   .expected = "at least 1",
                                   .found = std::to_string(top_k)});
  }
  std::vector<float> scores;
  scores.reserve(corpus.size());
  for (const Embedding& entry : corpus) scores.push_back(cosine_similarity(query, entry));
  std::vector<SearchHit> hits;
  for (const Index index : ops::top_k(scores, top_k)) {
    hits.push_back({index, scores[static_cast<std::size_t>(index)]});
  }
  return hits;
}

}  // namespace attend
