// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How alike vectors are: of two, of pairs, of all with all.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/parallel.h"

namespace attend {

/// One vector.
using Embedding = std::vector<float>;

/// More is nearer, so distances are negative. Values that are not numbers give scores that are not.
/// Source: sentence-transformers 5.7 util/similarity.py.
enum class Similarity : std::uint8_t {
  cosine,     ///< a . b / (max(|a|, 1e-12) * max(|b|, 1e-12)); with a vector of zeros it is 0
  dot,        ///< a . b
  euclidean,  ///< -|a - b|
  manhattan,  ///< minus the sum of |a[i] - b[i]|
};

/// As config_sentence_transformers.json writes it: "cosine", "dot", "euclidean", "manhattan".
[[nodiscard]] ATTEND_EXPORT std::string_view name(Similarity similarity) noexcept;
/// The one of this name, or nothing.
[[nodiscard]] ATTEND_EXPORT std::optional<Similarity> find_similarity(
    std::string_view name) noexcept;

/// Of two vectors. Throws: config_error when the sizes differ.
[[nodiscard]] ATTEND_EXPORT float similarity(Similarity kind, std::span<const float> a,
                                             std::span<const float> b);
/// The same by their names. The cosine with a vector of zeros is 0.
[[nodiscard]] ATTEND_EXPORT float cosine_similarity(std::span<const float> a,
                                                    std::span<const float> b);
[[nodiscard]] ATTEND_EXPORT float dot_product(std::span<const float> a, std::span<const float> b);

/// Of row i of `a` with row i of `b`, for every i. Throws: config_error when the shapes differ.
/// Shapes: a [n, m], b [n, m] -> [n].
[[nodiscard]] ATTEND_EXPORT std::vector<float> pairwise_similarity(Similarity kind,
                                                                   MatrixView<const float> a,
                                                                   MatrixView<const float> b);

struct SimilarityOptions {
  Similarity similarity = Similarity::cosine;
  ThreadPool* pool = nullptr;  ///< default_pool() when null
};

/// Of every row of `a` with every row of `b`. Equal rows have equal scores, wherever they stand.
/// Throws: config_error when the shapes do not fit.
/// Shapes: a [n, m], b [s, m] -> y [n, s].
ATTEND_EXPORT void similarity_matrix(MatrixView<const float> a, MatrixView<const float> b,
                                     MatrixView<float> y, const SimilarityOptions& options = {});

}  // namespace attend
