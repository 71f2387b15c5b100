// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Weights are what attention mixes values by: of every mask, bias and type, from rows and from
// pages, all at once or some queries at a time.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>
#include <vector>

#include "attend/core/error.h"
#include "attend/core/tensor.h"
#include "attend/ops/attention.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::TestMatrix;

constexpr Index heads = 4;
// Sums of at most 70 products of weights and values in [-1, 1), in another order; in bf16 both are
// rounded to 8 bits.
double tolerance_of(const AttentionShape& shape) {
  return shape.compute == ComputeType::f32 ? 2e-6 : 1e-2;
}

class AttentionWeightsTest : public test::KernelTableTest {
 protected:
  static Index key_columns(const AttentionShape& shape) {
    return (shape.key_heads == 0 ? shape.heads : shape.key_heads) * shape.head_size;
  }

  // Weights times values are what attention says, and the weights of a query are 1 together.
  static void expect_mixed(const AttentionShape& shape, MatrixView<const float> weights,
                           MatrixView<const float> v, MatrixView<const float> mixed) {
    const Index group = shape.key_heads == 0 ? 1 : shape.heads / shape.key_heads;
    for (Index head = 0; head < shape.heads; ++head) {
      for (Index i = 0; i < mixed.rows; ++i) {
        const auto row = weights.row(head * mixed.rows + i);
        double sum = 0;
        for (const float weight : row) sum += double{weight};
        ASSERT_NEAR(sum, 1, 2e-6);
        for (Index d = 0; d < shape.head_size; ++d) {
          double expected = 0;
          for (Index key = 0; key < v.rows; ++key) {
            expected += double{row[static_cast<std::size_t>(key)]} *
                        double{v(key, head / group * shape.head_size + d)};
          }
          ASSERT_NEAR(double{mixed(i, head * shape.head_size + d)}, expected, tolerance_of(shape));
        }
      }
    }
  }

  // Some queries at a time, the bits of all at once.
  template <class Input>
  void expect_parts(const Input& input, const AttentionShape& shape, Index queries,
                    MatrixView<const float> all) {
    for (const Index most : {Index{1}, Index{3}, Index{32}}) {
      for (Index first = 0; first < queries; first += most) {
        const Index count = std::min(most, queries - first);
        TestMatrix part(heads * count, all.cols, 2);
        ops::attention_weights(input, shape, {first, part.view()}, workspace);
        ASSERT_TRUE(part.gaps_intact());
        for (Index row = 0; row < part.view().rows; ++row) {
          const auto found = part.view().row(row);
          const auto expected = all.row(row / count * queries + first + row % count);
          ASSERT_TRUE(std::equal(found.begin(), found.end(), expected.begin()))
              << "query " << first + row % count << " of " << queries;
        }
      }
    }
  }

  ThreadPool pool{2};
  Workspace workspace{pool};
};

std::vector<AttentionShape> shapes() {
  std::vector<AttentionShape> out(6, {.heads = heads, .head_size = 8, .scale = 0.7F});
  out[1].key_heads = 2;
  out[1].mask = {.behind = -1, .ahead = 0};
  out[2].mask = {.behind = 9, .ahead = 0};
  out[2].soft_cap = 2;
  out[3].head_size = 33;
  out[3].mask = {.behind = 40, .ahead = 3};
  out[4].head_size = 100;
  out[5].compute = ComputeType::bf16;
  out[5].mask = {.behind = -1, .ahead = 0};
  return out;
}

// Ascending, with holes.
std::vector<std::int32_t> columns_with_holes(Index tokens) {
  std::vector<std::int32_t> out;
  for (std::int32_t column = 3; static_cast<Index>(out.size()) < tokens; ++column) {
    if (column * 7 % 5 > 1) out.push_back(column);
  }
  return out;
}

TEST_P(AttentionWeightsTest, MixValues) {
  enum class Extra { none, slopes, bias, disentangled };
  const std::vector<float> slopes = {0.1F, 0.2F, 0.3F, 0.4F};
  TestMatrix bias(heads, 2 * 20 + 1);
  std::vector<std::int32_t> slots(2 * 20 + 1);
  std::iota(slots.rbegin(), slots.rend(), 0);
  for (const AttentionShape& plain : shapes()) {
    TestMatrix table(41, heads * plain.head_size, 0, 6);
    const DisentangledTables tables(table.view(), table.view(), slots, heads);
    for (const Index tokens : {1, 33, 70}) {
      for (const Extra extra : {Extra::none, Extra::slopes, Extra::bias, Extra::disentangled}) {
        AttentionShape shape = plain;
        if (extra == Extra::slopes) shape.slopes = slopes;
        if (extra == Extra::bias) shape.distance_bias = {bias.view()};
        if (extra == Extra::disentangled) shape.disentangled = &tables;
        if (extra == Extra::disentangled && shape.key_heads > 0) continue;
        const std::array<Index, 2> starts{0, tokens};
        const auto columns = columns_with_holes(tokens);
        TestMatrix q(tokens, heads * shape.head_size, 1, 3);
        TestMatrix k(tokens, key_columns(shape), 2, 4);
        TestMatrix v(tokens, key_columns(shape), 0, 5);
        TestMatrix mixed(tokens, heads * shape.head_size);
        TestMatrix weights(heads * tokens, tokens, 3);
        ops::AttentionInput input{q.view(), k.view(), v.view(), starts};
        for (const bool has_holes : {false, true}) {
          if (has_holes) input.columns = columns;
          ops::attention(input, shape, mixed.view(), workspace);
          ops::attention_weights(input, shape, {0, weights.view()}, workspace);
          ASSERT_TRUE(weights.gaps_intact());
          expect_mixed(shape, weights.view(), v.view(), mixed.view());
          expect_parts(input, shape, tokens, weights.view());
        }
      }
    }
  }
}

