// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Decoding with a cache against passes over whole sequences, for every decoder there is a golden
// folder of: the same bits, however tokens came, whatever ran beside them and became of others.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <random>
#include <stop_token>
#include <thread>

#include "attend/core/error.h"
#include "attend/model/model.h"
#include "support/allocation_count.h"
#include "support/error_of.h"
#include "support/golden.h"

namespace attend {
namespace {

using Tokens = std::vector<TokenId>;
using Bits = std::vector<std::uint32_t>;  // 0.0 and -0.0 differ

/// A sequence by itself: its tokens, where they stand, and what the encoder read.
struct Text {
  Tokens ids;
  std::vector<std::int32_t> positions;  // or empty
  std::vector<std::int32_t> columns;    // or empty
  Tokens source;
};

Bits bits_of(MatrixView<const float> rows) {
  Bits out;
  for (Index i = 0; i < rows.rows; ++i) {
    for (const float value : rows.row(i)) out.push_back(std::bit_cast<std::uint32_t>(value));
  }
  return out;
}

bool is_decoder(const Model& model) {
  try {
    (void)model.make_cache();
    return true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unsupported) throw;
    return false;
  }
}

/// Whether rotary frequencies change with the tokens of a sequence: keys that are kept were turned
/// when it was shorter, there as in the reference.
bool turns_by_length(const Model& model) {
  const RotaryScaling& scaling = model.config().rope_scaling;
  return std::holds_alternative<NtkScaling>(scaling) ||
         std::holds_alternative<LongScaling>(scaling);
}

struct Case {
  std::string folder;
  ComputeType compute;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> out;
    for (const std::string& folder : test::golden_folders()) {
      const Model model = load_model(test::golden(folder));
      if (!is_decoder(model) || turns_by_length(model)) continue;
      for (const ComputeType compute : compute_types) out.push_back({folder, compute});
    }
    return out;
  }();
  return all;
}

void add(Batch& batch, std::span<const TokenId> ids) {
  batch.ids.insert(batch.ids.end(), ids.begin(), ids.end());
  batch.type_ids.resize(batch.ids.size());
  batch.starts.push_back(static_cast<Index>(batch.ids.size()));
}

class Step : public testing::TestWithParam<Case> {
 protected:
  Step() : model_(load_model(test::golden(GetParam().folder), {.compute = GetParam().compute})) {}

  TokenId random_token() {
    return static_cast<TokenId>(random_() % static_cast<std::uint32_t>(model_.config().vocab_size));
  }
  Tokens random_tokens(Index count) {
    Tokens out(static_cast<std::size_t>(count));
    for (TokenId& id : out) id = random_token();
    return out;
  }
  /// A number of tokens that is at most as many as the model takes.
  [[nodiscard]] Index fit(Index tokens) const {
    return std::min(tokens, model_.max_tokens().value_or(tokens));
  }
  Text random_text(Index tokens) {
    Text out{.ids = random_tokens(fit(tokens))};
    if (model_.has_decoder()) out.source = random_tokens(1 + static_cast<Index>(random_() % 40));
    return out;
  }

  /// Hidden states of all of a text, without a cache.
  Bits whole(const Text& text) {
    const Workspace::Scope scope(workspace_);
    Batch batch;
    add(batch, text.ids);
    batch.positions = text.positions;
    batch.columns = text.columns;
    if (!model_.has_decoder()) return bits_of(model_.hidden_states(batch, workspace_));
    Batch source;
    add(source, text.source);
    return bits_of(model_.hidden_states(source, batch, workspace_));
  }

  /// Rows [begin, end) of hidden states.
  [[nodiscard]] Bits rows(const Bits& of, Index begin, Index end) const {
    const Index width = model_.config().last_size();
    return {of.begin() + begin * width, of.begin() + end * width};
  }

  Index add_to(KvCache& cache, const Text& text) {
    const Index out = cache.add();
    if (!model_.has_decoder()) return out;
    Batch source;
    add(source, text.source);
    const Workspace::Scope scope(workspace_);
    (void)model_.encode({source, {&out, 1}, cache}, workspace_);
    return out;
  }

