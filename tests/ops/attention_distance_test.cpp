// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Windows, distance bias and disentangled scores, alone and together, with and without holes in the
// columns, against a double-precision loop; what must not change a bit of a result.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>

#include "attend/core/error.h"
#include "attend/ops/attention.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::random_values;
using test::TestMatrix;

// As in attention_test, with scores up to three times as large.
constexpr double tolerance = 1e-5;

enum class Parts { none, keys, queries, both };
enum class Holes { no_columns, none, some };

// The slot of every distance key - query, from -reach to reach.
using Slots = std::vector<std::int32_t>;

// One slot for each distance, as DeBERTa has them: index span + (i - j), cut at both ends.
Slots plain_slots(std::int32_t span) {
  Slots slots;
  for (std::int32_t distance = -span; distance <= span; ++distance) {
    slots.push_back(std::clamp(span - distance, 0, 2 * span - 1));
  }
  return slots;
}

// Slots that grow with the distance, the further the slower.
Slots bucket_slots() {
  Slots slots;
  for (std::int32_t distance = -60; distance <= 60; ++distance) {
    const std::int32_t size = std::abs(distance);
    const std::int32_t bucket =
        size < 10 ? size : 10 + static_cast<std::int32_t>(8 * std::log2(size / 10.0));
    slots.push_back(35 + (distance < 0 ? -bucket : bucket));
  }
  return slots;
}

constexpr AttentionMask causal{.ahead = 0};

struct Options {
  Index head_size = 5;
  AttentionMask mask = {};
  Index bias_reach = -1;  // negative: no bias
  Parts parts = Parts::none;
  Slots slots = {0};
  Index table_heads = 2;  // 1: all heads share the tables
  Holes holes = Holes::no_columns;
  float cap = 0;
  std::vector<float> slopes = {};  // of each head
};

// Inputs of one call, and the naive loop over them.
class Case {
 public:
  static constexpr Index heads = 2;

  Case(const Options& options, const std::vector<Index>& lengths)
      : options_(options),
        m_(heads * options.head_size),
        starts_(starts_of(lengths)),
        fused_(starts_.back(), 3 * m_, 1, 5),
        bias_(heads, 2 * std::max<Index>(0, options.bias_reach) + 1, 2, 6),
        keys_(slot_count(), options.table_heads * options.head_size, 3, 7),
        queries_(slot_count(), options.table_heads * options.head_size, 1, 8) {
    for (std::size_t i = 0; i + 1 < starts_.size(); ++i) {
      std::int32_t column = options.holes == Holes::some ? 3 : 0;
      for (Index row = starts_[i]; row < starts_[i + 1]; ++row) {
        columns_.push_back(column);
        const bool hole = options.holes == Holes::some && (row * 7) % 5 < 2;
        column += hole ? 1 + static_cast<std::int32_t>(row % 19) : 1;
      }
    }
    if (options.parts != Parts::none) {
      tables_.emplace(has(Parts::keys) ? keys_.view() : MatrixView<float>(),
                      has(Parts::queries) ? queries_.view() : MatrixView<float>(), options.slots,
                      options.table_heads);
    }
  }

  [[nodiscard]] AttentionShape shape() {
    return {.heads = heads,
            .head_size = options_.head_size,
            .scale = options_.head_size < 20 ? 0.7F : 0.1F,
            .soft_cap = options_.cap,
            .mask = options_.mask,
            .slopes = options_.slopes,
            .distance_bias = {options_.bias_reach < 0 ? MatrixView<float>() : bias_.view()},
            .disentangled = tables_ ? &*tables_ : nullptr};
  }

  // The sequences from `begin` on, as many as `starts` has; their columns moved by `shift`.
  void run(Index begin, std::span<const Index> starts, MatrixView<float> out, Workspace& workspace,
           std::int32_t shift = 0) {
    const auto rows = fused_.view().row_range(begin, out.rows);
    std::vector<std::int32_t> columns;
    if (options_.holes != Holes::no_columns) {
      columns.assign(columns_.begin() + begin, columns_.begin() + begin + out.rows);
      for (std::int32_t& column : columns) column += shift;
    }
    ops::attention({rows.col_range(0, m_), rows.col_range(m_, m_), rows.col_range(2 * m_, m_),
                    starts, columns},
                   shape(), out, workspace);
  }
  void run(MatrixView<float> out, Workspace& workspace) { run(0, starts_, out, workspace); }

