// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tests that run once for every kernel table that this CPU can run, and their random matrices.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "attend/core/matrix.h"
#include "kernels/registry.h"

namespace attend::kernels {

/// How GoogleTest prints the parameter.
inline void PrintTo(const KernelTable* table, std::ostream* out) { *out << table->name; }

}  // namespace attend::kernels

namespace attend::test {

inline std::vector<const kernels::KernelTable*> usable_tables() {
  std::vector<const kernels::KernelTable*> tables;
  for (const auto* table : kernels::compiled_tables()) {
    if (kernels::usable(*table)) tables.push_back(table);
  }
  return tables;
}

/// A test of the operations under one table.
class KernelTableTest : public testing::TestWithParam<const kernels::KernelTable*> {
 protected:
  [[nodiscard]] const kernels::KernelTable& table() const { return *GetParam(); }

 private:
  kernels::ForcedTable forced_{*GetParam()};
};

inline std::string table_name(const testing::TestParamInfo<const kernels::KernelTable*>& info) {
  return info.param->name;
}

#define ATTEND_TEST_ALL_TABLES(suite)                                                       \
  INSTANTIATE_TEST_SUITE_P(Tables, suite, testing::ValuesIn(attend::test::usable_tables()), \
                           attend::test::table_name)

/// Numbers that look random and are the same everywhere, in [-1, 1).
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed * 2654435761U + 1) {}
  float operator()() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<float>(static_cast<std::int64_t>(state_) >> 40U) / 8388608.0F;
  }

 private:
  std::uint64_t state_;
};

inline std::vector<float> random_values(Index count, std::uint64_t seed) {
  std::vector<float> values(static_cast<std::size_t>(count));
  std::generate(values.begin(), values.end(), Numbers(seed));
  return values;
}

/// A matrix with a stride of its own, filled with random values; the gaps hold 1e30, which no
/// result may show, and must keep it.
class TestMatrix {
 public:
  TestMatrix(Index rows, Index cols, Index gap = 0, std::uint64_t seed = 1)
      : rows_(rows),
        cols_(cols),
        stride_(cols + gap),
        // One value in front: rows are not aligned to anything.
        values_(static_cast<std::size_t>(rows * (cols + gap) + 1), gap_value) {
    Numbers numbers(seed);
    for (Index i = 0; i < rows; ++i) {
      for (float& value : view().row(i)) value = numbers();
    }
  }

  [[nodiscard]] MatrixView<float> view() { return {values_.data() + 1, rows_, cols_, stride_}; }
  [[nodiscard]] bool gaps_intact() {
    for (Index i = 0; i < rows_; ++i) {
      for (Index j = cols_; j < stride_; ++j) {
        if (view().data[i * stride_ + j] != gap_value) return false;
      }
    }
    return true;
  }

 private:
  static constexpr float gap_value = 1e30F;
  Index rows_;
  Index cols_;
  Index stride_;
  std::vector<float> values_;
};

}  // namespace attend::test
