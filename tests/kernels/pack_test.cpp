// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The packed layouts, value by value: they are the contract between packing and products.
#include <gtest/gtest.h>

#include "support/kernel_tables.h"

namespace attend::kernels {
namespace {

class PackTest : public test::KernelTableTest {};

TEST_P(PackTest, PanelsAreKMajorAndPaddedWithZeros) {
  for (const Extent rows : {1, 3, 4, 7, 31, 32}) {
    for (const Extent depth : {1, 3, 4, 9, 40}) {
      test::TestMatrix x(rows, depth, 2);
      std::vector<float> panel(static_cast<std::size_t>(depth * panel_columns), 5.0F);
      table().pack_panel({x.view().data, x.view().stride, rows, depth, panel.data()});
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

TEST_P(PackTest, BlocksShareTheRowsEvenly) {
  for (const Extent rows : {1, 2, 5, 14, 15, 16, 29, 43}) {
    constexpr Extent depth = 11;
    test::TestMatrix x(rows, depth, 1);
    std::vector<float> packed(static_cast<std::size_t>(rows * depth), 5.0F);
    const Extent blocks = (rows + table().tile_rows - 1) / table().tile_rows;
    // One block at a time: each knows its own place.
    for (Extent b = blocks - 1; b >= 0; --b) {
      table().pack_rows({x.view().data, x.view().stride, rows, depth, b, b + 1, packed.data()});
    }
    Extent begin = 0;
    for (Extent b = 0; b < blocks; ++b) {
      const Extent count = rows / blocks + (b < rows % blocks ? 1 : 0);
      ASSERT_LE(count, table().tile_rows);
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