// The second of two sequences, whose keys are those of another.
TEST_P(AttentionWeightsTest, OfAMemory) {
  const AttentionShape shape{.heads = heads, .head_size = 16, .scale = 0.5F};
  const std::array<Index, 2> starts{2, 5};
  const std::array<Index, 2> key_starts{7, 48};
  TestMatrix q(6, 64, 1, 3);
  TestMatrix k(48, 64, 2, 4);
  TestMatrix v(48, 64, 0, 5);
  TestMatrix mixed(6, 64);
  TestMatrix weights(heads * 3, 41);
  ops::AttentionInput input{q.view(), k.view(), v.view(), starts};
  input.key_starts = key_starts;
  ops::attention(input, shape, mixed.view(), workspace);
  ops::attention_weights(input, shape, {0, weights.view()}, workspace);
  expect_mixed(shape, weights.view(), v.view().row_range(7, 41), mixed.view().row_range(2, 3));
  expect_parts(input, shape, 3, weights.view());
}

// Token by token from pages that hold another layer, too: the bits of whole sequences.
TEST_P(AttentionWeightsTest, OfPages) {
  for (const AttentionShape& shape : shapes()) {
    if (shape.mask.ahead != 0) continue;
    constexpr Index tokens = 70;
    KvLayout layout = KvLayout::of(shape);
    layout.at = 64;
    const Index page_bytes = layout.at + layout.page_bytes();
    Tensor memory(DType::u8, Shape{3 * page_bytes});
    std::memset(memory.bytes(), 0xFF, static_cast<std::size_t>(3 * page_bytes));
    const std::array<std::byte*, 3> pages{memory.bytes(), memory.bytes() + page_bytes,
                                          memory.bytes() + 2 * page_bytes};
    const std::array<Index, 2> starts{0, tokens};
    const std::array<Index, 2> one_row{0, 1};
    TestMatrix q(tokens, heads * shape.head_size, 1, 3);
    TestMatrix k(tokens, key_columns(shape), 2, 4);
    TestMatrix whole(heads * tokens, tokens);
    ops::attention_weights({q.view(), k.view(), {}, starts}, shape, {0, whole.view()}, workspace);
    for (Index i = 0; i < tokens; ++i) {
      ops::append_to_pages(k.view().row_range(i, 1), k.view().row_range(i, 1), layout,
                           {.pages = pages, .tokens = i});
      TestMatrix one(heads, i + 1);
      const KvPages sequence{.pages = pages, .tokens = i + 1};
      ops::attention_weights({q.view().row_range(i, 1), one_row, {&sequence, 1}, layout}, shape,
                             {0, one.view()}, workspace);
      for (Index head = 0; head < heads; ++head) {
        const auto expected = whole.view().row(head * tokens + i);
        const auto found = one.view().row(head);
        ASSERT_TRUE(std::equal(found.begin(), found.end(), expected.begin()))
            << "token " << i << ", head " << head;
      }
    }
    const KvPages sequence{.pages = pages, .tokens = tokens};
    expect_parts(ops::PagedAttentionInput{q.view(), starts, {&sequence, 1}, layout}, shape, tokens,
                 whole.view());
  }
}

TEST_P(AttentionWeightsTest, ShapesAreChecked) {
  const AttentionShape shape{.heads = heads, .head_size = 8};
  const std::array<Index, 2> starts{0, 3};
  TestMatrix q(3, 32);
  const auto expect_refused = [&](Index first, Index rows, Index cols) {
    TestMatrix out(rows, cols);
    EXPECT_THROW(ops::attention_weights({q.view(), q.view(), {}, starts}, shape,
                                        {first, out.view()}, workspace),
                 Error)
        << first << ' ' << rows << ' ' << cols;
  };
  expect_refused(-1, 4, 3);
  expect_refused(1, 12, 3);
  expect_refused(0, 5, 3);
  expect_refused(0, 4, 2);
}

ATTEND_TEST_ALL_TABLES(AttentionWeightsTest);

}  // namespace
}  // namespace attend
