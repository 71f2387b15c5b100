// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Products by whole tiles, with a unit written in plain C++ in the place of AMX: packing, shapes of
// tiles and places of sums are those of the table amx, which few CPUs can run.
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: TDPBUSD,
// TDPBF16PS.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "attend/ops/linear.h"
#include "support/compute_types.h"
#include "support/kernel_tables.h"

#define ATTEND_KERNELS emulated_tiles
#include "kernels/table.inl"
//
#include "kernels/tiles.inl"

namespace attend::kernels::emulated_tiles {
namespace {

// Eight tiles. Whatever the instructions would refuse is a failure of the test.
class EmulatedUnit {
 public:
  static inline long products = 0;

  void shape(Extent upper, Extent lower) {
    EXPECT_LE(upper, 16);
    EXPECT_LE(lower, 16);
    if (upper == tiles_[rows_tile].rows && lower == tiles_[rows_tile + 1].rows) return;
    for (Contents& tile : tiles_) tile = {};
    for (const int tile : {sums_tile, sums_tile + 1, rows_tile}) tiles_[tile].rows = upper;
    for (const int tile : {sums_tile + 2, sums_tile + 3, rows_tile + 1}) tiles_[tile].rows = lower;
    for (const int tile : {weights_tile, weights_tile + 1}) tiles_[tile].rows = 16;
  }

  template <int tile>
  void clear() {
    EXPECT_GT(tiles_[tile].rows, 0);
    std::memset(tiles_[tile].bytes, 0, sizeof tiles_[tile].bytes);
  }
  template <int tile>
  void load(const std::byte* from, Extent stride) {
    EXPECT_GT(tiles_[tile].rows, 0);
    for (Extent i = 0; i < tiles_[tile].rows; ++i) {
      std::memcpy(tiles_[tile].bytes[i], from + i * stride, 64);
    }
  }
  template <int tile>
  void store(float* to, Extent stride) {
    for (Extent i = 0; i < tiles_[tile].rows; ++i) {
      std::memcpy(reinterpret_cast<std::byte*>(to) + i * stride, tiles_[tile].bytes[i], 64);
    }
  }
  template <Extent values, int sums, int rows, int weights>
  void multiply() {
    EXPECT_EQ(tiles_[sums].rows, tiles_[rows].rows);
    EXPECT_EQ(tiles_[weights].rows, 16);
    ++products;
    for (Extent i = 0; i < tiles_[rows].rows; ++i) {
      for (Extent j = 0; j < 16; ++j) {
        if constexpr (values == 4) {
          add_bytes(tiles_[sums].bytes[i] + j * 4, tiles_[rows].bytes[i], tiles_[weights], j);
        } else {
          add_halves(tiles_[sums].bytes[i] + j * 4, tiles_[rows].bytes[i], tiles_[weights], j);
        }
      }
    }
  }

 private:
  struct Contents {
    Extent rows = 0;
    std::byte bytes[16][64] = {};
  };

  template <class T>
  static T at(const std::byte* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  static float half(const std::byte* from) {
    const std::uint32_t bits = std::uint32_t{at<std::uint16_t>(from)} << 16U;
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }

  static void add_bytes(std::byte* sum, const std::byte* row, const Contents& weights, Extent j) {
    auto total = at<std::int32_t>(sum);
    for (Extent k = 0; k < 16; ++k) {
      for (Extent b = 0; b < 4; ++b) {
        total += at<std::uint8_t>(row + k * 4 + b) * at<std::int8_t>(weights.bytes[k] + j * 4 + b);
      }
    }
    std::memcpy(sum, &total, sizeof total);
  }
  // Even and odd halves have sums of their own, which join those so far at the end.
  static void add_halves(std::byte* sum, const std::byte* row, const Contents& weights, Extent j) {
    float even = 0;
    float odd = 0;
    for (Extent k = 0; k < 16; ++k) {
      even += half(row + k * 4) * half(weights.bytes[k] + j * 4);
      odd += half(row + k * 4 + 2) * half(weights.bytes[k] + j * 4 + 2);
    }
    const float total = at<float>(sum) + (even + odd);
    std::memcpy(sum, &total, sizeof total);
  }

  Contents tiles_[8];
};

constexpr KernelTable table = make_tile_table<EmulatedUnit>("emulated_tiles", 0);

struct Case {
  Index rows;
  Index in;
  Index out;
};
constexpr Case cases[] = {{1, 1, 1},    {1, 300, 70},  {2, 64, 32},    {15, 63, 33},
                          {16, 65, 31}, {17, 128, 64}, {31, 5, 40},    {32, 32, 32},
                          {33, 31, 65}, {47, 129, 3},  {70, 1000, 66}, {130, 96, 100}};
constexpr ComputeType in_tiles[] = {ComputeType::bf16, ComputeType::int8};

// Panels are two tiles wide, blocks of at most 32 rows one or two high, pieces 16 words deep.
long expected_products(Case c, ComputeType compute) {
  const Index values = compute == ComputeType::bf16 ? 32 : 64;
  const Index blocks = (c.rows + 31) / 32;
  Index high = 0;
  for (Index b = 0; b < blocks; ++b) {
    high += c.rows / blocks + (b < c.rows % blocks ? 1 : 0) > 16 ? 2 : 1;
  }
  return high * 2 * ((c.out + 31) / 32) * ((c.in + values - 1) / values);
}

class TilesTest : public testing::Test {
 protected:
  [[nodiscard]] PackedLinear pack(const std::vector<float>& weight, Case c, ComputeType compute) {
    const StoredWeight stored{
        {DType::f32, Shape{c.out, c.in}, reinterpret_cast<const std::byte*>(weight.data())},
        std::nullopt};
    return {{&stored, 1}, {}, pool, compute};
  }

