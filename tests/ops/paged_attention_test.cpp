// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Attention over pages of keys and values: for every query the same bits as over whole sequences,
// however tokens joined the pages.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "attend/core/error.h"
#include "attend/ops/attention.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::TestMatrix;

// Pages of one sequence, with a guard behind each. What was in them is NaN.
class Sequence {
 public:
  Sequence(const KvLayout& layout, Index tokens) : layout_(layout) {
    const Index count = (tokens + KvLayout::page_tokens - 1) / KvLayout::page_tokens;
    for (Index i = 0; i < count; ++i) {
      memory_.emplace_back(DType::u8, Shape{layout.page_bytes() + guard});
      std::memset(memory_.back().bytes(), 0xFF, static_cast<std::size_t>(layout.page_bytes()));
      std::memset(memory_.back().bytes() + layout.page_bytes(), 0x5A, guard);
      pages_.push_back(memory_.back().bytes());
    }
  }

  void append(MatrixView<const float> k, MatrixView<const float> v) {
    ops::append_to_pages(k, v, layout_, view());
    tokens_ += k.rows;
  }
  void forget(Index tokens) { tokens_ -= tokens; }
  [[nodiscard]] KvPages view() const { return {pages_, tokens_}; }
  [[nodiscard]] bool intact() const {
    return std::all_of(pages_.begin(), pages_.end(), [&](const std::byte* page) {
      return std::all_of(page + layout_.page_bytes(), page + layout_.page_bytes() + guard,
                         [](std::byte b) { return b == std::byte{0x5A}; });
    });
  }

 private:
  static constexpr Index guard = 64;
  KvLayout layout_;
  std::vector<Tensor> memory_;
  std::vector<std::byte*> pages_;
  Index tokens_ = 0;
};

struct Case {
  AttentionShape shape;
  Index tokens;
  KvType type = KvType::computed;
};

// What integers with a scale for each row of a head stand for.
void round_to_bytes(const AttentionShape& shape, MatrixView<float> x) {
  for (Index i = 0; i < x.rows; ++i) {
    for (Index head = 0; head < x.cols; head += shape.head_size) {
      const auto row = x.row(i).subspan(static_cast<std::size_t>(head),
                                        static_cast<std::size_t>(shape.head_size));
      float largest = 0;
      for (const float value : row) largest = std::max(largest, std::abs(value));
      const float scale = largest / 127.0F;
      const float inverse = scale > 0 ? 1.0F / scale : 0;
      for (float& value : row) value = std::nearbyint(value * inverse) * scale;
    }
  }
}

// q, k and v of one sequence, and the attention of all of it.
struct Whole {
  Whole(const Case& of, Workspace& workspace)
      : q(of.tokens, of.shape.heads * of.shape.head_size, 1, 3),
        k(of.tokens, key_columns(of.shape), 2, 4),
        v(of.tokens, key_columns(of.shape), 0, 5),
        out(of.tokens, of.shape.heads * of.shape.head_size) {
    TestMatrix kept_k = k;
    TestMatrix kept_v = v;
    if (of.type == KvType::int8) {
      round_to_bytes(of.shape, kept_k.view());
      round_to_bytes(of.shape, kept_v.view());
    }
    const Index starts[] = {0, of.tokens};
    ops::attention({q.view(), kept_k.view(), kept_v.view(), starts}, of.shape, out.view(),
                   workspace);
  }

  static Index key_columns(const AttentionShape& shape) {
    return (shape.key_heads == 0 ? shape.heads : shape.key_heads) * shape.head_size;
  }

  TestMatrix q;
  TestMatrix k;
  TestMatrix v;
  TestMatrix out;
};

bool same_bits(MatrixView<const float> a, MatrixView<const float> b) {
  for (Index i = 0; i < a.rows; ++i) {
    if (std::memcmp(a.row(i).data(), b.row(i).data(), a.row(i).size_bytes()) != 0) return false;
  }
  return a.rows == b.rows && a.cols == b.cols;
}

