// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// unfold by hand, against the convolution that it serves, with holes and in many chunks.
#include "attend/ops/unfold.h"

#include <gtest/gtest.h>

#include <cstring>

#include "attend/core/error.h"
#include "support/kernel_tables.h"

namespace attend {
namespace {

using test::TestMatrix;

class Unfold : public testing::Test {
 protected:
  std::vector<float> unfolded(std::vector<std::int32_t> columns, Index width) {
    const std::vector<float> x = {1, 2, 3, 4, 5, 6,  // three rows
                                  7, 8};             // one row
    const Index starts[] = {0, 3, 3, 4};
    std::vector<float> y(static_cast<std::size_t>(8 * width), -1);
    ops::unfold({{x.data(), 4, 2}, starts, columns}, width, {y.data(), 4, 2 * width}, workspace);
    return y;
  }

  ThreadPool pool{2};
  Workspace workspace{pool};
};

TEST_F(Unfold, TakesNeighboursAndZerosBeyondTheEnds) {
  using Values = std::vector<float>;
  EXPECT_EQ(unfolded({}, 1), (Values{1, 2, 3, 4, 5, 6, 7, 8}));
  const Values three = {0, 0, 1, 2, 3, 4,  //
                        1, 2, 3, 4, 5, 6,  //
                        3, 4, 5, 6, 0, 0,  //
                        0, 0, 7, 8, 0, 0};
  EXPECT_EQ(unfolded({}, 3), three);
  EXPECT_EQ(unfolded({0, 1, 2, 0}, 3), three);
  EXPECT_EQ(unfolded({5, 6, 7, 9}, 3), three);
}

TEST_F(Unfold, NeighboursAreThoseByColumn) {
  EXPECT_EQ(unfolded({0, 2, 3, 1}, 3), (std::vector<float>{0, 0, 1, 2, 0, 0,  //
                                                           0, 0, 3, 4, 5, 6,  //
                                                           3, 4, 5, 6, 0, 0,  //
                                                           0, 0, 7, 8, 0, 0}));
  EXPECT_EQ(unfolded({0, 2, 4, 1}, 5), (std::vector<float>{0, 0, 0, 0, 1, 2, 0, 0, 3, 4,  //
                                                           1, 2, 0, 0, 3, 4, 0, 0, 5, 6,  //
                                                           3, 4, 0, 0, 5, 6, 0, 0, 0, 0,  //
                                                           0, 0, 0, 0, 7, 8, 0, 0, 0, 0}));
}

// The convolution over the padded input, masked rows being zeros, one output at a time.
TEST_F(Unfold, ServesConvolutions) {
  constexpr Index m = 37;
  constexpr Index width = 5;
  const std::vector<Index> starts = {0, 1, 250, 400};
  std::vector<std::int32_t> columns;
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    for (Index row = starts[i]; row < starts[i + 1]; ++row) {
      const Index before = row - starts[i];
      columns.push_back(static_cast<std::int32_t>(before + before / 3));
    }
  }
  TestMatrix x(400, m, 3, 2);
  const auto weight = test::random_values(m * width, 3);  // of one output: [m, width]
  for (const int threads : {1, 3}) {
    ThreadPool some(threads);
    Workspace own(some);
    TestMatrix y(400, width * m, 2);
    ops::unfold({x.view(), starts, columns}, width, y.view(), own);
    ASSERT_TRUE(y.gaps_intact());
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
      const auto column = [&](Index row) { return columns[static_cast<std::size_t>(row)]; };
      std::vector<std::vector<double>> padded(
          static_cast<std::size_t>(column(starts[i + 1] - 1) + width), std::vector<double>(m));
      for (Index row = starts[i]; row < starts[i + 1]; ++row) {
        auto& to = padded[static_cast<std::size_t>(column(row) + width / 2)];
        std::copy(x.view().row(row).begin(), x.view().row(row).end(), to.begin());
      }
      for (Index row = starts[i]; row < starts[i + 1]; ++row) {
        double expected = 0;
        double found = 0;
        for (Index k = 0; k < width; ++k) {
          for (Index j = 0; j < m; ++j) {
            const double w = weight[static_cast<std::size_t>(j * width + k)];
            expected +=
                w * padded[static_cast<std::size_t>(column(row) + k)][static_cast<std::size_t>(j)];
            found += w * double{y.view()(row, k * m + j)};
          }
        }
        ASSERT_EQ(found, expected) << row;
      }
    }
  }
}

TEST_F(Unfold, ChecksShapes) {
  TestMatrix x(4, 2);
  TestMatrix y(4, 6);
  const auto call = [&](std::vector<Index> starts, std::vector<std::int32_t> columns, Index width,
                        MatrixView<float> out) {
    ops::unfold({x.view(), starts, columns}, width, out, workspace);
  };
  call({0, 4}, {}, 3, y.view());
  EXPECT_THROW(call({0, 4}, {}, 2, y.view().col_range(0, 4)), Error);
  EXPECT_THROW(call({0, 4}, {}, 0, y.view().col_range(0, 0)), Error);
  EXPECT_THROW(call({0, 4}, {}, 1, y.view()), Error);
  EXPECT_THROW(call({0, 4}, {}, 3, y.view().row_range(0, 3)), Error);
  EXPECT_THROW(call({0, 3}, {}, 3, y.view()), Error);
  EXPECT_THROW(call({1, 4}, {}, 3, y.view()), Error);
  EXPECT_THROW(call({0, 3, 2, 4}, {}, 3, y.view()), Error);
  EXPECT_THROW(call({}, {}, 3, y.view()), Error);
  EXPECT_THROW(call({0, 4}, {0, 1, 2}, 3, y.view()), Error);
  EXPECT_THROW(call({0, 4}, {0, 1, 1, 2}, 3, y.view()), Error);
}

}  // namespace
}  // namespace attend
