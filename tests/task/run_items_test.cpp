// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The shared loop with a model that answers every token with its own id.
#include "task/run_items.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include "task/cases.h"
#include "task/typed_items.h"

namespace attend {
namespace {

Encoding encoding_of(std::vector<TokenId> ids) {
  Encoding encoding;
  const std::size_t size = ids.size();
  encoding.ids = std::move(ids);
  encoding.type_ids.assign(size, 0);
  encoding.offsets.assign(size, Range{});
  encoding.word_ids.assign(size, 0);
  encoding.sequence_ids.assign(size, 0);
  encoding.special_tokens_mask.assign(size, 0);
  return encoding;
}

/// Items are lists of windows of ids; an item's result is the list of its windows' output rows.
struct EchoTask {
  std::vector<std::vector<std::vector<TokenId>>> items;
  std::vector<std::vector<std::vector<float>>> results = {};
  std::size_t largest_batch = 0;
  int forwards = 0;
  TokenizerSettings settings = {};
  TokenId refused = -1;  // a batch that has this id fails as a whole
  TokenId broken = -1;   // the output of this id is NaN

  ItemTask task() {
    results.resize(items.size());
    return {.tokenizer = settings,
            .encode =
                [this](Index item) {
                  std::vector<Encoding> windows;
                  for (const auto& ids : items[static_cast<std::size_t>(item)]) {
                    if (!ids.empty() && ids.front() == -2) {
                      fail(ErrorKind::invalid_utf8, {.what = "bad text"});
                    }
                    windows.push_back(encoding_of(ids));
                  }
                  return windows;
                },
            .forward = [this](const Batch& batch, Workspace& space) { return run(batch, space); },
            .finish =
                [this](Index item, std::span<WindowOutput> windows) {
                  auto& result = results[static_cast<std::size_t>(item)];
                  for (const WindowOutput& window : windows) {
                    EXPECT_EQ(window.rows, window.encoding.size());
                    EXPECT_EQ(window.cols, 1);
                    result.push_back(window.values);
                  }
                }};
  }

  MatrixView<float> run(const Batch& batch, Workspace& space) {
    ++forwards;
    largest_batch = std::max(largest_batch, static_cast<std::size_t>(batch.size()));
    const MatrixView<float> out = space.matrix(batch.tokens(), 1);
    for (Index i = 0; i < batch.tokens(); ++i) {
      const TokenId id = batch.ids[static_cast<std::size_t>(i)];
      if (id == refused) fail(ErrorKind::input_too_long, {.what = "refused"});
      out(i, 0) = id == broken ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(id);
    }
    return out;
  }