  [[nodiscard]] const std::vector<Index>& starts() const { return starts_; }
  [[nodiscard]] Index m() const { return m_; }
  [[nodiscard]] MatrixView<float> fused() { return fused_.view(); }

  void expect_naive(MatrixView<float> out) {
    for (std::size_t i = 0; i + 1 < starts_.size(); ++i) {
      for (Index row = starts_[i]; row < starts_[i + 1]; ++row) {
        for (Index head = 0; head < heads; ++head) {
          const auto expected = naive(row, {starts_[i], starts_[i + 1]}, head);
          for (Index d = 0; d < options_.head_size; ++d) {
            ASSERT_NEAR(double{out(row, head * options_.head_size + d)},
                        expected[static_cast<std::size_t>(d)], tolerance)
                << "row " << row - starts_[i] << " of " << starts_[i + 1] - starts_[i];
          }
        }
      }
    }
  }

 private:
  static std::vector<Index> starts_of(const std::vector<Index>& lengths) {
    std::vector<Index> starts = {0};
    for (const Index length : lengths) starts.push_back(starts.back() + length);
    return starts;
  }
  [[nodiscard]] Index slot_count() const {
    return *std::max_element(options_.slots.begin(), options_.slots.end()) + 1;
  }
  [[nodiscard]] bool has(Parts part) const {
    return options_.parts == part || options_.parts == Parts::both;
  }

  [[nodiscard]] double product(const float* a, const float* b) const {
    double sum = 0;
    for (Index d = 0; d < options_.head_size; ++d) sum += double{a[d]} * double{b[d]};
    return sum;
  }

  double score(Index query, Index key, Index head, Index distance) {
    const Index column = head * options_.head_size;
    const float* q = fused_.view().row(query).data() + column;
    const float* k = fused_.view().row(key).data() + m_ + column;
    const auto reach = static_cast<Index>(options_.slots.size() / 2);
    const Index slot =
        options_.slots[static_cast<std::size_t>(reach + std::clamp(distance, -reach, reach))];
    double sum = product(q, k);
    const Index at = options_.table_heads == 1 ? 0 : column;
    if (has(Parts::keys)) sum += product(q, keys_.view().row(slot).data() + at);
    if (has(Parts::queries)) sum += product(k, queries_.view().row(slot).data() + at);
    sum *= double{shape().scale};
    if (options_.cap > 0) sum = double{options_.cap} * std::tanh(sum / double{options_.cap});
    if (!options_.slopes.empty()) {
      sum +=
          double{options_.slopes[static_cast<std::size_t>(head)]} * static_cast<double>(distance);
    }
    const Index far = options_.bias_reach;
    if (far >= 0) sum += double{bias_.view()(head, far + std::clamp(distance, -far, far))};
    return sum;
  }

  std::vector<double> naive(Index query, std::pair<Index, Index> rows, Index head) {
    std::vector<std::pair<Index, double>> scores;
    double largest = -std::numeric_limits<double>::infinity();
    for (Index key = rows.first; key < rows.second; ++key) {
      const Index distance =
          columns_[static_cast<std::size_t>(key)] - columns_[static_cast<std::size_t>(query)];
      if (options_.mask.behind >= 0 && -distance > options_.mask.behind) continue;
      if (options_.mask.ahead >= 0 && distance > options_.mask.ahead) continue;
      scores.emplace_back(key, score(query, key, head, distance));
      largest = std::max(largest, scores.back().second);
    }
    double sum = 0;
    for (auto& [key, value] : scores) sum += value = std::exp(value - largest);
    std::vector<double> out(static_cast<std::size_t>(options_.head_size));
    for (const auto& [key, value] : scores) {
      const float* v = fused_.view().row(key).data() + 2 * m_ + head * options_.head_size;
      for (std::size_t d = 0; d < out.size(); ++d) out[d] += value / sum * double{v[d]};
    }
    return out;
  }

