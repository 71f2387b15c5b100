// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a cache shares, takes and gives back, without a model.
#include "attend/model/kv_cache.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "attend/core/error.h"
#include "support/error_of.h"

namespace attend {
namespace {

using test::expect_error;

constexpr Index page = KvLayout::page_tokens;

/// Layers of 2 and 1 key heads, of which the second looks at a memory.
KvLayers layers(bool has_memory = false) {
  const KvLayout wide{.heads = 2, .head_size = 16};
  const KvLayout narrow{.heads = 1, .head_size = 16};
  KvLayers out{.own = {wide, narrow}};
  if (has_memory) out.memory = {narrow, narrow};
  return out;
}

Batch batch_of(std::span<const Index> counts) {
  Batch out;
  for (const Index count : counts) out.starts.push_back(out.starts.back() + count);
  out.ids.resize(static_cast<std::size_t>(out.starts.back()));
  out.type_ids.resize(out.ids.size());
  return out;
}

class KvCacheTest : public testing::Test {
 protected:
  void append(std::span<const Index> sequences, std::span<const Index> counts) {
    const Workspace::Scope scope(workspace);
    const Batch batch = batch_of(counts);
    KvStep step(cache, sequences, batch, rule, workspace);
    step.commit();
  }
  void append(Index sequence, Index count) { append({&sequence, 1}, {&count, 1}); }

  /// The pages of a sequence as a step of one token sees them.
  std::vector<std::byte*> pages_of(Index sequence) {
    const Workspace::Scope scope(workspace);
    const Index one = 1;
    const Batch batch = batch_of({&one, 1});
    const KvStep step(cache, {&sequence, 1}, batch, rule, workspace);
    const auto pages = step.rows().own.front().pages;
    return {pages.begin(), pages.end()};
  }
  [[nodiscard]] std::uint64_t pages_held() const {
    return cache.memory_bytes() / static_cast<std::uint64_t>(cache.page_bytes());
  }
  void expect_refused(const char* what, const std::function<void()>& call) {
    expect_error(ErrorKind::config_error, {"KvCache", what}, [&] {
      call();
      return 0;
    });
  }