  void expect_result(std::size_t item) const {
    std::vector<std::vector<float>> expected;
    for (const auto& ids : items[item]) expected.emplace_back(ids.begin(), ids.end());
    EXPECT_EQ(results[item], expected) << "item " << item;
  }
};

std::vector<std::vector<std::vector<TokenId>>> many_items(std::size_t count) {
  std::vector<std::vector<std::vector<TokenId>>> items(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t window = 0; window <= i % 3; ++window) {
      items[i].emplace_back(1 + (i * 7 + window) % 11, static_cast<TokenId>(i));
    }
  }
  return items;
}

TEST(RunItems, GivesEveryItemItsOwnWindowsInOrderForAnyBatchSize) {
  for (const Index batch_size : {1, 2, 7, 32, 5000}) {
    EchoTask echo{.items = many_items(1500)};  // more windows than one group holds
    EXPECT_TRUE(run_items(1500, echo.task(), {.batch_size = batch_size}).empty());
    for (std::size_t i = 0; i < echo.items.size(); ++i) echo.expect_result(i);
    EXPECT_LE(echo.largest_batch, static_cast<std::size_t>(batch_size));
    if (batch_size <= 32) {
      EXPECT_EQ(echo.largest_batch, static_cast<std::size_t>(batch_size));
    }
  }
}

TEST(RunItems, AcceptsNoItems) {
  EchoTask echo;
  bool called = false;
  EXPECT_TRUE(
      run_items(0, echo.task(), {.progress = [&](Index, Index) { called = true; }}).empty());
  EXPECT_FALSE(called);
  EXPECT_EQ(echo.forwards, 0);
}

TEST(RunItems, FinishesAnItemWithoutWindows) {
  EchoTask echo{.items = {{}, {{5}}}};
  EXPECT_TRUE(run_items(2, echo.task(), {}).empty());
  EXPECT_TRUE(echo.results[0].empty());
  echo.expect_result(1);
}

TEST(RunItems, KeepsABadItemFromTheOthers) {
  EchoTask echo{.items = {{{1}}, {{-2}}, {{3}, {66}}, {{4}, {77, 4}}, {{}}, {{5, 5}}}};
  echo.refused = 66;
  echo.broken = 77;
  const auto errors = run_items(6, echo.task(), {});
  ASSERT_EQ(errors.size(), 4U);
  for (const Index good : {0, 5}) {
    EXPECT_FALSE(errors.contains(good));
    echo.expect_result(static_cast<std::size_t>(good));
  }
  EXPECT_EQ(errors.at(1).kind(), ErrorKind::invalid_utf8);    // while encoding
  EXPECT_EQ(errors.at(2).kind(), ErrorKind::input_too_long);  // in a batch with the others
  EXPECT_EQ(errors.at(3).kind(), ErrorKind::weight_value);    // an output that is not finite
  EXPECT_EQ(errors.at(4).kind(), ErrorKind::config_error);    // a window without tokens
}

TEST(RunItems, TurnsAnErrorOfFinishIntoTheItemsError) {
  EchoTask echo{.items = {{{1}}, {{2}}}};
  ItemTask task = echo.task();
  task.finish = [](Index item, std::span<WindowOutput>) {
    if (item == 0) fail(ErrorKind::tokenizer_error, {.what = "join"});
  };
  const auto errors = run_items(2, task, {});
  EXPECT_EQ(errors.at(0).kind(), ErrorKind::tokenizer_error);
  EXPECT_FALSE(errors.contains(1));
}

TEST(RunItems, LetsOtherExceptionsThrough) {
  EchoTask echo{.items = {{{1}}}};
  ItemTask task = echo.task();
  task.forward = [](const Batch&, Workspace&) -> MatrixView<float> { throw std::bad_alloc(); };
  EXPECT_THROW((void)run_items(1, task, {}), std::bad_alloc);
}

TEST(RunItems, ReportsProgressThatRisesToTheEnd) {
  EchoTask echo{.items = many_items(100)};
  echo.items[50] = {{-2}};  // failed items are done too
  std::vector<Index> seen;
  (void)run_items(100, echo.task(), {.batch_size = 8, .progress = [&](Index done, Index total) {
                                       EXPECT_EQ(total, 100);
                                       seen.push_back(done);
                                     }});
  ASSERT_GT(seen.size(), 5U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
  EXPECT_EQ(seen.back(), 100);
}

TEST(RunItems, ReportsTheEndWhenEveryItemFails) {
  EchoTask echo{.items = {{{-2}}, {{-2}}}};
  Index last = 0;
  (void)run_items(2, echo.task(), {.progress = [&](Index done, Index) { last = done; }});
  EXPECT_EQ(last, 2);
}

TEST(RunItems, StopsWhenAsked) {
  EchoTask echo{.items = many_items(100)};
  std::stop_source stop;
  RunOptions options{.batch_size = 4, .progress = [&](Index, Index) { stop.request_stop(); }};
  options.stop = stop.get_token();
  test::expect_error(ErrorKind::cancelled, {},
                     [&] { return run_items(100, echo.task(), options); });
  const int forwards = echo.forwards;
  EXPECT_LE(forwards, 3);  // and not the fifty that all items take
  test::expect_error(ErrorKind::cancelled, {},
                     [&] { return run_items(100, echo.task(), options); });
  EXPECT_EQ(echo.forwards, forwards);
}

TEST(RunItems, StopsInTheMiddleOfAForwardPass) {
  EchoTask echo{.items = {{{1}}, {{2}}}};
  ItemTask task = echo.task();
  task.forward = [](const Batch&, Workspace&) -> MatrixView<float> {
    fail(ErrorKind::cancelled, {.what = "between two layers"});
  };
  test::expect_error(ErrorKind::cancelled, {}, [&] { return run_items(2, task, {}); });
  test::expect_error(ErrorKind::cancelled, {},
                     [&] { return run_items(2, task, {.batch_size = 1}); });
}

TEST(RunItems, HoldsAGroupOfWindowsAtMost) {
  EchoTask echo{.items = many_items(4000)};
  ItemTask task = echo.task();
  Index encoded = 0;
  Index finished = 0;
  Index most = 0;
  task.encode = [&, encode = task.encode](Index item) {
    most = std::max(most, ++encoded - finished);
    return encode(item);
  };
  task.finish = [&](Index, std::span<WindowOutput>) { ++finished; };
  (void)run_items(4000, task, {});
  EXPECT_EQ(finished, 4000);
  EXPECT_LE(most, 1024);
}

TEST(RunItems, HandsOutOneRowASequenceWhenAsked) {
  EchoTask echo{.items = {{{4, 4}}, {{5, 5, 5}}}};
  ItemTask task = echo.task();
  task.row_starts = one_row_each;
  std::vector<float> first(2);
  task.forward = [](const Batch& batch, Workspace& space) {
    const MatrixView<float> out = space.matrix(batch.size(), 1);
    for (Index i = 0; i < batch.size(); ++i) {
      const Index start = batch.starts[static_cast<std::size_t>(i)];
      out(i, 0) = static_cast<float>(batch.ids[static_cast<std::size_t>(start)]);
    }
    return out;
  };
  task.finish = [&](Index item, std::span<WindowOutput> windows) {
    EXPECT_EQ(windows.front().rows, 1);
    first[static_cast<std::size_t>(item)] = windows.front().values.front();
  };
  EXPECT_TRUE(run_items(2, task, {}).empty());
  EXPECT_EQ(first, (std::vector<float>{4, 5}));
}

TEST(RunItems, GivesTypeIdsOnlyWhereTheTokenizersClassHandsThemOut) {
  for (const bool given : {true, false}) {
    EchoTask echo{.items = {{{4, 4}, {5}}, {{6}}}};
    echo.settings.has_type_ids = given;
    ItemTask task = echo.task();
    task.encode = [encode = task.encode](Index item) {
      std::vector<Encoding> windows = encode(item);
      for (Encoding& window : windows) window.type_ids.assign(window.ids.size(), 1);
      return windows;
    };
    task.forward = [&, forward = task.forward](const Batch& batch, Workspace& space) {
      for (const std::int32_t id : batch.type_ids) EXPECT_EQ(id, given ? 1 : 0);
      return forward(batch, space);
    };
    EXPECT_TRUE(run_items(2, task, {}).empty());
    EXPECT_EQ(echo.forwards, 1);
  }
}

TEST(RunItems, RefusesABatchSizeBelowOne) {
  EchoTask echo;
  test::expect_error(ErrorKind::config_error, {},
                     [&] { return run_items(0, echo.task(), {.batch_size = 0}); });
}

TEST(Values, NameTheItemThatFailedWhereThereAreSeveral) {
  const Error error(ErrorKind::input_too_long, {.where = "x", .what = "text", .expected = "less"});
  const auto outcomes = [&](int before) {
    std::vector<Outcome<int>> all(static_cast<std::size_t>(before), Outcome<int>(7));
    all.emplace_back(error);
    return all;
  };
  test::expect_error(ErrorKind::input_too_long, {"[x] text: expected less"},
                     [&] { return values(outcomes(0)); });
  test::expect_error(ErrorKind::input_too_long, {"[x] text of items[2]: expected less"},
                     [&] { return values(outcomes(2)); });
}

TEST(RunEach, PairsResultsAndErrorsWithTheirItems) {
  EchoTask echo{.items = {{{1}}, {{-2}}, {{3}}}};
  const ItemTask task = echo.task();
  const TypedTask<int> typed{
      .tokenizer = task.tokenizer,
      .encode = task.encode,
      .forward = task.forward,
      .finish = [](Index item, std::span<WindowOutput>) { return static_cast<int>(item) * 10; }};
  const std::vector<Outcome<int>> outcomes = run_each<int>(3, typed, {});
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[0].value(), 0);
  EXPECT_EQ(outcomes[1].error().kind(), ErrorKind::invalid_utf8);
  EXPECT_EQ(outcomes[2].value(), 20);
  test::expect_error(ErrorKind::invalid_utf8, {}, [&] { return values(outcomes); });
}

}  // namespace
}  // namespace attend