  /// The tokens [begin, end) of a text join a sequence.
  Bits step(const Text& text, Index begin, Index end, Index sequence, KvCache& cache) {
    const Workspace::Scope scope(workspace_);
    Batch batch;
    const auto part = [&](const auto& of) {
      using Values = std::remove_cvref_t<decltype(of)>;
      return of.empty() ? Values() : Values(of.begin() + begin, of.begin() + end);
    };
    add(batch, part(text.ids));
    batch.positions = part(text.positions);
    batch.columns = part(text.columns);
    return bits_of(model_.step({batch, {&sequence, 1}, cache}, workspace_));
  }

  /// Hidden states of all of a text, in steps of `size` tokens.
  Bits in_steps_of(Index size, const Text& text) {
    KvCache cache = model_.make_cache();
    const Index sequence = add_to(cache, text);
    const auto count = static_cast<Index>(text.ids.size());
    Bits out;
    for (Index at = 0; at < count; at += size) {
      const Bits some = step(text, at, std::min(count, at + size), sequence, cache);
      out.insert(out.end(), some.begin(), some.end());
    }
    return out;
  }

  void expect_whole_in_steps_of(Index size, const Text& text, const Bits& expected) {
    KvCache cache = model_.make_cache();
    const Index sequence = add_to(cache, text);
    const auto count = static_cast<Index>(text.ids.size());
    for (Index at = 0; at < count; at += size) {
      const Index end = std::min(count, at + size);
      ASSERT_TRUE(step(text, at, end, sequence, cache) == rows(expected, at, end))
          << "token " << at << " of " << count << " in steps of " << size;
      ASSERT_EQ(cache.tokens(sequence), end);
    }
  }

  std::mt19937 random_{5};
  Model model_;
  Workspace workspace_;
};

TEST_P(Step, OneByOneInChunksAndAtOnceAreTheWhole) {
  for (const Index tokens : {1, 31, 33, 75}) {
    const Text text = random_text(tokens);
    const Bits expected = whole(text);
    for (const Index size : {Index{1}, Index{2}, Index{7}, Index{32}, tokens}) {
      expect_whole_in_steps_of(size, text, expected);
    }
  }
}

double cosine(const Bits& a, const Bits& b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = std::bit_cast<float>(a[i]);
    const double y = std::bit_cast<float>(b[i]);
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

// The same in steps of any size; in half of bf16's memory, and little more than a quarter of f32's.
TEST_P(Step, IntegersAreNearTheWhole) {
  const Text text = random_text(75);
  const Bits expected = whole(text);
  model_ = load_model(test::golden(GetParam().folder),
                      {.compute = GetParam().compute, .kv_type = KvType::int8});
  const Bits at_once = in_steps_of(75, text);
  EXPECT_TRUE(in_steps_of(1, text) == at_once);
  EXPECT_TRUE(in_steps_of(7, text) == at_once);
  EXPECT_GT(cosine(at_once, expected), 0.998);
  EXPECT_FALSE(at_once == expected);
}

TEST_P(Step, RaggedBatchesInAnyOrderOnAnyNumberOfThreads) {
  std::vector<Text> texts;
  std::vector<Bits> expected;
  for (const Index tokens : {1, 5, 40, 66, 13}) {
    texts.push_back(random_text(tokens));
    expected.push_back(whole(texts.back()));
  }
  for (const int threads : {1, 2, 8}) {
    ThreadPool pool(threads);
    Workspace workspace(pool);
    KvCache cache = model_.make_cache();
    std::vector<Index> sequences;
    for (const Text& text : texts) sequences.push_back(add_to(cache, text));
    std::vector<std::size_t> order(texts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (bool left = true; left;) {
      std::shuffle(order.begin(), order.end(), random_);
      left = false;
      Batch batch;
      std::vector<Index> names;
      std::vector<std::pair<std::size_t, Index>> begins;
      for (const std::size_t i : order) {
        const Index begin = cache.tokens(sequences[i]);
        const Index rest = static_cast<Index>(texts[i].ids.size()) - begin;
        const Index count = std::min<Index>(rest, static_cast<Index>(random_() % 20));
        left = left || rest > count;
        if (count == 0) continue;
        add(batch, std::span(texts[i].ids)
                       .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)));
        names.push_back(sequences[i]);
        begins.emplace_back(i, begin);
      }
      const Workspace::Scope scope(workspace);
      const auto out = model_.step({batch, names, cache}, workspace);
      for (std::size_t k = 0; k < begins.size(); ++k) {
        const auto [i, begin] = begins[k];
        const Index count = batch.starts[k + 1] - batch.starts[k];
        ASSERT_TRUE(bits_of(out.row_range(batch.starts[k], count)) ==
                    rows(expected[i], begin, begin + count));
      }
    }
  }
}