class PagedAttentionTest : public test::KernelTableTest {
 protected:
  // Appends so many tokens a call and asks for their attention each time.
  void expect_the_same_in_steps_of(Index step, const Case& of) {
    SCOPED_TRACE(testing::Message() << of.tokens << " tokens, " << step << " a call, head size "
                                    << of.shape.head_size << ", behind " << of.shape.mask.behind);
    Whole whole(of, workspace);
    const KvLayout layout = KvLayout::of(of.shape, of.type);
    Sequence sequence(layout, of.tokens);
    for (Index at = 0; at < of.tokens; at += step) {
      const Index count = std::min(step, of.tokens - at);
      sequence.append(whole.k.view().row_range(at, count), whole.v.view().row_range(at, count));
      const Index starts[] = {0, count};
      const KvPages pages[] = {sequence.view()};
      TestMatrix out(count, whole.out.view().cols, 3);
      ops::attention({whole.q.view().row_range(at, count), starts, pages, layout}, of.shape,
                     out.view(), workspace);
      ASSERT_TRUE(out.gaps_intact());
      ASSERT_TRUE(same_bits(out.view(), whole.out.view().row_range(at, count))) << "at " << at;
    }
    EXPECT_TRUE(sequence.intact());
  }

  ThreadPool pool{2};
  Workspace workspace{pool};
};

constexpr AttentionMask causal{.ahead = 0};

TEST_P(PagedAttentionTest, IsThatOfWholeSequences) {
  for (const ComputeType compute : {ComputeType::f32, ComputeType::bf16}) {
    for (const Index head_size : {1, 5, 32, 33, 64, 100}) {
      const AttentionShape shape{
          .heads = 2, .head_size = head_size, .scale = 0.7F, .mask = causal, .compute = compute};
      for (const Index tokens : {1, 2, 31, 32, 33, 77})
        expect_the_same_in_steps_of(1, {shape, tokens});
      for (const Index step : {2, 3, 15, 32, 40, 100})
        expect_the_same_in_steps_of(step, {shape, 100});
    }
  }
}

// Pages that two layers share; columns with holes, of which the first ones are missing.
TEST_P(PagedAttentionTest, LayersShareAPageAndColumnsMayHaveHoles) {
  constexpr Index tokens = 70;
  const auto bias = test::random_values(2 * 41, 8);
  for (const ComputeType compute : {ComputeType::f32, ComputeType::bf16}) {
    const AttentionShape shape{.heads = 2,
                               .head_size = 24,
                               .scale = 0.7F,
                               .mask = {.behind = 50, .ahead = 0},
                               .distance_bias = {{bias.data(), 2, 41}},
                               .compute = compute};
    Whole whole({shape, tokens}, workspace);
    std::vector<std::int32_t> columns;
    for (std::int32_t i = 0; i < tokens; ++i) columns.push_back(5 + i + i / 9 * 4);
    const Index all[] = {0, tokens};
    TestMatrix expected(tokens, 48);
    ops::attention({whole.q.view(), whole.k.view(), whole.v.view(), all, columns}, shape,
                   expected.view(), workspace);
    ASSERT_FALSE(same_bits(expected.view(), whole.out.view()));
    const KvLayout layout = KvLayout::of(shape);
    KvLayout second = layout;
    second.at = layout.page_bytes();
    std::vector<Tensor> memory;
    std::vector<std::byte*> pages;
    for (int i = 0; i < 3; ++i) {
      memory.emplace_back(DType::u8, Shape{2 * layout.page_bytes()});
      pages.push_back(memory.back().bytes());
    }
    for (Index at = 0; at < tokens; at += 7) {
      const auto rows = [&](TestMatrix& of) { return of.view().row_range(at, 7); };
      ops::append_to_pages(rows(whole.v), rows(whole.k), layout, {pages, at});
      ops::append_to_pages(rows(whole.k), rows(whole.v), second, {pages, at});
      const Index starts[] = {0, 7};
      const KvPages sequence{pages, at + 7,
                             std::span(columns).first(static_cast<std::size_t>(at + 7))};
      TestMatrix out(7, 48);
      ops::attention({rows(whole.q), starts, {&sequence, 1}, second}, shape, out.view(), workspace);
      ASSERT_TRUE(same_bits(out.view(), expected.view().row_range(at, 7))) << "at " << at;
    }
  }
}

// A quarter of the memory, and the attention over what the integers stand for.
TEST_P(PagedAttentionTest, PagesMayHoldIntegers) {
  for (const ComputeType compute : {ComputeType::f32, ComputeType::bf16}) {
    for (const Index head_size : {1, 5, 32, 33, 64, 100}) {
      AttentionShape shape{.heads = 4,
                           .key_heads = 2,
                           .head_size = head_size,
                           .scale = 0.7F,
                           .mask = causal,
                           .compute = compute};
      for (const Index step : {1, 2, 33, 100}) {
        expect_the_same_in_steps_of(step, {shape, 100, KvType::int8});
      }
      shape.mask.behind = 40;
      expect_the_same_in_steps_of(7, {shape, 100, KvType::int8});
    }
  }
  AttentionShape shape{.heads = 2, .head_size = 64};
  const Index whole = KvLayout::of(shape).page_bytes();
  EXPECT_EQ(KvLayout::of(shape, KvType::int8).page_bytes(), whole / 4 + 2 * 2 * 32 * 4);
}

