// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Scores of many vectors with many, block by block: the one loop under the matrix of similarities
// and the search, which never holds more than a block.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "attend/core/matrix.h"
#include "attend/core/parallel.h"
#include "attend/core/workspace.h"
#include "attend/task/similarity.h"

namespace attend {

/// Sum of term(a[i], b[i]) in double, over sums that run side by side, so that the compiler may
/// vectorise it; its order is always the same. Requires: equal sizes.
template <class Term>
[[nodiscard]] double sum_of(std::span<const float> a, std::span<const float> b, const Term& term) {
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> sums{};
  std::size_t i = 0;
  for (; i + lanes <= a.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      sums[lane] += term(static_cast<double>(a[i + lane]), static_cast<double>(b[i + lane]));
    }
  }
  for (; i < a.size(); ++i)
    sums[i % lanes] += term(static_cast<double>(a[i]), static_cast<double>(b[i]));
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

/// 1 / max(|x|, 1e-12).
[[nodiscard]] double inverse_length(std::span<const float> x);

/// Rows of equal size: of a matrix, or vectors that lie anywhere.
class VectorRows {
 public:
  explicit VectorRows(MatrixView<const float> matrix) : matrix_(matrix) {}
  /// Throws: config_error when sizes differ.
  VectorRows(std::span<const Embedding> list, std::string_view where);

  [[nodiscard]] Index rows() const noexcept { return matrix_.rows; }
  [[nodiscard]] Index cols() const noexcept { return matrix_.cols; }
  [[nodiscard]] std::span<const float> row(Index i) const noexcept {
    return list_.empty() ? matrix_.row(i) : std::span(list_[static_cast<std::size_t>(i)]);
  }
  /// Rows without gaps between them: as they lie, or a copy.
  [[nodiscard]] MatrixView<const float> block(Index begin, Index count, Workspace& workspace) const;

 private:
  MatrixView<const float> matrix_;  // of a list the shape alone
  std::span<const Embedding> list_;
};

/// Scores of the queries from `query` on with the entries from `entry` on. Shapes: scores [q, e].
struct ScoreBlock {
  Index query = 0;
  Index entry = 0;
  MatrixView<const float> scores;
};

/// Calls `take` for blocks that cover all queries and all entries; for each query its entries come
/// in their order. Throws: config_error when the sizes of queries and entries differ.
void for_score_blocks(const VectorRows& queries, const VectorRows& entries,
                      const SimilarityOptions& options,
                      const std::function<void(const ScoreBlock&, ThreadPool&)>& take);

/// Throws: config_error that names the operation and both sizes, when they differ.
void check_sizes(Index a, Index b, std::string_view where);

}  // namespace attend
