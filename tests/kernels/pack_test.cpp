// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The packed layouts, value by value: they are the contract between packing and products.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "support/compute_types.h"
#include "support/kernel_tables.h"

namespace attend::kernels {
namespace {

class PackTest : public test::KernelTableTest {
 protected:
  [[nodiscard]] const Product& f32() const { return table().product(ComputeType::f32); }
};

// A packed panel of some rows.
struct Panel {
  Panel(const Product& product, ComputeType type, MatrixView<const float> x)
      : bytes(static_cast<std::size_t>(panel_bytes(type, x.cols)), std::byte{0xAA}) {
    for (Extent i = 0; i < x.rows; ++i) {
      scales.push_back(test::to_int8(x.row(i)).scale);
    }
    product.pack_panel({.x = x.data,
                        .stride = x.stride,
                        .rows = x.rows,
                        .depth = x.cols,
                        .panel = bytes.data(),
                        .scales = scales.data(),
                        .sums = sums});
  }
  template <class T>
  [[nodiscard]] T at(Extent offset) const {
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
  }

  std::vector<std::byte> bytes;
  std::vector<float> scales;
  float sums[panel_columns] = {};
};

TEST_P(PackTest, PanelsAreKMajorAndPaddedWithZeros) {
  for (const Extent rows : {1, 3, 4, 7, 31, 32}) {
    for (const Extent depth : {1, 3, 4, 9, 40}) {
      test::TestMatrix x(rows, depth, 2);
      std::vector<float> panel(static_cast<std::size_t>(depth * panel_columns), 5.0F);
      f32().pack_panel({x.view().data, x.view().stride, rows, depth,
                        reinterpret_cast<std::byte*>(panel.data())});
      for (Extent k = 0; k < depth; ++k) {
        for (Extent i = 0; i < panel_columns; ++i) {
          ASSERT_EQ(panel[static_cast<std::size_t>(k * panel_columns + i)],
                    i < rows ? x.view()(i, k) : 0.0F)
              << rows << " x " << depth << " at " << k << ", " << i;
        }
      }
    }
  }
}

TEST_P(PackTest, PanelsOfBfloat16HoldPairs) {
  for (const Extent rows : {1, 31, 32}) {
    for (const Extent depth : {1, 2, 3, 40, 301}) {
      test::TestMatrix x(rows, depth, 2);
      const Panel panel(table().product(ComputeType::bf16), ComputeType::bf16, x.view());
      for (Extent k = 0; k < (depth + 1) / 2 * 2; ++k) {
        for (Extent i = 0; i < panel_columns; ++i) {
          const auto half = panel.at<std::uint16_t>(k / 2 * step_bytes + i * 4 + k % 2 * 2);
          const std::uint32_t widened = std::uint32_t{half} << 16U;
          float value = 0;
          std::memcpy(&value, &widened, sizeof value);
          ASSERT_EQ(value, i < rows && k < depth ? test::to_bf16(x.view()(i, k)) : 0.0F)
              << rows << " x " << depth << " at " << k << ", " << i;
        }
      }
    }
  }
}

TEST_P(PackTest, PanelsOfInt8HoldFours) {
  for (const Extent rows : {1, 31, 32}) {
    for (const Extent depth : {1, 4, 7, 40, 301}) {
      test::TestMatrix x(rows, depth, 2);
      const Panel panel(table().product(ComputeType::int8), ComputeType::int8, x.view());
      for (Extent i = 0; i < panel_columns; ++i) {
        const std::vector<int> expected =
            i < rows ? test::to_int8(x.view().row(i)).values : std::vector<int>{};
        std::int32_t sum = 0;
        for (Extent k = 0; k < (depth + 3) / 4 * 4; ++k) {
          const auto value = panel.at<std::int8_t>(k / 4 * step_bytes + i * 4 + k % 4);
          const auto at = static_cast<std::size_t>(k);
          ASSERT_EQ(value, at < expected.size() ? expected[at] : 0)
              << rows << " x " << depth << " at " << k << ", " << i;
          sum += value;
        }
        ASSERT_EQ(panel.sums[i], static_cast<float>(sum));
      }
    }
  }
}

// What one column of a group holds.
test::Int8Row group_of(const Panel& panel, Extent group, Extent column) {
  test::Int8Row out;
  for (Extent k = 0; k < group_values; ++k) {
    const auto pair = panel.at<std::uint8_t>(group + k / 8 * step_bytes + column * 4 + k % 4);
    out.values.push_back((k % 8 < 4 ? pair & 15 : pair >> 4) - 8);
  }
  const auto half = panel.at<std::uint16_t>(group + 4 * step_bytes + column * 2);
  const std::uint32_t widened = std::uint32_t{half} << 16U;
  std::memcpy(&out.scale, &widened, sizeof out.scale);
  return out;
}

TEST_P(PackTest, PanelsOfInt4HoldGroupsWithTheirScales) {
  for (const Extent rows : {1, 31, 32}) {
    for (const Extent depth : {1, 32, 33, 301}) {
      test::TestMatrix x(rows, depth, 2);
      const Panel panel(table().product(ComputeType::int4), ComputeType::int4, x.view());
      for (Extent i = 0; i < panel_columns; ++i) {
        SCOPED_TRACE(testing::Message() << rows << " x " << depth << ", column " << i);
        double sum = 0;
        for (Extent k = 0; k < depth; k += group_values) {
          const auto at = static_cast<std::size_t>(k);
          const auto count = static_cast<std::size_t>(std::min(group_values, depth - k));
          const bool is_there = i < rows;
          test::Int8Row expected;
          if (is_there) expected = test::to_int4(x.view().row(i).subspan(at, count));
          for (const int value : expected.values) sum += value * double{expected.scale};
          // Behind the last k of a row are zeros; a column without a row is all zero bits.
          expected.values.resize(group_values, is_there ? 0 : -8);
          const test::Int8Row found = group_of(panel, k / group_values * group_bytes, i);
          ASSERT_EQ(found.values, expected.values) << "from " << k;
          ASSERT_EQ(found.scale, expected.scale);
          ASSERT_FALSE(!is_there && std::signbit(found.scale));
        }
        ASSERT_NEAR(double{panel.sums[i]}, sum, 1e-5);
      }
    }
  }
}

TEST_P(PackTest, LargestMagnitudeIsThatOrNan) {
  for (const Extent count : {1, 5, 16, 33, 768}) {
    auto values = test::random_values(count, 20);
    values.back() = -3;
    EXPECT_EQ(table().largest_magnitude(values.data(), count), 3);
    values.front() = -INFINITY;
    EXPECT_EQ(table().largest_magnitude(values.data(), count), INFINITY);
    values.back() = std::nanf("");
    EXPECT_TRUE(std::isnan(table().largest_magnitude(values.data(), count)));
  }
  EXPECT_EQ(table().largest_magnitude(nullptr, 0), 0);
}

TEST_P(PackTest, BlocksShareTheRowsEvenly) {
  for (const Extent rows : {1, 2, 5, 14, 15, 16, 29, 43}) {
    constexpr Extent depth = 11;
    test::TestMatrix x(rows, depth, 1);
    std::vector<float> packed(static_cast<std::size_t>(rows * depth), 5.0F);
    const Extent blocks = (rows + f32().tile_rows - 1) / f32().tile_rows;
    // One block at a time: each knows its own place.
    for (Extent b = blocks - 1; b >= 0; --b) {
      f32().pack_rows({x.view().data, x.view().stride, rows, depth, b, b + 1,
                       reinterpret_cast<std::byte*>(packed.data())});
    }
    Extent begin = 0;
    for (Extent b = 0; b < blocks; ++b) {
      const Extent count = rows / blocks + (b < rows % blocks ? 1 : 0);
      ASSERT_LE(count, f32().tile_rows);
      for (Extent k = 0; k < depth; ++k) {
        for (Extent i = 0; i < count; ++i) {
          ASSERT_EQ(packed[static_cast<std::size_t>(begin * depth + k * count + i)],
                    x.view()(begin + i, k));
        }
      }
      begin += count;
    }
  }
}

ATTEND_TEST_ALL_TABLES(PackTest);

}  // namespace
}  // namespace attend::kernels
