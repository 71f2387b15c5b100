// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Weights are what attention mixes values by: of every mask and bias, from rows and from pages.
#include "attend/ops/attention_weights.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "attend/core/tensor.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::TestMatrix;

// Sums of at most 70 products of weights and values in [-1, 1), in another order.
constexpr double tolerance = 2e-6;

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
        ASSERT_NEAR(sum, 1, tolerance);
        for (Index d = 0; d < shape.head_size; ++d) {
          double expected = 0;
          for (Index key = 0; key < v.rows; ++key) {
            expected += double{row[static_cast<std::size_t>(key)]} *
                        double{v(key, head / group * shape.head_size + d)};
          }
          ASSERT_NEAR(double{mixed(i, head * shape.head_size + d)}, expected, tolerance);
        }
      }
    }
  }

  ThreadPool pool{2};
  Workspace workspace{pool};
};

std::vector<AttentionShape> shapes() {
  std::vector<AttentionShape> out(5, {.heads = 4, .head_size = 8, .scale = 0.7F});
  out[1].key_heads = 2;
  out[1].mask = {.behind = -1, .ahead = 0};
  out[2].mask = {.behind = 9, .ahead = 0};
  out[2].soft_cap = 2;
  out[3].head_size = 33;
  out[3].mask = {.behind = 40, .ahead = 3};
  out[4].head_size = 100;
  return out;
}

TEST_P(AttentionWeightsTest, MixValues) {
  const std::vector<float> slopes = {0.1F, 0.2F, 0.3F, 0.4F};
  TestMatrix bias(4, 2 * 20 + 1);
  for (AttentionShape shape : shapes()) {
    for (const Index tokens : {1, 33, 70}) {
      for (const int extra : {0, 1, 2}) {
        if (extra == 1) shape.slopes = slopes;
        if (extra == 2) shape.distance_bias = {bias.view()};
        const std::array<Index, 2> starts{0, tokens};
        TestMatrix q(tokens, 4 * shape.head_size, 1, 3);
        TestMatrix k(tokens, key_columns(shape), 2, 4);
        TestMatrix v(tokens, key_columns(shape), 0, 5);
        TestMatrix mixed(tokens, 4 * shape.head_size);
        TestMatrix weights(4 * tokens, tokens, 3);
        const ops::AttentionInput input{q.view(), k.view(), v.view(), starts};
        ops::attention(input, shape, mixed.view(), workspace);
        ops::attention_weights(input, shape, weights.view(), workspace);
        ASSERT_TRUE(weights.gaps_intact());
        expect_mixed(shape, weights.view(), v.view(), mixed.view());
      }
    }
  }
}

TEST_P(AttentionWeightsTest, OfAMemory) {
  const AttentionShape shape{.heads = 2, .head_size = 16, .scale = 0.5F};
  const std::array<Index, 2> starts{0, 3};
  const std::array<Index, 2> key_starts{0, 41};
  TestMatrix q(3, 32, 1, 3);
  TestMatrix k(41, 32, 2, 4);
  TestMatrix v(41, 32, 0, 5);
  TestMatrix mixed(3, 32);
  TestMatrix weights(6, 41);
  ops::AttentionInput input{q.view(), k.view(), v.view(), starts};
  input.key_starts = key_starts;
  ops::attention(input, shape, mixed.view(), workspace);
  ops::attention_weights(input, shape, weights.view(), workspace);
  expect_mixed(shape, weights.view(), v.view(), mixed.view());
}

// Token by token from pages that hold another layer, too: the bits of whole sequences.
TEST_P(AttentionWeightsTest, OfPages) {
  for (const AttentionShape& shape : shapes()) {
    if (shape.mask.ahead > 0) continue;
    constexpr Index tokens = 70;
    KvLayout layout = KvLayout::of(shape);
    layout.at = 64;
    const Index page_bytes = layout.at + layout.page_bytes();
    Tensor memory(DType::u8, Shape{3 * page_bytes});
    std::memset(memory.bytes(), 0xFF, static_cast<std::size_t>(3 * page_bytes));
    const std::array<std::byte*, 3> pages{memory.bytes(), memory.bytes() + page_bytes,
                                          memory.bytes() + 2 * page_bytes};
    const std::array<Index, 2> starts{0, tokens};
    TestMatrix q(tokens, 4 * shape.head_size, 1, 3);
    TestMatrix k(tokens, key_columns(shape), 2, 4);
    TestMatrix whole(4 * tokens, tokens);
    ops::attention_weights({q.view(), k.view(), k.view(), starts}, shape, whole.view(), workspace);
    const bool is_causal = shape.mask.ahead == 0;
    for (Index i = 0; i < tokens; ++i) {
      ops::append_to_pages(k.view().row_range(i, 1), k.view().row_range(i, 1), layout,
                           {.pages = pages, .tokens = i});
      if (!is_causal && i + 1 < tokens) continue;
      TestMatrix one(4, i + 1);
      ops::attention_weights(q.view().row_range(i, 1), {.pages = pages, .tokens = i + 1}, layout,
                             shape, one.view(), workspace);
      for (Index head = 0; head < 4; ++head) {
        const auto expected =
            whole.view().row(head * tokens + i).first(static_cast<std::size_t>(i + 1));
        const auto found = one.view().row(head);
        ASSERT_TRUE(std::equal(found.begin(), found.end(), expected.begin()))
            << "token " << i << ", head " << head;
      }
    }
  }
}

ATTEND_TEST_ALL_TABLES(AttentionWeightsTest);

}  // namespace
}  // namespace attend
