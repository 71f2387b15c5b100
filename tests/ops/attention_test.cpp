// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// attention in f32 and bf16 against a double-precision loop; a sequence's bits depend on that
// sequence alone.
#include "attend/ops/attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <span>
#include <vector>

#include "attend/core/error.h"
#include "attend/core/tensor.h"
#include "support/compute_types.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::TestMatrix;

// Outputs are averages of values in [-1, 1); weights err by the rounding of their scores (below 10
// in size: 10 * 2^-23) and of exp.
constexpr double tolerance = 3e-6;

// By which a weight may err before it is rounded to bfloat16, and so become the one beside it.
constexpr double weight_error = 4e-6;

std::vector<Index> starts_of(const std::vector<Index>& lengths) {
  std::vector<Index> starts = {0};
  for (const Index length : lengths) starts.push_back(starts.back() + length);
  return starts;
}

struct Expected {
  double value;
  double tolerance;
};

// One head of one query over the keys that it sees. Kernels of bf16 round what they multiply:
// weights before they are divided by their sum, which is that of what they were.
std::vector<Expected> naive(std::span<const float> q, MatrixView<const float> k,
                            MatrixView<const float> v, float scale, bool is_rounded) {
  const auto rounded = [&](float x) { return double{is_rounded ? test::to_bf16(x) : x}; };
  std::vector<double> weights;
  for (Index s = 0; s < k.rows; ++s) {
    double score = 0;
    for (Index d = 0; d < k.cols; ++d) {
      score += rounded(q[static_cast<std::size_t>(d)]) * rounded(k(s, d));
    }
    weights.push_back(score * double{scale});
  }
  const double largest = *std::max_element(weights.begin(), weights.end());
  double sum = 0;
  for (double& weight : weights) sum += weight = std::exp(weight - largest);
  std::vector<Expected> out(q.size(), {0, tolerance});
  for (Index s = 0; s < k.rows; ++s) {
    const double weight = weights[static_cast<std::size_t>(s)];
    const double error = is_rounded ? weight_error : 0;
    const double least = rounded(static_cast<float>(weight * (1 - error)));
    const double most = rounded(static_cast<float>(weight * (1 + error)));
    for (Index d = 0; d < v.cols; ++d) {
      Expected& of = out[static_cast<std::size_t>(d)];
      const double value = rounded(v(s, d)) / sum;
      of.value += (least + most) / 2 * value;
      of.tolerance += (most - least) / 2 * std::abs(value);
    }
  }
  return out;
}

// One sequence; queries are its last tokens where it matters which they are.
struct Rows {
  MatrixView<const float> q;
  MatrixView<const float> k;
  MatrixView<const float> v;
};

class AttentionTest : public test::KernelTableTest {
 protected:
  // The last query, and every so manyth before it.
  void expect_naive(const Rows& of, const AttentionShape& shape, MatrixView<const float> out,
                    Index every = 1) {
    const bool is_rounded = shape.compute == ComputeType::bf16 && table().has_bf16();
    const Index group = shape.heads / shape.kv_heads();
    const Index size = shape.head_size;
    for (Index i = of.q.rows - 1; i >= 0; i -= every) {
      const Index own = of.k.rows - of.q.rows + i;
      const Index begin = shape.mask.behind < 0 ? 0 : std::max<Index>(0, own - shape.mask.behind);
      const Index end =
          shape.mask.ahead < 0 ? of.k.rows : std::min(of.k.rows, own + shape.mask.ahead + 1);
      for (Index head = 0; head < shape.heads; ++head) {
        const auto keys = [&](MatrixView<const float> x) {
          return x.row_range(begin, end - begin).col_range(head / group * size, size);
        };
        const auto query = of.q.row_range(i, 1).col_range(head * size, size).row(0);
        const auto expected = naive(query, keys(of.k), keys(of.v), shape.scale, is_rounded);
        for (Index d = 0; d < size; ++d) {
          const Expected& value = expected[static_cast<std::size_t>(d)];
          ASSERT_NEAR(double{out(i, head * size + d)}, value.value, value.tolerance)
              << "query " << i << " of " << of.q.rows << ", head " << head;
        }
      }
    }
  }

  // Packed sequences, whose q, k and v are columns of one matrix.
  void expect_naive_of(const std::vector<Index>& lengths, const AttentionShape& shape,
                       Index every) {
    SCOPED_TRACE(testing::Message()
                 << name(shape.compute) << ", d " << shape.head_size << ", first " << lengths[0]
                 << ", behind " << shape.mask.behind << ", ahead " << shape.mask.ahead);
    const std::vector<Index> starts = starts_of(lengths);
    const Index m = shape.heads * shape.head_size;
    const Index key_columns = shape.kv_heads() * shape.head_size;
    TestMatrix fused(starts.back(), m + 2 * key_columns, 1, 5);
    const auto q = fused.view().col_range(0, m);
    const auto k = fused.view().col_range(m, key_columns);
    const auto v = fused.view().col_range(m + key_columns, key_columns);
    TestMatrix out(starts.back(), m, 3);
    ops::attention({q, k, v, starts}, shape, out.view(), workspace);
    ASSERT_TRUE(out.gaps_intact());
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const auto rows = [&](MatrixView<const float> x) {
        return x.row_range(starts[i], lengths[i]);
      };
      expect_naive({rows(q), rows(k), rows(v)}, shape, rows(out.view()), every);
    }
  }

  ThreadPool pool{2};
  Workspace workspace{pool};
};