  Options options_;
  Index m_;
  std::vector<Index> starts_;
  std::vector<std::int32_t> columns_;
  TestMatrix fused_;
  TestMatrix bias_;
  TestMatrix keys_;
  TestMatrix queries_;
  std::optional<DisentangledTables> tables_;
};

class AttentionDistanceTest : public test::KernelTableTest {
 protected:
  void expect_naive(const Options& options, const std::vector<Index>& lengths) {
    SCOPED_TRACE(testing::Message()
                 << "d " << options.head_size << ", mask " << options.mask.behind << " "
                 << options.mask.ahead << ", bias " << options.bias_reach << ", parts "
                 << static_cast<int>(options.parts) << ", slots " << options.slots.size()
                 << ", holes " << static_cast<int>(options.holes));
    Case all(options, lengths);
    TestMatrix out(all.starts().back(), all.m(), 3);
    all.run(out.view(), workspace);
    ASSERT_TRUE(out.gaps_intact());
    all.expect_naive(out.view());
  }

  ThreadPool pool{2};
  Workspace workspace{pool};
};

// Every combination on short sequences: around the largest tile, and a single row.
TEST_P(AttentionDistanceTest, EveryCombinationAgreesWithDoublePrecision) {
  constexpr Index far = Index{1} << 62;
  for (const AttentionMask& mask :
       {AttentionMask{}, AttentionMask{0, 0}, AttentionMask{4, 4}, AttentionMask{far, far}, causal,
        AttentionMask{3, 0}, AttentionMask{.behind = 2}, AttentionMask{1, 5}}) {
    for (const Index bias_reach : {-1, 0, 6, 100}) {
      for (const Parts parts : {Parts::none, Parts::keys, Parts::queries, Parts::both}) {
        for (const Holes holes : {Holes::no_columns, Holes::none, Holes::some}) {
          const Options options{.mask = mask,
                                .bias_reach = bias_reach,
                                .parts = parts,
                                .slots = plain_slots(7),
                                .holes = holes};
          ASSERT_NO_FATAL_FAILURE(expect_naive(options, {1, 13, 14, 0, 15}));
        }
      }
    }
  }
}

TEST_P(AttentionDistanceTest, CapsAndSlopesAgreeWithDoublePrecision) {
  for (const AttentionMask& mask : {AttentionMask{}, causal, AttentionMask{3, 0}}) {
    for (const float cap : {0.0F, 0.8F, 30.0F}) {
      for (const std::vector<float>& slopes :
           {std::vector<float>(), std::vector<float>{0.5F, 0.0625F}}) {
        for (const Holes holes : {Holes::no_columns, Holes::some}) {
          ASSERT_NO_FATAL_FAILURE(expect_naive(
              {.mask = mask, .holes = holes, .cap = cap, .slopes = slopes}, {1, 13, 14, 0, 45}));
        }
      }
    }
  }
}

// Embeddings of the distance alone: index span + (i - j), without an end to cut.
TEST_P(AttentionDistanceTest, TablesOfOneHeadAreThoseOfAll) {
  Slots slots(121);
  std::iota(slots.rbegin(), slots.rend(), 0);
  for (const Parts parts : {Parts::keys, Parts::queries, Parts::both}) {
    for (const Holes holes : {Holes::no_columns, Holes::none, Holes::some}) {
      ASSERT_NO_FATAL_FAILURE(expect_naive(
          {.parts = parts, .slots = slots, .table_heads = 1, .holes = holes}, {1, 13, 0, 61}));
    }
  }
}

