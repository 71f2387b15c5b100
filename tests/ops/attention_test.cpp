// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// attention against a double-precision loop; a sequence's bits depend on that sequence alone.
#include "attend/ops/attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "attend/core/error.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::TestMatrix;

// Outputs are averages of values in [-1, 1); weights err by the rounding of their scores (below 10
// in size: 10 * 2^-23) and of exp.
constexpr double tolerance = 3e-6;

std::vector<Index> starts_of(const std::vector<Index>& lengths) {
  std::vector<Index> starts = {0};
  for (const Index length : lengths) starts.push_back(starts.back() + length);
  return starts;
}

// One query of one head of the sequence with the rows [begin, end).
std::vector<double> naive(MatrixView<const float> q, MatrixView<const float> k,
                          MatrixView<const float> v, Index row, Index begin, Index end,
                          Index column, const AttentionShape& shape) {
  std::vector<double> weights;
  double largest = -std::numeric_limits<double>::infinity();
  for (Index s = begin; s < end; ++s) {
    double score = 0;
    for (Index d = 0; d < shape.head_size; ++d) {
      score += double{q(row, column + d)} * double{k(s, column + d)};
    }
    weights.push_back(score * double{shape.scale});
    largest = std::max(largest, weights.back());
  }
  double sum = 0;
  for (double& weight : weights) sum += weight = std::exp(weight - largest);
  std::vector<double> out(static_cast<std::size_t>(shape.head_size));
  for (Index s = begin; s < end; ++s) {
    for (Index d = 0; d < shape.head_size; ++d) {
      out[static_cast<std::size_t>(d)] +=
          weights[static_cast<std::size_t>(s - begin)] / sum * double{v(s, column + d)};
    }
  }
  return out;
}

class AttentionTest : public test::KernelTableTest {
 protected:
  ThreadPool pool{2};
  Workspace workspace{pool};
};

TEST_P(AttentionTest, AgreesWithDoublePrecision) {
  for (const Index head_size : {1, 5, 8, 32, 33, 64, 100}) {
    for (const std::vector<Index>& lengths :
         {std::vector<Index>{1}, {2, 1, 16, 0, 31}, {17, 33, 15}, {64, 5, 70}, {300, 3}}) {
      SCOPED_TRACE(testing::Message() << "d " << head_size << ", first " << lengths[0]);
      const AttentionShape shape{.heads = 2, .head_size = head_size, .scale = 0.7F};
      const std::vector<Index> starts = starts_of(lengths);
      const Index m = shape.heads * head_size;
      TestMatrix fused(starts.back(), 3 * m, 1, 5);
      const auto q = fused.view().col_range(0, m);
      const auto k = fused.view().col_range(m, m);
      const auto v = fused.view().col_range(2 * m, m);
      TestMatrix out(starts.back(), m, 3);
      ops::attention({q, k, v, starts}, shape, out.view(), workspace);
      ASSERT_TRUE(out.gaps_intact());
      for (std::size_t i = 0; i < lengths.size(); ++i) {
        for (Index row = starts[i]; row < starts[i + 1]; ++row) {
          for (Index column = 0; column < m; column += head_size) {
            const auto expected = naive(q, k, v, row, starts[i], starts[i + 1], column, shape);
            for (Index d = 0; d < head_size; ++d) {
              ASSERT_NEAR(double{out.view()(row, column + d)},
                          expected[static_cast<std::size_t>(d)], tolerance);
            }
          }
        }
      }
    }
  }
}

// Scores of values below 1 err by some 2^-9, weights by as much again, and so do values: their
// average of many by less. Windows begin at odd keys too, which share a step with one not seen.
TEST_P(AttentionTest, Bf16IsNearF32) {
  for (const Index head_size : {1, 5, 32, 33, 64}) {
    for (const AttentionMask mask :
         {AttentionMask{}, AttentionMask{7, 4}, AttentionMask{.ahead = 0}}) {
      SCOPED_TRACE(testing::Message() << "d " << head_size << ", behind " << mask.behind);
      AttentionShape shape{.heads = 2, .head_size = head_size, .scale = 0.7F, .mask = mask};
      const std::vector<Index> starts = starts_of({1, 17, 0, 33, 300});
      const Index m = shape.heads * head_size;
      TestMatrix fused(starts.back(), 3 * m, 1, 5);
      const ops::AttentionInput input{fused.view().col_range(0, m), fused.view().col_range(m, m),
                                      fused.view().col_range(2 * m, m), starts};
      TestMatrix exact(starts.back(), m);
      ops::attention(input, shape, exact.view(), workspace);
      shape.compute = ComputeType::bf16;
      TestMatrix out(starts.back(), m, 3);
      ops::attention(input, shape, out.view(), workspace);
      ASSERT_TRUE(out.gaps_intact());
      Index different = 0;
      for (Index i = 0; i < starts.back(); ++i) {
        for (Index j = 0; j < m; ++j) {
          ASSERT_NEAR(out.view()(i, j), exact.view()(i, j), 0.02);
          if (out.view()(i, j) != exact.view()(i, j)) ++different;
        }
      }
      EXPECT_EQ(different > 0, table().has_bf16());
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
      for (Index column = 0; column < m; column += shape.head_size) {
        const auto expected =
            naive(q.view(), k, v, starts[i] + row, key_starts[i], key_starts[i + 1], column, shape);
        for (Index d = 0; d < shape.head_size; ++d) {
          ASSERT_NEAR(double{found[column + d]}, expected[static_cast<std::size_t>(d)], tolerance);
        }
      }
    }
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