// Rows of zeros, of what has no inverse, and of what is no number, are seen as what they are.
TEST_P(PagedAttentionTest, IntegersOfRowsWithoutAScale) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const AttentionShape shape{.heads = 1, .head_size = 8, .scale = 0.7F, .mask = causal};
  const KvLayout layout = KvLayout::of(shape, KvType::int8);
  TestMatrix q(1, 8, 1, 3);
  for (const float value : {0.0F, 1e-38F, -1e-40F, infinity, std::nanf("")}) {
    TestMatrix k(1, 8, 0, 4);
    TestMatrix v(1, 8, 0, 5);
    std::fill_n(v.view().row(0).data(), 8, value);
    Sequence sequence(layout, 1);
    sequence.append(k.view(), v.view());
    const Index starts[] = {0, 1};
    const KvPages pages[] = {sequence.view()};
    TestMatrix out(1, 8);
    ops::attention({q.view(), starts, pages, layout}, shape, out.view(), workspace);
    for (const float result : out.view().row(0)) {
      EXPECT_EQ(std::isfinite(result), std::isfinite(value)) << value;
      if (std::isfinite(value)) {
        EXPECT_EQ(result, 0.0F);
      }
    }
  }
}

// Longer than a chain of sums, which is cut at the same keys.
TEST_P(PagedAttentionTest, LongOnesToo) {
  AttentionShape shape{.heads = 1, .head_size = 16, .scale = 0.7F, .mask = causal};
  expect_the_same_in_steps_of(97, {shape, 1000});
  shape.compute = ComputeType::bf16;
  expect_the_same_in_steps_of(331, {shape, 1700});
}

// More than are taken together, and not as many for each thread.
TEST_P(PagedAttentionTest, ManyHeads) {
  constexpr Index heads = 37;
  const auto slopes = test::random_values(heads, 9);
  for (const ComputeType compute : {ComputeType::f32, ComputeType::bf16}) {
    for (const KvType type : {KvType::computed, KvType::int8}) {
      AttentionShape shape{
          .heads = heads, .head_size = 12, .scale = 0.7F, .mask = causal, .compute = compute};
      shape.slopes = slopes;
      expect_the_same_in_steps_of(1, {shape, 70, type});
    }
  }
}

TEST_P(PagedAttentionTest, WindowsToo) {
  for (const ComputeType compute : {ComputeType::f32, ComputeType::bf16}) {
    for (const Index behind : {0, 1, 30, 31, 40, 500}) {
      const AttentionShape shape{.heads = 2,
                                 .head_size = 24,
                                 .scale = 0.7F,
                                 .mask = {.behind = behind, .ahead = 0},
                                 .compute = compute};
      expect_the_same_in_steps_of(1, {shape, 90});
      expect_the_same_in_steps_of(37, {shape, 700});
    }
  }
}

TEST_P(PagedAttentionTest, GroupsOfHeadsShareTheirKeys) {
  // Twenty heads of one group are more rows than a tile has.
  for (const auto& [heads, key_heads] : {std::pair{6, 1}, {6, 2}, {6, 6}, {20, 1}}) {
    for (const ComputeType compute : {ComputeType::f32, ComputeType::bf16}) {
      for (const Index behind : {AttentionMask::unlimited, Index{33}}) {
        const AttentionShape shape{.heads = heads,
                                   .key_heads = key_heads,
                                   .head_size = 20,
                                   .scale = 0.4F,
                                   .mask = {.behind = behind, .ahead = 0},
                                   .compute = compute};
        expect_the_same_in_steps_of(1, {shape, 70});
        expect_the_same_in_steps_of(9, {shape, 70});
      }
    }
  }
}