// Several units of queries, several panels of slots.
TEST_P(AttentionDistanceTest, LongSequencesAgreeWithDoublePrecision) {
  for (const Holes holes : {Holes::no_columns, Holes::some}) {
    for (const AttentionMask& mask : {AttentionMask{}, AttentionMask{64, 64}, causal}) {
      ASSERT_NO_FATAL_FAILURE(expect_naive({.mask = mask, .holes = holes}, {257, 5, 530}));
    }
    ASSERT_NO_FATAL_FAILURE(expect_naive({.bias_reach = 128, .holes = holes}, {257}));
    for (const Slots& slots : {Slots{0}, plain_slots(16), plain_slots(100), bucket_slots()}) {
      ASSERT_NO_FATAL_FAILURE(
          expect_naive({.parts = Parts::both, .slots = slots, .holes = holes}, {15, 257}));
    }
    ASSERT_NO_FATAL_FAILURE(expect_naive({.head_size = 64,
                                          .mask = {32, 32},
                                          .bias_reach = 10,
                                          .parts = Parts::both,
                                          .slots = bucket_slots(),
                                          .holes = holes},
                                         {40, 270}));
  }
}

// Slots may rise or fall with the distance.
TEST_P(AttentionDistanceTest, DirectionOfTheSlotsDoesNotMatter) {
  Slots rising = plain_slots(20);
  std::reverse(rising.begin(), rising.end());
  for (const Parts parts : {Parts::keys, Parts::queries}) {
    for (const Slots& slots : {plain_slots(20), rising}) {
      ASSERT_NO_FATAL_FAILURE(
          expect_naive({.parts = parts, .slots = slots, .holes = Holes::some}, {60}));
      ASSERT_NO_FATAL_FAILURE(expect_naive({.parts = parts, .slots = slots}, {60}));
    }
  }
}

bool same_bits(MatrixView<float> a, MatrixView<float> b) {
  for (Index i = 0; i < a.rows; ++i) {
    if (std::memcmp(a.row(i).data(), b.row(i).data(),
                    static_cast<std::size_t>(a.cols) * sizeof(float)) != 0) {
      return false;
    }
  }
  return true;
}

const Options everything[] = {
    {.head_size = 24, .mask = {20, 20}},
    {.head_size = 24, .mask = causal},
    {.head_size = 24, .bias_reach = 30},
    {.head_size = 24, .parts = Parts::both, .slots = bucket_slots()},
    {.mask = {50, 50}, .bias_reach = 30, .parts = Parts::both, .slots = plain_slots(40)},
};

TEST_P(AttentionDistanceTest, SequencesDoNotDependOnTheirBatch) {
  const std::vector<Index> lengths = {5, 1, 40, 17, 260, 64, 2};
  for (Options options : everything) {
    for (const Holes holes : {Holes::no_columns, Holes::some}) {
      options.holes = holes;
      Case all(options, lengths);
      TestMatrix expected(all.starts().back(), all.m());
      all.run(expected.view(), workspace);
      for (const int threads : {1, 3}) {
        ThreadPool some(threads);
        Workspace own(some);
        TestMatrix together(all.starts().back(), all.m(), 2);
        all.run(together.view(), own);
        ASSERT_TRUE(same_bits(together.view(), expected.view()));
        TestMatrix single(all.starts().back(), all.m(), 5);
        for (std::size_t i = 0; i < lengths.size(); ++i) {
          const Index alone[] = {0, lengths[i]};
          all.run(all.starts()[i], alone, single.view().row_range(all.starts()[i], lengths[i]),
                  own);
        }
        ASSERT_TRUE(same_bits(single.view(), expected.view()));
      }
    }
  }
}

// Columns without holes are those that are counted, wherever they begin.
TEST_P(AttentionDistanceTest, ColumnsWithoutHolesChangeNoBit) {
  for (Options options : everything) {
    Case counted(options, {1, 31, 300});
    TestMatrix expected(counted.starts().back(), counted.m());
    counted.run(expected.view(), workspace);
    options.holes = Holes::none;
    Case given(options, {1, 31, 300});
    for (const std::int32_t shift : {0, 77}) {
      TestMatrix out(given.starts().back(), given.m(), 1);
      given.run(0, given.starts(), out.view(), workspace, shift);
      ASSERT_TRUE(same_bits(out.view(), expected.view())) << shift;
    }
  }
}

