// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Similarities against their definitions in long double.
#include "attend/task/similarity.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "support/error_of.h"

namespace attend {
namespace {

constexpr std::array kinds{Similarity::cosine, Similarity::dot, Similarity::euclidean,
                           Similarity::manhattan};
constexpr double tolerance = 2e-5;  // of float32 sums of some hundred products around 1

/// By the definition.
double naive(Similarity kind, std::span<const float> a, std::span<const float> b) {
  long double dot = 0, aa = 0, bb = 0, squares = 0, sizes = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<long double>(a[i]);
    const auto y = static_cast<long double>(b[i]);
    dot += x * y;
    aa += x * x;
    bb += y * y;
    squares += (x - y) * (x - y);
    sizes += std::abs(x - y);
  }
  switch (kind) {
    case Similarity::cosine:
      return static_cast<double>(dot / std::max(1e-12L, std::sqrt(aa)) /
                                 std::max(1e-12L, std::sqrt(bb)));
    case Similarity::dot: return static_cast<double>(dot);
    case Similarity::euclidean: return -static_cast<double>(std::sqrt(squares));
    case Similarity::manhattan: return -static_cast<double>(sizes);
  }
  return 0;
}

std::vector<float> random_values(Index count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> values(-1, 1);
  std::vector<float> out(static_cast<std::size_t>(count));
  for (float& value : out) value = values(random);
  return out;
}

TEST(Similarity, HasTheNamesOfTheReference) {
  for (const Similarity kind : kinds) EXPECT_EQ(find_similarity(name(kind)), kind);
  EXPECT_EQ(find_similarity("euclidean"), Similarity::euclidean);
  EXPECT_FALSE(find_similarity("Cosine"));
  EXPECT_FALSE(find_similarity("dot_product"));
}

TEST(Similarity, IsThatOfTheVectors) {
  const Embedding a{3, 4};
  const Embedding b{4, 3};
  EXPECT_FLOAT_EQ(dot_product(a, b), 24);
  EXPECT_FLOAT_EQ(cosine_similarity(a, b), 0.96F);
  EXPECT_FLOAT_EQ(similarity(Similarity::euclidean, a, b), -std::sqrt(2.0F));
  EXPECT_FLOAT_EQ(similarity(Similarity::manhattan, a, b), -2);
  EXPECT_EQ(cosine_similarity(a, Embedding{0, 0}), 0);
  for (const Similarity kind : kinds) {
    SCOPED_TRACE(name(kind));
    EXPECT_EQ(similarity(kind, {}, {}), 0);
    test::expect_error(ErrorKind::config_error, {"equal sizes", "2 and 1"},
                       [&] { return similarity(kind, a, Embedding{1}); });
  }
}

TEST(Similarity, OfManyIsThatOfEachPair) {
  // One more than whole blocks of queries, of entries and of lanes.
  constexpr Index n = 257, s = 4097, m = 19;
  const auto values_a = random_values(n * m, 1);
  const auto values_b = random_values(s * m, 2);
  const MatrixView<const float> a(values_a.data(), n, m);
  const MatrixView<const float> b(values_b.data(), s, m);
  std::vector<float> values(n * s);
  const MatrixView<float> y(values.data(), n, s);
  for (const Similarity kind : kinds) {
    SCOPED_TRACE(name(kind));
    similarity_matrix(a, b, y, {.similarity = kind});
    for (Index i = 0; i < n; i += 32) {
      for (Index j = 0; j < s; j += 13) {
        ASSERT_NEAR(static_cast<double>(y(i, j)), naive(kind, a.row(i), b.row(j)), tolerance)
            << i << ' ' << j;
        ASSERT_NEAR(static_cast<double>(similarity(kind, a.row(i), b.row(j))),
                    naive(kind, a.row(i), b.row(j)), 1e-6)
            << i << ' ' << j;
      }
    }
    EXPECT_NEAR(static_cast<double>(y(n - 1, s - 1)), naive(kind, a.row(n - 1), b.row(s - 1)),
                tolerance);
    ThreadPool one(1);
    std::vector<float> alone(n * s);
    similarity_matrix(a, b, {alone.data(), n, s}, {.similarity = kind, .pool = &one});
    EXPECT_EQ(alone, values);
  }
}

TEST(Similarity, TakesViewsWithGaps) {
  const auto values_a = random_values(3 * 10, 3);
  const auto values_b = random_values(5 * 12, 4);
  const MatrixView<const float> a(values_a.data(), 3, 7, 10);
  const MatrixView<const float> b(values_b.data(), 5, 7, 12);
  std::vector<float> values(3 * 8, -9);
  const MatrixView<float> y(values.data(), 3, 5, 8);
  for (const Similarity kind : kinds) {
    similarity_matrix(a, b, y, {.similarity = kind});
    for (Index i = 0; i < 3; ++i) {
      for (Index j = 0; j < 5; ++j) {
        EXPECT_NEAR(static_cast<double>(y(i, j)), naive(kind, a.row(i), b.row(j)), 1e-6);
      }
      EXPECT_EQ(values[static_cast<std::size_t>(i) * 8 + 5], -9);  // what is not the view's
    }
  }
}

TEST(Similarity, OfPairsIsThatOfEach) {
  const auto values_a = random_values(4 * 9, 5);
  const auto values_b = random_values(4 * 9, 6);
  const MatrixView<const float> a(values_a.data(), 4, 9);
  const MatrixView<const float> b(values_b.data(), 4, 9);
  for (const Similarity kind : kinds) {
    const auto scores = pairwise_similarity(kind, a, b);
    ASSERT_EQ(scores.size(), 4U);
    for (Index i = 0; i < 4; ++i) {
      EXPECT_EQ(scores[static_cast<std::size_t>(i)], similarity(kind, a.row(i), b.row(i)));
    }
  }
  test::expect_error(ErrorKind::config_error, {"4 rows", "[3, 9]"},
                     [&] { return pairwise_similarity(Similarity::dot, a, b.row_range(0, 3)); });
}

TEST(Similarity, SaysWhichShapesDoNotFit) {
  std::vector<float> values(12);
  const MatrixView<float> y(values.data(), 3, 4);
  const MatrixView<const float> a(values.data(), 3, 2);
  const MatrixView<const float> b(values.data(), 4, 3);
  const auto call = [&](MatrixView<const float> x, MatrixView<const float> z) {
    return [=] {
      similarity_matrix(x, z, y);
      return 0;
    };
  };
  test::expect_error(ErrorKind::config_error, {"2 and 3 values"}, call(a, b));
  test::expect_error(ErrorKind::config_error, {"[3, 3]", "[3, 4]"}, call(a, b.row_range(0, 3)));
  EXPECT_NO_THROW(similarity_matrix({}, {}, {}));
}

// |a|^2 - 2ab + |b|^2 would give some hundredths here.
TEST(Similarity, KeepsShortDistancesOfLongVectors) {
  std::vector<float> values{1000.0F, 1000.0F, 1000.0F, 1000.001F};
  const MatrixView<const float> a(values.data(), 1, 2);
  const MatrixView<const float> b(values.data(), 2, 2);
  std::vector<float> scores(2);
  similarity_matrix(a, b, {scores.data(), 1, 2}, {.similarity = Similarity::euclidean});
  EXPECT_EQ(scores[0], 0);
  EXPECT_NEAR(scores[1], -0.001, 1e-4);
}

TEST(Similarity, CarriesWhatIsNoNumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> values{1, 2, nan, 1, 2, 1};
  const MatrixView<const float> a(values.data(), 1, 2);
  const MatrixView<const float> b(values.data(), 3, 2);
  std::vector<float> scores(3);
  for (const Similarity kind : kinds) {
    similarity_matrix(a, b, {scores.data(), 1, 3}, {.similarity = kind});
    EXPECT_TRUE(std::isnan(scores[1]));
    EXPECT_TRUE(std::isnan(similarity(kind, a.row(0), b.row(1))));
    EXPECT_FALSE(std::isnan(scores[0]));
    EXPECT_FALSE(std::isnan(scores[2]));
  }
}

}  // namespace
}  // namespace attend