  PositionRule rule{.first = 2};
  Workspace workspace;
  KvCache cache{layers()};
};

TEST_F(KvCacheTest, LayersHaveTheirPlacesInAPage) {
  const KvLayers& placed = cache.layers();
  EXPECT_GT(placed.own[0].at, 0);
  EXPECT_EQ(placed.own[0].at % 64, 0);
  EXPECT_EQ(placed.own[1].at, placed.own[0].at + placed.own[0].page_bytes());
  EXPECT_EQ(cache.page_bytes(), placed.own[1].at + placed.own[1].page_bytes());
}

TEST_F(KvCacheTest, NumbersGoOnAndMayBeGiven) {
  const Index sequence = cache.add();
  append(sequence, 40);
  const Workspace::Scope scope(workspace);
  const Index three = 3;
  Batch batch = batch_of({&three, 1});
  {
    const KvStep step(cache, {&sequence, 1}, batch, rule, workspace);
    EXPECT_EQ(std::vector(step.positions().begin(), step.positions().end()),
              (std::vector<std::int32_t>{42, 43, 44}));
  }
  batch.positions = {7, 8, 9};
  {
    KvStep step(cache, {&sequence, 1}, batch, rule, workspace);
    EXPECT_EQ(step.positions()[2], 9);
    EXPECT_EQ(step.rows().own.front().tokens, 43);
    step.commit();
  }
  batch.positions = {};
  {
    const KvStep step(cache, {&sequence, 1}, batch, rule, workspace);
    EXPECT_EQ(step.positions()[0], 10);
  }
  cache.truncate(sequence, 40);
  const KvStep step(cache, {&sequence, 1}, batch, rule, workspace);
  EXPECT_EQ(step.positions()[0], 42);
}

TEST_F(KvCacheTest, TokensThatAreSkippedAreNotCounted) {
  rule.skipped = 0;
  const Index sequence = cache.add();
  const Workspace::Scope scope(workspace);
  const Index four = 4;
  Batch batch = batch_of({&four, 1});
  batch.ids = {5, 0, 6, 0};
  for (const std::int32_t first : {2, 4}) {
    KvStep step(cache, {&sequence, 1}, batch, rule, workspace);
    EXPECT_EQ(std::vector(step.positions().begin(), step.positions().end()),
              (std::vector<std::int32_t>{first, 1, first + 1, 1}));
    step.commit();
  }
}

TEST_F(KvCacheTest, ColumnsAreThereWhereTheyHaveHoles) {
  KvLayers by_distance = layers();
  by_distance.by_distance = true;
  cache = KvCache(by_distance);
  const Index sequence = cache.add();
  const Workspace::Scope scope(workspace);
  const Index two = 2;
  Batch batch = batch_of({&two, 1});
  batch.columns = {3, 4};  // padded on the left
  const auto columns = [&](bool commit) {
    KvStep step(cache, {&sequence, 1}, batch, rule, workspace);
    if (commit) step.commit();
    const auto out = step.rows().own.front().columns;
    return std::vector(out.begin(), out.end());
  };
  EXPECT_TRUE(columns(true).empty());
  batch.columns = {};
  EXPECT_TRUE(columns(false).empty());
  batch.columns = {7, 9};
  EXPECT_EQ(columns(true), (std::vector<std::int32_t>{3, 4, 7, 9}));
  batch.columns = {};
  EXPECT_EQ(columns(false), (std::vector<std::int32_t>{3, 4, 7, 9, 10, 11}));
  batch.columns = {9, 12};
  expect_refused("columns of sequence 0", [&] { (void)columns(false); });
  batch.columns = {10, 2147483647};
  (void)columns(true);
  batch.columns = {};
  expect_refused("fewer than 2^31", [&] { (void)columns(false); });
  cache.truncate(sequence, 2);
  EXPECT_TRUE(columns(false).empty());
}

TEST_F(KvCacheTest, ForksShareAllButThePageInWhichTheyGoOn) {
  const Index first = cache.add();
  append(first, 2 * page + 5);
  const auto before = pages_of(first);
  const Index second = cache.fork(first);
  EXPECT_EQ(cache.tokens(second), 2 * page + 5);
  append(second, 1);
  const auto after = pages_of(second);
  EXPECT_EQ(after[0], before[0]);
  EXPECT_EQ(after[1], before[1]);
  EXPECT_NE(after[2], before[2]);
  EXPECT_EQ(pages_of(first), before);
  // The last who has a page goes on in it.
  const Index third = cache.fork(first);
  cache.remove(first);
  append(third, 1);
  EXPECT_EQ(pages_of(third), before);
}

TEST_F(KvCacheTest, AFullPageIsNotCopied) {
  const Index first = cache.add();
  append(first, page);
  const Index second = cache.fork(first);
  const std::array both{first, second};
  append(both, std::array<Index, 2>{1, 1});
  EXPECT_EQ(pages_of(first)[0], pages_of(second)[0]);
  EXPECT_NE(pages_of(first)[1], pages_of(second)[1]);
}

TEST_F(KvCacheTest, ReorderingMovesPagesAndCopiesNone) {
  std::vector<Index> beams;
  for (int i = 0; i < 4; ++i) {
    beams.push_back(cache.add());
    append(beams.back(), page + 2 + i);
  }
  std::vector<std::vector<std::byte*>> before;
  for (const Index beam : beams) before.push_back(pages_of(beam));
  const std::uint64_t held = cache.memory_bytes();
  cache.reorder(beams, std::array{beams[1], beams[0], beams[3], beams[3]});
  EXPECT_EQ(cache.memory_bytes(), held);
  EXPECT_EQ(cache.tokens(beams[0]), page + 3);
  EXPECT_EQ(cache.tokens(beams[1]), page + 2);
  EXPECT_EQ(cache.tokens(beams[2]), page + 5);
  EXPECT_EQ(pages_of(beams[0]), before[1]);
  EXPECT_EQ(pages_of(beams[1]), before[0]);
  EXPECT_EQ(pages_of(beams[2])[0], before[3][0]);
  EXPECT_EQ(pages_of(beams[3])[0], before[3][0]);
  EXPECT_NE(pages_of(beams[2])[1], pages_of(beams[3])[1]);
}

TEST_F(KvCacheTest, WhatIsRemovedIsUsedAgain) {
  const auto fill = [&] {
    std::vector<Index> sequences;
    for (int i = 0; i < 3; ++i) {
      sequences.push_back(cache.add());
      append(sequences.back(), 100);
    }
    return sequences;
  };
  const auto sequences = fill();
  const std::uint64_t held = cache.memory_bytes();
  EXPECT_EQ(held, cache.bytes_for(std::array<Index, 3>{100, 100, 100}, {}));
  for (const Index sequence : sequences) cache.remove(sequence);
  EXPECT_EQ(cache.size(), 0);
  for (const Index sequence : fill()) cache.truncate(sequence, 0);
  EXPECT_EQ(cache.memory_bytes(), held);
}

TEST_F(KvCacheTest, ALimitIsKeptAndNothingIsLost) {
  cache.set_limit(3 * static_cast<std::uint64_t>(cache.page_bytes()) + 100);
  const Index first = cache.add();
  append(first, 2 * page + 1);
  EXPECT_EQ(pages_held(), 3U);
  const auto before = pages_of(first);
  const Index second = cache.add();
  const std::array both{second, first};
  const auto refused = [&](const auto& call) {
    expect_error(ErrorKind::resource_limit, {"KvCache", "set_limit"}, [&] {
      call();
      return 0;
    });
    EXPECT_EQ(cache.tokens(first), 2 * page + 1);
    EXPECT_EQ(cache.tokens(second), 0);
    EXPECT_EQ(pages_held(), 3U);
  };
  refused([&] { append(both, std::array<Index, 2>{1, 1}); });
  refused([&] { append(first, page); });
  const Index third = cache.fork(first);  // takes nothing
  refused([&] { append(third, 1); });
  cache.remove(third);
  append(first, page - 1);
  EXPECT_EQ(cache.tokens(first), 3 * page);
  EXPECT_EQ(pages_held(), 3U);
  // Of two who share a page and go on, one may keep it.
  cache.truncate(first, page + 1);
  cache.reorder({&second, 1}, {&first, 1});
  append(std::array{first, second}, std::array<Index, 2>{1, 1});
  EXPECT_EQ(pages_held(), 3U);
}

TEST_F(KvCacheTest, AStepThatIsNotCommittedGivesBackItsPages) {
  const Index sequence = cache.add();
  append(sequence, 3);
  const auto take = [&] {
    const Workspace::Scope scope(workspace);
    const Index many = 5 * page;
    const Batch batch = batch_of({&many, 1});
    const KvStep step(cache, {&sequence, 1}, batch, rule, workspace);
  };
  take();
  const std::uint64_t held = cache.memory_bytes();
  for (int i = 0; i < 5; ++i) take();
  EXPECT_EQ(cache.memory_bytes(), held);
  EXPECT_EQ(cache.tokens(sequence), 3);
}

TEST_F(KvCacheTest, MemoriesAreSharedAndGoWithTheLast) {
  cache = KvCache(layers(true));
  const std::array<Index, 2> sequences{cache.add(), cache.add()};
  const std::array<Index, 3> starts{0, 40, 43};
  const Workspace::Scope scope(workspace);
  const std::array<Index, 2> ones{1, 1};
  expect_refused("memory", [&] { append(sequences, ones); });
  {
    const KvMemories dropped(cache, sequences, starts, workspace);
  }
  EXPECT_EQ(cache.memory_tokens(sequences[0]), 0);
  const auto encode = [&] {
    KvMemories memories(cache, sequences, starts, workspace);
    EXPECT_EQ(memories.rows().memories[0].tokens, 40);
    EXPECT_EQ(memories.rows().memories[1].tokens, 3);
    memories.commit();
  };
  encode();
  const std::uint64_t held = cache.memory_bytes();
  EXPECT_EQ(held, cache.bytes_for({}, std::array<Index, 2>{40, 3}));
  encode();  // again: the first ones go when the new ones are there
  EXPECT_EQ(cache.memory_tokens(sequences[0]), 40);
  EXPECT_EQ(cache.memory_tokens(sequences[1]), 3);
  const Index fork = cache.fork(sequences[0]);
  EXPECT_EQ(cache.memory_tokens(fork), 40);
  const std::array<Index, 3> all{sequences[0], fork, sequences[1]};
  const Batch batch = batch_of(std::array<Index, 3>{2, 1, 4});
  {
    KvStep step(cache, all, batch, rule, workspace);
    const KvRows& rows = step.rows();
    // Neighbours with one memory look at it together.
    EXPECT_EQ(rows.memories.size(), 2U);
    EXPECT_EQ(std::vector(rows.memory_starts.begin(), rows.memory_starts.end()),
              (std::vector<Index>{0, 3, 7}));
    EXPECT_EQ(rows.memories[0].tokens, 40);
    step.commit();
  }
  expect_refused("no tokens", [&] { encode(); });
  for (const Index sequence : all) cache.remove(sequence);
  const std::uint64_t after = cache.memory_bytes();
  const std::array<Index, 2> again{cache.add(), cache.add()};
  KvMemories memories(cache, again, starts, workspace);
  EXPECT_EQ(cache.memory_bytes(), after);
}

TEST_F(KvCacheTest, WhatDoesNotFitIsRefused) {
  const Index first = cache.add();
  const Index second = cache.add();
  append(first, 10);
  const std::array twice{first, first};
  const std::array both{first, second};
  const std::array<Index, 2> ones{1, 1};
  expect_refused("sequence 7", [&] { append(7, 1); });
  expect_refused("sequence -1", [&] { (void)cache.tokens(-1); });
  expect_refused("twice", [&] { append(twice, ones); });
  expect_refused("sequences of a step", [&] { append(both, {ones.data(), 1}); });
  expect_refused("tokens to keep", [&] { cache.truncate(first, 11); });
  expect_refused("tokens to keep", [&] { cache.truncate(first, -1); });
  expect_refused("twice", [&] { cache.reorder(twice, both); });
  expect_refused("parents", [&] { cache.reorder(both, {&first, 1}); });
  expect_refused("sequence 9", [&] { cache.reorder(both, std::array<Index, 2>{first, 9}); });
  expect_refused("sequence 9", [&] { (void)cache.fork(9); });
  EXPECT_EQ(cache.size(), 2);
  EXPECT_EQ(cache.tokens(first), 10);
  cache.remove(second);
  expect_refused("sequence 1", [&] { cache.remove(second); });
  append(first, 1);  // nothing of it stays
}

TEST_F(KvCacheTest, Moves) {
  const Index first = cache.add();
  append(first, 10);
  KvCache other = std::move(cache);
  EXPECT_EQ(other.tokens(first), 10);
  cache = std::move(other);
  append(first, 1);
  EXPECT_EQ(cache.tokens(first), 11);
}

}  // namespace
}  // namespace attend
