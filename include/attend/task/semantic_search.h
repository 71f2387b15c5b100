// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The nearest vectors of a corpus, by looking at all of them: exact, without an index.
#pragma once

#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/task/similarity.h"

namespace attend {

/// An entry of a corpus and how near it is to the query.
struct SearchHit {
  Index index = 0;
  float score = 0;
};

struct SearchOptions {
  Index top_k = 10;  ///< hits a query; all entries where the corpus has fewer
  Similarity similarity = Similarity::cosine;
  ThreadPool* pool = nullptr;  ///< default_pool() when null
};

/// For every query its top_k entries of the corpus, best first.
///
/// Entries with equal scores stand in the order of their indices. Scores that are not numbers (of
/// vectors with values that are not, or that are too large) rank behind all others. Hits depend
/// neither on the other queries nor on the number of threads.
/// Memory: a few megabytes beside the hits, whatever the size of the corpus.
/// Throws: config_error when top_k < 1 or the sizes of vectors differ.
/// Shapes: queries [n, m], corpus [s, m].
/// Source: sentence-transformers 5.7 util/retrieval.py, semantic_search.
[[nodiscard]] ATTEND_EXPORT std::vector<std::vector<SearchHit>> semantic_search(
    MatrixView<const float> queries, MatrixView<const float> corpus,
    const SearchOptions& options = {});
/// The same for vectors as SentenceEmbedding gives them.
[[nodiscard]] ATTEND_EXPORT std::vector<std::vector<SearchHit>> semantic_search(
    std::span<const Embedding> queries, std::span<const Embedding> corpus,
    const SearchOptions& options = {});
/// One query.
[[nodiscard]] ATTEND_EXPORT std::vector<SearchHit> semantic_search(
    std::span<const float> query, std::span<const Embedding> corpus,
    const SearchOptions& options = {});

}  // namespace attend