constexpr ComputeType computed[] = {ComputeType::f32, ComputeType::bf16};

TEST_P(AttentionTest, AgreesWithDoublePrecision) {
  for (const Index head_size : {1, 5, 8, 32, 33, 64, 100}) {
    for (const std::vector<Index>& lengths :
         {std::vector<Index>{1}, {2, 1, 16, 0, 31}, {17, 33, 15}, {64, 5, 70}, {300, 3}}) {
      AttentionShape shape{.heads = 2, .head_size = head_size, .scale = 0.7F};
      expect_naive_of(lengths, shape, 1);
      shape.compute = ComputeType::bf16;
      expect_naive_of(lengths, shape, 3);
    }
  }
}

// Windows begin at odd keys too, which in bf16 share a step with one that is not seen. Sums of many
// keys are those of chains, of 384 keys in f32 and 768 in bf16.
TEST_P(AttentionTest, OfMasksAndManyKeysAgreesWithDoublePrecision) {
  for (const ComputeType compute : computed) {
    for (const AttentionMask mask :
         std::initializer_list<AttentionMask>{{}, {.ahead = 0}, {7, 4}, {801, 0}, {390, 401}}) {
      AttentionShape shape{.heads = 4,
                           .key_heads = 2,
                           .head_size = 21,
                           .scale = 0.7F,
                           .mask = mask,
                           .compute = compute};
      expect_naive_of({1, 2, 17, 0, 33, 300}, shape, 5);
      shape.heads = shape.key_heads = 1;
      for (const Index length : {385, 769, 1700}) expect_naive_of({length}, shape, 249);
    }
  }
}

TEST_P(AttentionTest, OfPagesAgreesWithDoublePrecision) {
  for (const ComputeType compute : computed) {
    for (const Index behind : {AttentionMask::unlimited, Index{30}, Index{1001}}) {
      for (const Index tokens : {1, 2, 33, 300, 769, 1700}) {
        SCOPED_TRACE(testing::Message()
                     << name(compute) << ", behind " << behind << ", of " << tokens << " tokens");
        const AttentionShape shape{.heads = 6,
                                   .key_heads = 2,
                                   .head_size = 35,
                                   .scale = 0.7F,
                                   .mask = {.behind = behind, .ahead = 0},
                                   .compute = compute};
        const KvLayout layout = KvLayout::of(shape);
        const Index count = (tokens + KvLayout::page_tokens - 1) / KvLayout::page_tokens;
        Tensor memory(DType::u8, Shape{count * layout.page_bytes()});
        std::vector<std::byte*> pages;
        for (Index i = 0; i < count; ++i) {
          pages.push_back(memory.bytes() + i * layout.page_bytes());
        }
        TestMatrix q(std::min<Index>(tokens, 40), 6 * 35, 1, 3);
        TestMatrix k(tokens, 2 * 35, 2, 4);
        TestMatrix v(tokens, 2 * 35, 0, 5);
        ops::append_to_pages(k.view(), v.view(), layout, {.pages = pages, .tokens = 0});
        const KvPages sequence{.pages = pages, .tokens = tokens};
        for (const Index queries : {1, 40}) {
          const auto last = q.view().row_range(0, std::min(queries, q.view().rows));
          const Index starts[] = {0, last.rows};
          TestMatrix out(last.rows, last.cols, 3);
          ops::attention({last, starts, {&sequence, 1}, layout}, shape, out.view(), workspace);
          expect_naive({last, k.view(), v.view()}, shape, out.view(), 13);
        }
      }
    }
  }
}

class SequenceTest : public AttentionTest {
 protected:
  void expect_no_dependence(ComputeType compute);
};

TEST_P(SequenceTest, SequencesDoNotDependOnTheirBatch) {
  for (const ComputeType compute : {ComputeType::f32, ComputeType::bf16}) {
    SCOPED_TRACE(name(compute));
    expect_no_dependence(compute);
  }
}

void SequenceTest::expect_no_dependence(ComputeType compute) {
  const AttentionShape shape{.heads = 3, .head_size = 24, .scale = 0.2F, .compute = compute};
  const Index m = 72;
  const std::vector<Index> lengths = {5, 1, 40, 17, 260, 64, 2, 3, 8};
  const std::vector<Index> starts = starts_of(lengths);
  TestMatrix fused(starts.back(), 3 * m, 1, 6);
  const auto run = [&](Index begin, std::span<const Index> some, MatrixView<float> out,
                       Workspace& own) {
    const auto rows = fused.view().row_range(begin, out.rows);
    ops::attention({rows.col_range(0, m), rows.col_range(m, m), rows.col_range(2 * m, m), some},
                   shape, out, own);
  };
  TestMatrix expected(starts.back(), m);
  run(0, starts, expected.view(), workspace);
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool some(threads);
    Workspace own(some);
    TestMatrix all(starts.back(), m, 2);
    run(0, starts, all.view(), own);
    TestMatrix single(starts.back(), m, 5);
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const Index alone[] = {0, lengths[i]};
      run(starts[i], alone, single.view().row_range(starts[i], lengths[i]), own);
    }
    for (Index row = 0; row < starts.back(); ++row) {
      const float* want = expected.view().row(row).data();
      ASSERT_EQ(std::memcmp(all.view().row(row).data(), want, m * sizeof(float)), 0) << threads;
      ASSERT_EQ(std::memcmp(single.view().row(row).data(), want, m * sizeof(float)), 0) << threads;
    }
  }
}

