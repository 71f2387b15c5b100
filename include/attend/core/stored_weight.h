// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A weight as it lies in a checkpoint: values of any type, perhaps with one scale a row.
// Layers widen rows on the way into their own layout, so nothing is converted twice.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/tensor.h"

namespace attend {

/// Whether a matrix lies row by row, or column by column: what a Linear has as [out, in], a Conv1D
/// of GPT-2 has as [in, out].
enum class StoredOrder : std::uint8_t { rows, columns };

/// A stored matrix [rows, cols] or vector [rows] (cols = 1).
struct StoredWeight {
  TensorRef values;
  /// Quantised storage: value = stored value * scale of its row.
  std::optional<TensorRef> row_scales = {};
  /// Rows are stored [cols / kernel, kernel] and read as if they were [kernel, cols / kernel]:
  /// convolutions, whose products have the inputs of one neighbour side by side.
  Index kernel = 1;
  StoredOrder order = StoredOrder::rows;  ///< by columns there are no scales, and no kernel

  [[nodiscard]] Index rows() const noexcept {
    if (values.shape.rank() == 0) return 1;
    return values.shape[order == StoredOrder::rows ? 0 : 1];
  }
  [[nodiscard]] Index cols() const noexcept {
    return rows() == 0 ? 0 : values.shape.count() / rows();
  }

  /// Widens `out.size()` values of row `row`, beginning at column `col`, to float.
  /// Requires: row < rows(), col + out.size() <= cols().
  ATTEND_EXPORT void read(Index row, Index col, std::span<float> out) const noexcept;
  /// The same of neighbouring rows. Shapes: out [count, values].
  ATTEND_EXPORT void read_rows(Index row, Index col, MatrixView<float> out) const noexcept;

  /// The rows [begin, begin + count) as a weight of their own; needs no copy.
  /// Requires: StoredOrder::rows.
  [[nodiscard]] ATTEND_EXPORT StoredWeight row_range(Index begin, Index count) const;
};

}  // namespace attend