// What padding and holes leave of a text: other positions, and columns.
TEST_P(Step, PaddedPromptsGoOnWhereTheyEnd) {
  for (const bool holes : {false, true}) {
    Text text = random_text(50);
    const auto count = static_cast<std::int32_t>(text.ids.size());
    const std::int32_t first = model_.position_rule().first;
    for (std::int32_t i = 0; i < count; ++i) {
      const std::int32_t gap = holes && i > 10 ? 3 : 0;
      text.columns.push_back(4 + i + gap);
      text.positions.push_back(std::min(first + i, first + count - 1));
    }
    const Bits expected = whole(text);
    expect_whole_in_steps_of(50, text, expected);
    expect_whole_in_steps_of(9, text, expected);
    // The prompt says where it stands; what follows does not.
    KvCache cache = model_.make_cache();
    const Index sequence = add_to(cache, text);
    const Index prompt = std::min<Index>(20, count);
    (void)step(text, 0, prompt, sequence, cache);
    const Text rest{.ids = text.ids, .positions = {}, .columns = {}, .source = text.source};
    for (const TokenId id : text.ids) {
      if (model_.position_rule().skipped == id) return;  // is not counted
    }
    for (Index at = prompt; at < count; ++at) {
      ASSERT_TRUE(step(rest, at, at + 1, sequence, cache) == rows(expected, at, at + 1)) << at;
    }
  }
}

// Does all that a cache can, in any order, beside a list of texts that says what is in it.
TEST_P(Step, AnythingThatMayHappen) {
  KvCache cache = model_.make_cache();
  std::map<Index, Text> texts;
  const Index longest = fit(80);
  const auto any = [&] {
    return std::next(texts.begin(), static_cast<std::ptrdiff_t>(random_() % texts.size()))->first;
  };
  for (int round = 0; round < 120; ++round) {
    const auto dice = random_() % 10;
    if (texts.empty() || (dice == 0 && texts.size() < 6)) {
      const Text text = random_text(1);
      texts[add_to(cache, text)] = {
          .ids = {}, .positions = {}, .columns = {}, .source = text.source};
    } else if (dice == 1 && texts.size() < 8) {
      const Index of = any();
      const Index fork = cache.fork(of);
      texts[fork] = texts[of];
    } else if (dice == 2) {
      const Index of = any();
      const Index kept = static_cast<Index>(random_() % (texts[of].ids.size() + 1));
      cache.truncate(of, kept);
      texts[of].ids.resize(static_cast<std::size_t>(kept));
    } else if (dice == 3 && texts.size() > 2) {
      const Index of = any();
      cache.remove(of);
      texts.erase(of);
    } else if (dice < 6) {
      std::vector<Index> children;
      std::vector<Index> parents;
      std::map<Index, Text> after = texts;
      for (const auto& [child, text] : texts) {
        if (random_() % 3 == 0) continue;
        children.push_back(child);
        parents.push_back(any());
        after[child] = texts[parents.back()];
      }
      cache.reorder(children, parents);
      texts = after;
    } else {
      Batch batch;
      std::vector<Index> sequences;
      for (auto& [sequence, text] : texts) {
        const Index room = longest - static_cast<Index>(text.ids.size());
        const Index count = std::min<Index>(room, static_cast<Index>(random_() % 24));
        if (count == 0) continue;
        const Tokens more = random_tokens(count);
        text.ids.insert(text.ids.end(), more.begin(), more.end());
        add(batch, more);
        sequences.push_back(sequence);
      }
      const Workspace::Scope scope(workspace_);
      const auto out = model_.step({batch, sequences, cache}, workspace_);
      for (std::size_t i = 0; i < sequences.size(); ++i) {
        const Text& text = texts[sequences[i]];
        const auto end = static_cast<Index>(text.ids.size());
        const Index count = batch.starts[i + 1] - batch.starts[i];
        ASSERT_TRUE(bits_of(out.row_range(batch.starts[i], count)) ==
                    rows(whole(text), end - count, end))
            << "round " << round;
      }
    }
    ASSERT_EQ(cache.size(), static_cast<Index>(texts.size()));
    for (const auto& [sequence, text] : texts) {
      ASSERT_EQ(cache.tokens(sequence), static_cast<Index>(text.ids.size()));
      ASSERT_EQ(cache.memory_tokens(sequence), static_cast<Index>(text.source.size()));
    }
  }
}