// A group of heads is that of heads which have copies of its keys.
TEST_P(PagedAttentionTest, GroupsAreHeadsWithCopies) {
  constexpr Index tokens = 41;
  constexpr Index size = 12;
  AttentionShape shape{
      .heads = 4, .key_heads = 2, .head_size = size, .scale = 0.4F, .mask = causal};
  Whole grouped({shape, tokens}, workspace);
  TestMatrix k(tokens, 4 * size);
  TestMatrix v(tokens, 4 * size);
  for (Index head = 0; head < 4; ++head) {
    for (Index i = 0; i < tokens; ++i) {
      for (Index j = 0; j < size; ++j) {
        k.view()(i, head * size + j) = grouped.k.view()(i, head / 2 * size + j);
        v.view()(i, head * size + j) = grouped.v.view()(i, head / 2 * size + j);
      }
    }
  }
  shape.key_heads = 0;
  const Index starts[] = {0, tokens};
  TestMatrix out(tokens, 4 * size);
  ops::attention({grouped.q.view(), k.view(), v.view(), starts}, shape, out.view(), workspace);
  EXPECT_TRUE(same_bits(out.view(), grouped.out.view()));
}

TEST_P(PagedAttentionTest, BiasesByDistanceJoinScores) {
  const auto bias = test::random_values(3 * 41, 8);
  for (const Index key_heads : {0, 1}) {
    const AttentionShape shape{.heads = 3,
                               .key_heads = key_heads,
                               .head_size = 16,
                               .scale = 0.7F,
                               .mask = causal,
                               .distance_bias = {{bias.data(), 3, 41}}};
    expect_the_same_in_steps_of(1, {shape, 60});
    expect_the_same_in_steps_of(13, {shape, 60});
  }
}

TEST_P(PagedAttentionTest, ASequenceDoesNotDependOnOthersAndMayGoBack) {
  for (const ComputeType compute : {ComputeType::f32, ComputeType::bf16}) {
    for (const Index kept : {20, 21}) {  // of two keys that share a step, none or one
      const AttentionShape shape{
          .heads = 2, .head_size = 40, .scale = 0.5F, .mask = causal, .compute = compute};
      Whole one({shape, 50}, workspace);
      Whole other({shape, 35}, workspace);
      const KvLayout layout = KvLayout::of(shape);
      Sequence first(layout, 50);
      Sequence second(layout, 64);
      first.append(one.k.view(), one.v.view());
      // What was wrong is forgotten, and others take its places.
      second.append(other.k.view().row_range(0, kept), other.v.view().row_range(0, kept));
      second.append(one.k.view().row_range(0, 31), one.v.view().row_range(0, 31));
      second.forget(31);
      second.append(other.k.view().row_range(kept, 35 - kept),
                    other.v.view().row_range(kept, 35 - kept));
      TestMatrix q(4, 80);
      std::copy_n(one.q.view().row(49).data(), 80, q.view().row(0).data());
      for (Index i = 0; i < 3; ++i) {
        std::copy_n(other.q.view().row(32 + i).data(), 80, q.view().row(1 + i).data());
      }
      const Index starts[] = {0, 1, 1, 4};
      const KvPages pages[] = {first.view(), first.view(), second.view()};
      TestMatrix out(4, 80, 1);
      ops::attention({q.view(), starts, pages, layout}, shape, out.view(), workspace);
      ASSERT_TRUE(out.gaps_intact());
      EXPECT_TRUE(same_bits(out.view().row_range(0, 1), one.out.view().row_range(49, 1)));
      EXPECT_TRUE(same_bits(out.view().row_range(1, 3), other.out.view().row_range(32, 3)));
    }
  }
}

TEST_P(PagedAttentionTest, AForgottenKeyLeavesNoTrace) {
  for (const ComputeType compute : {ComputeType::f32, ComputeType::bf16}) {
    const AttentionShape shape{
        .heads = 1, .head_size = 40, .scale = 0.5F, .mask = causal, .compute = compute};
    Whole whole({shape, 21}, workspace);
    const KvLayout layout = KvLayout::of(shape);
    Sequence sequence(layout, 32);
    sequence.append(whole.k.view(), whole.v.view());
    sequence.append(whole.v.view().row_range(0, 4), whole.k.view().row_range(0, 4));
    sequence.forget(4);
    const Index starts[] = {0, 1};
    const KvPages pages[] = {sequence.view()};
    TestMatrix out(1, 40);
    ops::attention({whole.q.view().row_range(20, 1), starts, pages, layout}, shape, out.view(),
                   workspace);
    EXPECT_TRUE(same_bits(out.view(), whole.out.view().row_range(20, 1)));
  }
}