TEST_P(AttentionDistanceTest, NanOfAKeyIsSeenInItsWindowOnly) {
  Case all({.head_size = 8, .mask = {5, 5}}, {60});
  TestMatrix out(60, all.m());
  all.fused()(30, all.m() + 3) = std::numeric_limits<float>::quiet_NaN();  // first head
  all.run(out.view(), workspace);
  for (Index i = 0; i < 60; ++i) {
    ASSERT_EQ(std::isnan(out.view()(i, 0)), std::abs(i - 30) <= 5) << i;
    ASSERT_FALSE(std::isnan(out.view()(i, 8))) << i;
  }
}

ATTEND_TEST_ALL_TABLES(AttentionDistanceTest);

TEST(AttentionDistance, ChecksShapes) {
  ThreadPool pool(1);
  Workspace workspace(pool);
  TestMatrix x(6, 8);
  TestMatrix out(6, 8);
  const std::vector<Index> starts = {0, 2, 6};
  const auto call = [&](const AttentionShape& shape, std::vector<std::int32_t> columns) {
    ops::attention({x.view(), x.view(), x.view(), starts, columns}, shape, out.view(), workspace);
  };
  const AttentionShape plain{.heads = 2, .head_size = 4};
  call(plain, {4, 5, 0, 1, 2, 9});
  EXPECT_THROW(call(plain, {0, 1, 0, 1, 2}), Error);
  EXPECT_THROW(call(plain, {0, 0, 0, 1, 2, 3}), Error);
  EXPECT_THROW(call(plain, {0, 1, 0, 2, 1, 3}), Error);
  AttentionShape biased = plain;
  for (const auto& [rows, cols] : {std::pair{1, 3}, {3, 3}, {2, 4}}) {
    TestMatrix bias(rows, cols);
    biased.distance_bias.table = bias.view();
    EXPECT_THROW(call(biased, {}), Error);
  }
  TestMatrix table(4, 8);
  AttentionShape positions = plain;
  const DisentangledTables of_four(table.view(), {}, Slots{0, 1, 3}, 4);
  positions.disentangled = &of_four;
  EXPECT_THROW(call(positions, {}), Error);
  const DisentangledTables of_two(table.view(), {}, Slots{0, 1, 3}, 2);
  positions.disentangled = &of_two;
  call(positions, {});
  const DisentangledTables of_all(table.view().col_range(0, 4), {}, Slots{0, 1, 3}, 1);
  positions.disentangled = &of_all;
  call(positions, {});
  const DisentangledTables too_wide(table.view(), {}, Slots{0, 1, 3}, 1);
  positions.disentangled = &too_wide;
  EXPECT_THROW(call(positions, {}), Error);
}

TEST(DisentangledTables, ChecksShapes) {
  TestMatrix x(4, 8);
  const auto make = [](MatrixView<float> keys, MatrixView<float> queries, const Slots& slots,
                       Index heads) {
    return DisentangledTables(keys, queries, slots, heads).slots();
  };
  const MatrixView<float> all = x.view();
  EXPECT_EQ(make(all, all, {3, 3, 0}, 2), 4);
  EXPECT_EQ(make({}, all, {3}, 2), 4);
  EXPECT_THROW(make({}, {}, {0}, 2), Error);
  EXPECT_THROW(make(all, all.row_range(0, 3), {0}, 2), Error);
  EXPECT_THROW(make(all, all.col_range(0, 6), {0}, 2), Error);
  EXPECT_THROW(make(all, all, {0}, 3), Error);
  EXPECT_THROW(make(all, all, {0}, 0), Error);
  EXPECT_THROW(make(all, all, {}, 2), Error);
  EXPECT_THROW(make(all, all, {0, 1}, 2), Error);
  EXPECT_THROW(make(all, all, {4}, 2), Error);
  EXPECT_THROW(make(all, all, {-1}, 2), Error);
  EXPECT_THROW(make(all, all, {0, 2, 1}, 2), Error);
}

}  // namespace
}  // namespace attend
