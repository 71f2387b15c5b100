// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A tensor as PyTorch describes it: an offset into a storage, extents and strides.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "attend/core/dtype.h"
#include "attend/core/shape.h"

namespace attend {

/// Offset and strides count elements. Nothing is known of them before end() was asked.
struct StridedTensor {
  DType dtype = DType::f32;
  Shape shape;
  Index offset = 0;
  std::array<Index, Shape::max_rank> strides{};

  /// The index in the storage behind the last element that is used; the offset when there is none.
  /// Nothing when a number is negative or the sum overflows.
  [[nodiscard]] std::optional<Index> end() const noexcept;
  /// Whether the elements lie one after the other. Strides of extents of one element do not count.
  [[nodiscard]] bool is_contiguous() const noexcept;
  /// Copies the elements in row-major order. Requires that end() lies in the storage, and that
  /// there is room for shape.count() elements.
  void copy_to(std::byte* out, std::span<const std::byte> storage) const noexcept;
};

}  // namespace attend