// Memory of a sequence that is read but not continued: cross attention.
TEST_P(PagedAttentionTest, WithoutAMaskAllKeysAreSeen) {
  const AttentionShape shape{.heads = 2, .head_size = 32, .scale = 0.5F};
  Whole whole({shape, 45}, workspace);
  const KvLayout layout = KvLayout::of(shape);
  Sequence sequence(layout, 45);
  sequence.append(whole.k.view(), whole.v.view());
  const Index starts[] = {0, 7};
  const KvPages pages[] = {sequence.view()};
  TestMatrix out(7, 64);
  ops::attention({whole.q.view().row_range(11, 7), starts, pages, layout}, shape, out.view(),
                 workspace);
  EXPECT_TRUE(same_bits(out.view(), whole.out.view().row_range(11, 7)));
  // More queries than keys.
  Sequence few(layout, 3);
  few.append(whole.k.view().row_range(0, 3), whole.v.view().row_range(0, 3));
  const KvPages memory[] = {few.view()};
  TestMatrix paged(7, 64);
  ops::attention({whole.q.view().row_range(11, 7), starts, memory, layout}, shape, paged.view(),
                 workspace);
  const Index key_starts[] = {0, 3};
  ops::attention({.q = whole.q.view().row_range(11, 7),
                  .k = whole.k.view(),
                  .v = whole.v.view(),
                  .starts = starts,
                  .key_starts = key_starts},
                 shape, out.view(), workspace);
  EXPECT_TRUE(same_bits(paged.view(), out.view()));
}

TEST(PagedAttention, OtherShapesAreRefused) {
  ThreadPool pool(1);
  Workspace workspace(pool);
  const AttentionShape shape{.heads = 4, .key_heads = 2, .head_size = 8, .mask = causal};
  const KvLayout layout = KvLayout::of(shape);
  Sequence sequence(layout, 40);
  TestMatrix kv(40, 16);
  TestMatrix q(2, 32);
  TestMatrix out(2, 32);
  const auto refused = [](const auto& call) { EXPECT_THROW(call(), Error); };
  refused([&] { sequence.append(kv.view().col_range(0, 8), kv.view()); });
  refused([&] { sequence.append(kv.view(), kv.view().row_range(0, 39)); });
  sequence.append(kv.view(), kv.view());
  for (const ComputeType compute : {ComputeType::int8, ComputeType::int4}) {
    const KvLayout other{.heads = 2, .head_size = 8, .compute = compute};
    refused([&] { ops::append_to_pages(kv.view(), kv.view(), other, sequence.view()); });
  }
  {
    const kernels::ForcedTable forced(*kernels::compiled_tables().back());
    const KvLayout other{.heads = 2, .head_size = 8, .compute = ComputeType::bf16};
    refused([&] { ops::append_to_pages(kv.view(), kv.view(), other, sequence.view()); });
  }
  TestMatrix more(25, 16);
  refused([&] { sequence.append(more.view(), more.view()); });  // two pages are 64 tokens
  const std::vector<Index> starts = {0, 2};
  const auto attend = [&](std::vector<KvPages> pages, const KvLayout& with) {
    ops::attention({q.view(), starts, pages, with}, shape, out.view(), workspace);
  };
  const KvPages good = sequence.view();
  attend({good}, layout);
  refused([&] { attend({}, layout); });
  refused([&] { attend({good, good}, layout); });
  refused([&] { attend({KvPages{good.pages, 1}}, layout); });
  refused([&] { attend({KvPages{good.pages, 65}}, layout); });
  refused([&] { attend({KvPages{good.pages, -1}}, layout); });
  const std::vector<std::int32_t> same(40, 3);
  refused([&] { attend({KvPages{good.pages, 40, same}}, layout); });
  refused([&] { attend({KvPages{good.pages, 39, same}}, layout); });
  refused([&] { attend({good}, {.heads = 4, .head_size = 8, .compute = layout.compute}); });
  refused([&] { attend({good}, {.heads = 2, .head_size = 9, .compute = layout.compute}); });
  refused([&] { attend({good}, {.heads = 2, .head_size = 8, .compute = ComputeType::bf16}); });
  AttentionShape odd = shape;
  odd.key_heads = 3;
  refused([&] {
    ops::attention({q.view(), starts, std::span(&good, 1), layout}, odd, out.view(), workspace);
  });
}

ATTEND_TEST_ALL_TABLES(PagedAttentionTest);

}  // namespace
}  // namespace attend