// Cross attention: rows of one matrix see the rows of another.
TEST_P(AttentionTest, KeysOfOtherSequencesAgreeWithDoublePrecision) {
  const AttentionShape shape{.heads = 2, .head_size = 24, .scale = 0.7F};
  const Index m = 48;
  const std::vector<Index> starts = starts_of({5, 0, 33, 1, 270});
  const std::vector<Index> key_starts = starts_of({300, 2, 1, 40, 15});
  TestMatrix q(starts.back(), m, 1, 5);
  TestMatrix kv(key_starts.back(), 2 * m, 2, 6);
  const auto k = kv.view().col_range(0, m);
  const auto v = kv.view().col_range(m, m);
  TestMatrix out(starts.back(), m, 3);
  ops::attention({.q = q.view(), .k = k, .v = v, .starts = starts, .key_starts = key_starts}, shape,
                 out.view(), workspace);
  ASSERT_TRUE(out.gaps_intact());
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const Index rows = starts[i + 1] - starts[i];
    TestMatrix alone(rows, m);
    const Index own[] = {0, rows};
    const Index own_keys[] = {0, key_starts[i + 1] - key_starts[i]};
    ops::attention({.q = q.view().row_range(starts[i], rows),
                    .k = k.row_range(key_starts[i], own_keys[1]),
                    .v = v.row_range(key_starts[i], own_keys[1]),
                    .starts = own,
                    .key_starts = own_keys},
                   shape, alone.view(), workspace);
    for (Index row = 0; row < rows; ++row) {
      const float* found = out.view().row(starts[i] + row).data();
      ASSERT_EQ(std::memcmp(alone.view().row(row).data(), found, m * sizeof(float)), 0);
    }
    expect_naive({q.view().row_range(starts[i], rows), k.row_range(key_starts[i], own_keys[1]),
                  v.row_range(key_starts[i], own_keys[1])},
                 shape, alone.view());
  }
}

TEST_P(AttentionTest, LargeScoresDoNotOverflow) {
  const AttentionShape shape{.heads = 1, .head_size = 8, .scale = 1000.0F};
  TestMatrix x(20, 8, 0, 7);
  TestMatrix out(20, 8);
  const Index starts[] = {0, 20};
  ops::attention({x.view(), x.view(), x.view(), starts}, shape, out.view(), workspace);
  for (Index i = 0; i < 20; ++i) {
    for (const float value : out.view().row(i)) ASSERT_LE(std::abs(value), 1.0F);
  }
}

TEST_P(AttentionTest, NanStaysInItsSequenceAndHead) {
  const AttentionShape shape{.heads = 2, .head_size = 8, .scale = 1.0F};
  TestMatrix q(30, 16, 0, 8);
  TestMatrix k(30, 16, 0, 9);
  TestMatrix v(30, 16, 0, 10);
  TestMatrix out(30, 16);
  k.view()(12, 3) = std::numeric_limits<float>::quiet_NaN();  // second sequence, first head
  const Index starts[] = {0, 10, 30};
  ops::attention({q.view(), k.view(), v.view(), starts}, shape, out.view(), workspace);
  for (Index i = 0; i < 30; ++i) {
    for (Index j = 0; j < 16; ++j) {
      ASSERT_EQ(std::isnan(out.view()(i, j)), i >= 10 && j < 8) << i << ", " << j;
    }
  }
}

ATTEND_TEST_ALL_TABLES(AttentionTest);
ATTEND_TEST_ALL_TABLES(SequenceTest);

TEST(Attention, ChecksShapes) {
  ThreadPool pool(1);
  Workspace workspace(pool);
  const AttentionShape shape{.heads = 2, .head_size = 4, .scale = 1.0F};
  TestMatrix x(6, 8);
  TestMatrix out(6, 8);
  const auto call = [&](MatrixView<float> q, std::vector<Index> starts) {
    ops::attention({q, x.view(), x.view(), starts}, shape, out.view(), workspace);
  };
  EXPECT_THROW(call(x.view().col_range(0, 7), {0, 6}), Error);
  EXPECT_THROW(call(x.view().row_range(0, 5), {0, 5}), Error);
  EXPECT_THROW(call(x.view(), {0, 7}), Error);
  EXPECT_THROW(call(x.view(), {0, 4, 3, 6}), Error);
  EXPECT_THROW(call(x.view(), {}), Error);
  call(x.view(), {0, 6});
}

}  // namespace
}  // namespace attend
