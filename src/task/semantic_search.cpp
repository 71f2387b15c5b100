// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A pass over the corpus with a heap a query, whose front is the hit that the next better one
// replaces.
#include "attend/task/semantic_search.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "attend/core/error.h"
#include "task/similarity_blocks.h"

namespace attend {
namespace {

constexpr std::string_view where_semantic_search = "semantic_search";

/// The order of hits: numbers before what is none, then by score, then by index.
bool is_better(const SearchHit& a, const SearchHit& b) noexcept {
  const bool a_is_number = !std::isnan(a.score);
  const bool b_is_number = !std::isnan(b.score);
  if (a_is_number != b_is_number) return a_is_number;
  if (a_is_number && a.score != b.score) return a.score > b.score;
  return a.index < b.index;
}

void add(std::vector<SearchHit>& hits, std::size_t limit, const SearchHit& hit) {
  if (hits.size() == limit) {
    if (!is_better(hit, hits.front())) return;
    std::pop_heap(hits.begin(), hits.end(), is_better);
    hits.pop_back();
  }
  hits.push_back(hit);
  std::push_heap(hits.begin(), hits.end(), is_better);
}

std::vector<std::vector<SearchHit>> search(const VectorRows& queries, const VectorRows& corpus,
                                           const SearchOptions& options) {
  if (options.top_k < 1) {
    fail(ErrorKind::config_error, {.where = std::string(where_semantic_search),
                                   .what = "top_k",
                                   .expected = "at least 1",
                                   .found = std::to_string(options.top_k)});
  }
  const auto limit = static_cast<std::size_t>(std::min(options.top_k, corpus.rows()));
  std::vector<std::vector<SearchHit>> hits(static_cast<std::size_t>(queries.rows()));
  for (auto& of_query : hits) of_query.reserve(limit);
  for_score_blocks(queries, corpus, {options.similarity, options.pool},
                   [&](const ScoreBlock& block, ThreadPool& pool) {
                     pool.parallel_for(block.scores.rows, [&](Index i) {
                       auto& of_query = hits[static_cast<std::size_t>(block.query + i)];
                       Index index = block.entry;
                       for (const float score : block.scores.row(i)) {
                         add(of_query, limit, {index++, score});
                       }
                     });
                   });
  for (auto& of_query : hits) std::sort_heap(of_query.begin(), of_query.end(), is_better);
  return hits;
}

}  // namespace

std::vector<std::vector<SearchHit>> semantic_search(MatrixView<const float> queries,
                                                    MatrixView<const float> corpus,
                                                    const SearchOptions& options) {
  return search(VectorRows(queries), VectorRows(corpus), options);
}

std::vector<std::vector<SearchHit>> semantic_search(std::span<const Embedding> queries,
                                                    std::span<const Embedding> corpus,
                                                    const SearchOptions& options) {
  return search(VectorRows(queries, where_semantic_search),
                VectorRows(corpus, where_semantic_search), options);
}

std::vector<SearchHit> semantic_search(std::span<const float> query,
                                       std::span<const Embedding> corpus,
                                       const SearchOptions& options) {
  const VectorRows one(MatrixView<const float>(query.data(), 1, static_cast<Index>(query.size())));
  return std::move(search(one, VectorRows(corpus, where_semantic_search), options).front());
}

}  // namespace attend
