// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Similarities by their definitions, in double, so that the order of similar texts does not hang on
// rounding; those of all with all come from blocks.
#include "attend/task/similarity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "attend/core/error.h"
#include "task/similarity_blocks.h"

namespace attend {
namespace {

constexpr std::string_view where_similarity = "similarity";

double dot(std::span<const float> a, std::span<const float> b) {
  return sum_of(a, b, [](double x, double y) { return x * y; });
}

[[noreturn]] void fail_shape(std::string expected, MatrixView<const float> found) {
  fail(ErrorKind::config_error,
       {.where = std::string(where_similarity),
        .what = "a matrix",
        .expected = std::move(expected),
        .found = "[" + std::to_string(found.rows) + ", " + std::to_string(found.cols) + "]"});
}

}  // namespace

std::string_view name(Similarity similarity) noexcept {
  switch (similarity) {
    case Similarity::cosine: return "cosine";
    case Similarity::dot: return "dot";
    case Similarity::euclidean: return "euclidean";
    case Similarity::manhattan: return "manhattan";
  }
  return "unknown";  // a value outside the enum
}

std::optional<Similarity> find_similarity(std::string_view wanted) noexcept {
  for (const Similarity kind :
       {Similarity::cosine, Similarity::dot, Similarity::euclidean, Similarity::manhattan}) {
    if (name(kind) == wanted) return kind;
  }
  return std::nullopt;
}

float similarity(Similarity kind, std::span<const float> a, std::span<const float> b) {
  check_sizes(static_cast<Index>(a.size()), static_cast<Index>(b.size()), where_similarity);
  const auto value = [&]() -> double {
    switch (kind) {
      case Similarity::cosine: return dot(a, b) * inverse_length(a) * inverse_length(b);
      case Similarity::dot: return dot(a, b);
      case Similarity::euclidean:
        return 0 - std::sqrt(sum_of(a, b, [](double x, double y) { return (x - y) * (x - y); }));
      case Similarity::manhattan:
        return 0 - sum_of(a, b, [](double x, double y) { return std::abs(x - y); });
    }
    return 0;  // a value outside the enum
  };
  return static_cast<float>(value());
}

float cosine_similarity(std::span<const float> a, std::span<const float> b) {
  return similarity(Similarity::cosine, a, b);
}

float dot_product(std::span<const float> a, std::span<const float> b) {
  return similarity(Similarity::dot, a, b);
}

std::vector<float> pairwise_similarity(Similarity kind, MatrixView<const float> a,
                                       MatrixView<const float> b) {
  if (a.rows != b.rows) fail_shape(std::to_string(a.rows) + " rows", b);
  std::vector<float> scores;
  scores.reserve(static_cast<std::size_t>(a.rows));
  for (Index i = 0; i < a.rows; ++i) scores.push_back(similarity(kind, a.row(i), b.row(i)));
  return scores;
}

void similarity_matrix(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> y,
                       const SimilarityOptions& options) {
  if (y.rows != a.rows || y.cols != b.rows) {
    fail_shape("[" + std::to_string(a.rows) + ", " + std::to_string(b.rows) + "]", y);
  }
  for_score_blocks(
      VectorRows(a), VectorRows(b), options, [&](const ScoreBlock& block, ThreadPool&) {
        for (Index i = 0; i < block.scores.rows; ++i) {
          const std::span<const float> row = block.scores.row(i);
          std::copy(row.begin(), row.end(), y.row(block.query + i).begin() + block.entry);
        }
      });
}

}  // namespace attend
