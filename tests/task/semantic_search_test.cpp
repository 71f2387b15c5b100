// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The search against sorting the whole matrix of similarities.
#include "attend/task/semantic_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "support/allocation_count.h"
#include "support/error_of.h"

namespace attend {
namespace {

constexpr std::array kinds{Similarity::cosine, Similarity::dot, Similarity::euclidean,
                           Similarity::manhattan};

std::vector<float> random_values(Index count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> values(-1, 1);
  std::vector<float> out(static_cast<std::size_t>(count));
  for (float& value : out) value = values(random);
  return out;
}

std::vector<Index> indices(const std::vector<SearchHit>& hits) {
  std::vector<Index> out;
  for (const SearchHit& hit : hits) out.push_back(hit.index);
  return out;
}

void expect_same(const std::vector<SearchHit>& a, const std::vector<SearchHit>& b) {
  EXPECT_EQ(indices(a), indices(b));
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].score, b[i].score);
}

TEST(SemanticSearch, FindsTheNearestFirst) {
  const std::vector<Embedding> corpus{{0, 1}, {2, 0}, {1, 1}, {-1, 0}, {1, 0}};
  const auto hits = semantic_search(Embedding{1, 0}, corpus, {.top_k = 3});
  EXPECT_EQ(indices(hits), (std::vector<Index>{1, 4, 2}));  // the first two are equal
  EXPECT_FLOAT_EQ(hits[2].score, std::sqrt(0.5F));
  const auto best = [&](Similarity kind) {
    return semantic_search(Embedding{1, 0}, corpus, {.top_k = 1, .similarity = kind}).at(0).index;
  };
  EXPECT_EQ(best(Similarity::dot), 1);
  EXPECT_EQ(best(Similarity::euclidean), 4);
  EXPECT_EQ(best(Similarity::manhattan), 4);
  EXPECT_EQ(semantic_search(Embedding{1, 0}, corpus).size(), 5U);
  EXPECT_TRUE(semantic_search(Embedding{1, 0}, {}).empty());
}

TEST(SemanticSearch, GivesWhatSortingAllWouldGive) {
  constexpr Index n = 258, s = 8200, m = 24, k = 37;
  const auto query_values = random_values(n * m, 1);
  auto corpus_values = random_values(s * m, 2);
  // Equal entries in other blocks: their scores must be the same to the last bit.
  for (Index i = 1; i < 8; ++i) {
    std::copy_n(corpus_values.begin(), m, corpus_values.begin() + i * 1171 * m);
  }
  const MatrixView<const float> queries(query_values.data(), n, m);
  const MatrixView<const float> corpus(corpus_values.data(), s, m);
  std::vector<float> values(n * s);
  const MatrixView<float> matrix(values.data(), n, s);
  for (const Similarity kind : kinds) {
    SCOPED_TRACE(name(kind));
    similarity_matrix(queries, corpus, matrix, {.similarity = kind});
    const auto hits = semantic_search(queries, corpus, {.top_k = k, .similarity = kind});
    ASSERT_EQ(hits.size(), static_cast<std::size_t>(n));
    for (Index i = 0; i < n; i += 17) {
      const auto scores = matrix.row(i);
      std::vector<Index> order(s);
      for (Index j = 0; j < s; ++j) order[static_cast<std::size_t>(j)] = j;
      std::stable_sort(order.begin(), order.end(), [&](Index x, Index y) {
        return scores[static_cast<std::size_t>(x)] > scores[static_cast<std::size_t>(y)];
      });
      order.resize(k);
      const auto& found = hits[static_cast<std::size_t>(i)];
      EXPECT_EQ(indices(found), order);
      for (const SearchHit& hit : found) {
        EXPECT_EQ(hit.score, scores[static_cast<std::size_t>(hit.index)]);
      }
    }
    // Alone, and by one thread.
    ThreadPool one(1);
    const auto last = semantic_search(queries.row_range(n - 1, 1), corpus,
                                      {.top_k = k, .similarity = kind, .pool = &one});
    expect_same(last.front(), hits.back());
  }
}