TEST_P(Step, WhatFailsLeavesTheCacheAsItWas) {
  const Text text = random_text(40);
  const auto count = static_cast<Index>(text.ids.size());
  const Bits expected = whole(text);
  KvCache cache = model_.make_cache();
  const Index sequence = add_to(cache, text);
  const Index half = count / 2;
  (void)step(text, 0, half, sequence, cache);
  const auto refused = [&](ErrorKind kind, const auto& call) {
    const auto error = test::error_of(call);
    ASSERT_TRUE(error) << "nothing was thrown, expected " << name(kind);
    EXPECT_EQ(name(error->kind()), name(kind)) << error->what();
    EXPECT_EQ(cache.tokens(sequence), half);
  };
  std::stop_source stop;
  stop.request_stop();
  workspace_.set_stop_token(stop.get_token());
  refused(ErrorKind::cancelled, [&] { return step(text, half, count, sequence, cache); });
  workspace_.set_stop_token({});
  cache.set_limit(0);
  Text longer = text;
  longer.ids.resize(static_cast<std::size_t>(half) + 512);  // needs more pages than are held
  refused(ErrorKind::resource_limit,
          [&] { return step(longer, half, half + 512, sequence, cache); });
  cache.set_limit(UINT64_MAX);
  Text wrong = text;
  wrong.ids.back() = static_cast<TokenId>(model_.config().vocab_size);
  refused(ErrorKind::tokenizer_error, [&] { return step(wrong, half, count, sequence, cache); });
  if (const auto limit = model_.max_tokens()) {
    longer.ids.resize(static_cast<std::size_t>(*limit) + 1);
    refused(ErrorKind::input_too_long,
            [&] { return step(longer, half, *limit + 1, sequence, cache); });
  }
  // An observer that throws in the last layer.
  Batch batch;
  add(batch, std::span(text.ids).subspan(static_cast<std::size_t>(half)));
  PassObserver observer;
  observer.hidden_states = [](const HiddenState& state) {
    if (state.layer == 1) fail(ErrorKind::cancelled, {.where = "observer"});
  };
  refused(ErrorKind::cancelled, [&] {
    const Workspace::Scope scope(workspace_);
    return model_.step({batch, {&sequence, 1}, cache}, workspace_, observer);
  });
  EXPECT_TRUE(step(text, half, count, sequence, cache) == rows(expected, half, count));
}