  ThreadPool pool{1};
  Workspace workspace{pool};
  ForcedTable forced{table};
};

TEST_F(TilesTest, AgreesWithDoublePrecision) {
  for (const Case c : cases) {
    test::TestMatrix x(c.rows, c.in, 3, 1);
    const auto weight = test::random_values(c.out * c.in, 2);
    for (const ComputeType compute : in_tiles) {
      SCOPED_TRACE(testing::Message()
                   << name(compute) << ' ' << c.rows << " x " << c.in << " -> " << c.out);
      test::TestMatrix y(c.rows, c.out, 2);
      const long before = EmulatedUnit::products;
      const PackedLinear packed = pack(weight, c, compute);
      ops::linear({x.view(), packed}, y.view(), workspace);
      EXPECT_EQ(EmulatedUnit::products - before, expected_products(c, compute));
      EXPECT_TRUE(y.gaps_intact());
      const auto products = test::rounded_products(compute, x.view(), {weight.data(), c.out, c.in});
      for (Index i = 0; i < c.rows; ++i) {
        for (Index j = 0; j < c.out; ++j) {
          // Sums of `in` products round as those of linear_test do.
          ASSERT_NEAR(double{y.view()(i, j)},
                      products[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)],
                      1e-6 * (std::sqrt(static_cast<double>(c.in)) + 1))
              << i << ", " << j;
        }
      }
    }
  }
}

TEST_F(TilesTest, RowsDoNotDependOnTheirBatch) {
  constexpr Case c{70, 300, 40};
  test::TestMatrix x(c.rows, c.in, 1, 3);
  const auto weight = test::random_values(c.out * c.in, 4);
  for (const ComputeType compute : in_tiles) {
    const PackedLinear packed = pack(weight, c, compute);
    test::TestMatrix all(c.rows, c.out);
    ops::linear({x.view(), packed}, all.view(), workspace);
    for (const Index group : {1, 2, 5, 16, 17, 33}) {
      test::TestMatrix y(c.rows, c.out);
      for (Index begin = 0; begin < c.rows; begin += group) {
        const Index count = std::min(group, c.rows - begin);
        ops::linear({x.view().row_range(begin, count), packed}, y.view().row_range(begin, count),
                    workspace);
      }
      for (Index i = 0; i < c.rows; ++i) {
        ASSERT_EQ(std::memcmp(y.view().row(i).data(), all.view().row(i).data(), c.out * 4), 0)
            << name(compute) << ", row " << i << " in groups of " << group;
      }
    }
  }
}

// What lies behind a row or a panel is never multiplied.
TEST_F(TilesTest, NanStaysInItsRowAndColumn) {
  constexpr Case c{20, 33, 70};
  test::TestMatrix x(c.rows, c.in);
  auto weight = test::random_values(c.out * c.in, 5);
  x.view()(3, 32) = std::nanf("");
  weight[34 * c.in] = std::nanf("");  // the first step of the second panel
  const PackedLinear packed = pack(weight, c, ComputeType::bf16);
  test::TestMatrix y(c.rows, c.out);
  ops::linear({x.view(), packed}, y.view(), workspace);
  for (Index i = 0; i < c.rows; ++i) {
    for (Index j = 0; j < c.out; ++j) {
      ASSERT_EQ(std::isnan(y.view()(i, j)), i == 3 || j == 34) << i << ", " << j;
    }
  }
}

TEST_F(TilesTest, CountsTheOperationsOfFourTiles) {
  EXPECT_EQ(table.multiply_adds(DType::i8, 2), 2 * 2.0 * 4 * 16 * 16 * 64);
  EXPECT_EQ(table.multiply_adds(DType::bf16, 2), 2 * 2.0 * 4 * 16 * 16 * 32);
  EXPECT_GT(table.multiply_adds(DType::f32, 2), 0);
}

}  // namespace
}  // namespace attend::kernels::emulated_tiles

namespace attend::kernels {
namespace {

// The sums of integers are exact, so every table gives the same bits.
TEST(Int8Linear, IsTheSameWithEveryTable) {
  constexpr Index rows = 21;
  constexpr Index in = 333;
  constexpr Index out = 45;
  test::TestMatrix x(rows, in, 0, 6);
  const auto weight = test::random_values(out * in, 7);
  const StoredWeight stored{
      {DType::f32, Shape{out, in}, reinterpret_cast<const std::byte*>(weight.data())},
      std::nullopt};
  ThreadPool pool(1);
  Workspace workspace(pool);
  std::vector<const KernelTable*> tables = test::usable_tables();
  tables.push_back(&emulated_tiles::table);
  test::TestMatrix expected(rows, out);
  for (const KernelTable* table : tables) {
    const ForcedTable forced(*table);
    const PackedLinear packed({&stored, 1}, {}, pool, ComputeType::int8);
    test::TestMatrix y(rows, out);
    ops::linear({x.view(), packed}, y.view(), workspace);
    if (table == tables.front()) expected = y;
    for (Index i = 0; i < rows; ++i) {
      ASSERT_EQ(std::memcmp(y.view().row(i).data(), expected.view().row(i).data(), out * 4), 0)
          << table->name << ", row " << i;
    }
  }
}

}  // namespace
}  // namespace attend::kernels