TEST(SemanticSearch, KeepsTheOrderOfEqualEntries) {
  const std::vector<Embedding> corpus(10000, Embedding{1, 2, 3});
  for (const Similarity kind : kinds) {
    const auto hits = semantic_search(Embedding{3, 2, 1}, corpus, {.top_k = 5, .similarity = kind});
    EXPECT_EQ(indices(hits), (std::vector<Index>{0, 1, 2, 3, 4})) << name(kind);
  }
}

TEST(SemanticSearch, TakesListsAndMatrices) {
  const std::vector<Embedding> queries{{1, 0}, {0, 1}};
  const std::vector<Embedding> corpus{{1, 0.5F}, {0.5F, 1}, {1, 1}};
  const std::vector<float> query_values{1, 0, 0, 1};
  const std::vector<float> corpus_values{1, 0.5F, 9, 0.5F, 1, 9, 1, 1, 9};
  const auto lists = semantic_search(queries, corpus);
  const auto matrices = semantic_search(MatrixView<const float>(query_values.data(), 2, 2),
                                        MatrixView<const float>(corpus_values.data(), 3, 2, 3));
  ASSERT_EQ(lists.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    expect_same(lists[i], matrices[i]);
    expect_same(lists[i], semantic_search(queries[i], corpus));
  }
  EXPECT_EQ(indices(lists[0]), (std::vector<Index>{0, 2, 1}));
  EXPECT_EQ(indices(lists[1]), (std::vector<Index>{1, 2, 0}));
}

TEST(SemanticSearch, RanksWhatIsNoNumberLast) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Embedding> corpus{{nan, 1}, {-1, 0}, {1, nan}, {1, 0}};
  for (const Similarity kind : kinds) {
    SCOPED_TRACE(name(kind));
    const auto hits = semantic_search(Embedding{1, 0}, corpus, {.similarity = kind});
    EXPECT_EQ(indices(hits), (std::vector<Index>{3, 1, 0, 2}));
    EXPECT_TRUE(std::isnan(hits[2].score));
    EXPECT_EQ(indices(semantic_search(Embedding{1, 0}, corpus, {.top_k = 1, .similarity = kind})),
              (std::vector<Index>{3}));
    EXPECT_EQ(indices(semantic_search(Embedding{nan, 0}, corpus, {.similarity = kind})),
              (std::vector<Index>{0, 1, 2, 3}));
  }
}

TEST(SemanticSearch, NeverHoldsAllScores) {
  constexpr Index n = 1000, s = 20000, m = 8;  // scores of all with all would take 80 MB
  const auto query_values = random_values(n * m, 3);
  const auto corpus_values = random_values(s * m, 4);
  const test::LargestAllocation limit(std::size_t{8} << 20U);
  const auto hits = semantic_search(MatrixView<const float>(query_values.data(), n, m),
                                    MatrixView<const float>(corpus_values.data(), s, m));
  EXPECT_EQ(hits.size(), static_cast<std::size_t>(n));
}

TEST(SemanticSearch, SaysWhatIsWrong) {
  const std::vector<Embedding> corpus{{1, 0}, {0, 1}};
  const std::vector<Embedding> uneven{{1, 0}, {0, 1, 2}};
  const auto search = [](const Embedding& query, const std::vector<Embedding>& entries,
                         Index top_k) {
    return [=] { return semantic_search(query, entries, {.top_k = top_k}); };
  };
  test::expect_error(ErrorKind::config_error, {"top_k", "at least 1", "0"},
                     search({1, 0}, corpus, 0));
  test::expect_error(ErrorKind::config_error, {"top_k"}, search({1, 0}, corpus, -3));
  test::expect_error(ErrorKind::config_error, {"3 and 2"}, search({1, 0, 0}, corpus, 1));
  test::expect_error(ErrorKind::config_error, {"2 and 3"}, search({1, 0}, uneven, 1));
  // A number of hits is not an amount of memory.
  EXPECT_EQ(search({1, 0}, corpus, std::numeric_limits<Index>::max())().size(), 2U);
}

TEST(SemanticSearch, FindsNothingInNothing) {
  EXPECT_TRUE(semantic_search(std::span<const Embedding>(), {}).empty());
  const std::vector<Embedding> queries{{1, 0}, {0, 1}};
  const auto hits = semantic_search(queries, {});
  ASSERT_EQ(hits.size(), 2U);
  EXPECT_TRUE(hits[0].empty());
}

}  // namespace
}  // namespace attend