TEST_P(Step, TheSecondTimeNothingIsAllocated) {
  if (!test::allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  KvCache cache = model_.make_cache();
  const Text text = random_text(70);
  std::vector<Index> sequences = {add_to(cache, text)};
  sequences.push_back(cache.fork(sequences[0]));
  const std::vector<Index> parents = {sequences[1], sequences[1]};
  const auto count = static_cast<Index>(text.ids.size());
  std::vector<Batch> batches;
  for (Index at = 0; at < count; at += at < 30 ? 30 : 1) {
    const auto begin = static_cast<std::size_t>(at);
    const auto ids = std::span(text.ids).subspan(
        begin, std::min<std::size_t>(at < 30 ? 30 : 1, text.ids.size() - begin));
    Batch batch;
    add(batch, ids);
    add(batch, ids);
    batches.push_back(batch);
  }
  const std::vector<Index> last = {0};
  const auto decode = [&] {
    for (const Index sequence : sequences) cache.truncate(sequence, 0);
    for (const Batch& batch : batches) {
      const Workspace::Scope scope(workspace_);
      const auto hidden = model_.step({batch, sequences, cache}, workspace_);
      if (scores_vocabulary(model_.head())) (void)model_.logits(hidden, last, workspace_);
      cache.reorder(sequences, parents);
    }
  };
  const auto at_start = test::allocation_count();
  decode();
  EXPECT_GT(test::allocation_count(), at_start);
  decode();  // what was swapped has its size, too
  const auto before = test::allocation_count();
  decode();
  EXPECT_EQ(test::allocation_count(), before);
}

TEST_P(Step, TakesTheMemoryThatWasForetold) {
  for (const auto& [lengths, before] :
       {std::pair<std::vector<Index>, std::vector<Index>>{{1}, {40}},
        {{3, 1, 40}, {}},
        {{1, 1, 1}, {0, 33, 5}}}) {
    KvCache cache = model_.make_cache();
    Workspace workspace;
    StepShape shape{.tokens = BatchShape(lengths), .before = before};
    std::vector<Index> sequences;
    Batch sources;
    Batch befores;
    std::vector<Index> continued;
    Batch batch;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      sequences.push_back(cache.add());
      if (model_.has_decoder()) {
        shape.memory.push_back(7 + 30 * static_cast<Index>(i));
        add(sources, random_tokens(shape.memory.back()));
      }
      if (!before.empty() && before[i] > 0) {
        add(befores, random_tokens(before[i]));
        continued.push_back(sequences.back());
      }
      add(batch, random_tokens(lengths[i]));
    }
    const auto encode = [&](Workspace& in) {
      const Workspace::Scope scope(in);
      if (model_.has_decoder()) (void)model_.encode({sources, sequences, cache}, in);
    };
    encode(workspace);
    {
      const Workspace::Scope scope(workspace_);
      (void)model_.step({befores, continued, cache}, workspace_);
    }
    {
      const Workspace::Scope scope(workspace);
      const auto hidden = model_.step({batch, sequences, cache}, workspace);
      std::vector<Index> last(batch.starts.begin() + 1, batch.starts.end());
      for (Index& row : last) --row;
      if (scores_vocabulary(model_.head())) (void)model_.logits(hidden, last, workspace);
    }
    const MemoryEstimate foretold = model_.memory(shape);
    EXPECT_EQ(foretold.workspace, workspace.peak());
    EXPECT_EQ(foretold.cache, cache.memory_bytes());
  }
}

TEST_P(Step, CachesOfManyThreadsShareAModel) {
  const Text text = random_text(40);
  const Bits expected = whole(text);
  std::vector<int> failed(4);
  std::vector<std::thread> threads;
  for (int& result : failed) {
    threads.emplace_back([&] {
      KvCache cache = model_.make_cache();
      Workspace workspace;
      const Index sequence = cache.add();
      if (model_.has_decoder()) {
        Batch source;
        add(source, text.source);
        (void)model_.encode({source, {&sequence, 1}, cache}, workspace);
      }
      for (std::size_t i = 0; i < text.ids.size(); ++i) {
        const Workspace::Scope scope(workspace);
        Batch batch;
        add(batch, std::span(text.ids).subspan(i, 1));
        const auto at = static_cast<Index>(i);
        const auto hidden = model_.step({batch, {&sequence, 1}, cache}, workspace);
        if (bits_of(hidden) != rows(expected, at, at + 1)) ++result;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const int result : failed) EXPECT_EQ(result, 0);
}

INSTANTIATE_TEST_SUITE_P(Decoders, Step, testing::ValuesIn(cases()), [](const auto& test) {
  std::string name = test.param.folder + "_in_" + std::string(attend::name(test.param.compute));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace attend
