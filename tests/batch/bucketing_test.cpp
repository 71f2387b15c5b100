// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Buckets hold every index once, longest first, within both limits.
#include "attend/batch/bucketing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "attend/core/error.h"

namespace attend {
namespace {

using Buckets = std::vector<std::vector<Index>>;

std::vector<Encoding> of_sizes(const std::vector<Index>& sizes) {
  std::vector<Encoding> out(sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    out[i].ids.resize(static_cast<std::size_t>(sizes[i]));
  }
  return out;
}

TEST(Bucketing, NothingHasNoBuckets) { EXPECT_TRUE(make_buckets({}).empty()); }

TEST(Bucketing, SortsByLengthAndKeepsTheOrderOfEquals) {
  EXPECT_EQ(make_buckets(of_sizes({2, 5, 2, 9})), (Buckets{{3, 1, 0, 2}}));
}

TEST(Bucketing, CutsByNumber) {
  EXPECT_EQ(make_buckets(of_sizes({1, 1, 1, 1, 1}), {.max_sequences = 2}),
            (Buckets{{0, 1}, {2, 3}, {4}}));
}

TEST(Bucketing, CutsByTokensAndALongOneRunsAlone) {
  EXPECT_EQ(make_buckets(of_sizes({4, 30, 3, 6}), {.max_tokens = 10}), (Buckets{{1}, {3, 0}, {2}}));
}

TEST(Bucketing, LimitsBelowOneAreErrors) {
  EXPECT_THROW((void)make_buckets({}, {.max_sequences = 0}), Error);
  EXPECT_THROW((void)make_buckets({}, {.max_tokens = -1}), Error);
}

TEST(Bucketing, EveryIndexIsThereOnceWithinTheLimits) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<Index> sizes(random() % 60);
    for (Index& size : sizes) size = static_cast<Index>(random() % 40);
    const BucketOptions options{.max_sequences = static_cast<Index>(1 + random() % 9),
                                .max_tokens = static_cast<Index>(1 + random() % 80)};
    std::vector<Index> all;
    for (const auto& bucket : make_buckets(of_sizes(sizes), options)) {
      Index tokens = 0;
      for (const Index i : bucket) tokens += sizes[static_cast<std::size_t>(i)];
      EXPECT_LE(static_cast<Index>(bucket.size()), options.max_sequences);
      EXPECT_TRUE(tokens <= options.max_tokens || bucket.size() == 1);
      all.insert(all.end(), bucket.begin(), bucket.end());
    }
    const auto longer = [&](Index a, Index b) {
      return sizes[static_cast<std::size_t>(a)] > sizes[static_cast<std::size_t>(b)];
    };
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), longer));
    std::sort(all.begin(), all.end());
    ASSERT_EQ(all.size(), sizes.size());
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], static_cast<Index>(i));
  }
}

}  // namespace
}  // namespace attend
