// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Extents of a tensor: up to four, with a checked element count and a printed form.
// Every count that comes from a file passes through the checked arithmetic here.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

#include "attend/core/export.h"

namespace attend {

/// Extents, counts and offsets.
using Index = std::ptrdiff_t;

/// a * b, or nothing when it overflows or an operand is negative.
[[nodiscard]] ATTEND_EXPORT std::optional<Index> checked_product(Index a, Index b) noexcept;

/// Up to four extents; rank 0 is a scalar.
class ATTEND_EXPORT Shape {
 public:
  static constexpr std::size_t max_rank = 4;

  Shape() = default;
  /// Throws: invalid_format on more than four extents, a negative one, or an element count beyond
  /// Index.
  Shape(std::initializer_list<Index> extents);
  explicit Shape(std::span<const Index> extents);

  [[nodiscard]] std::size_t rank() const noexcept { return rank_; }
  [[nodiscard]] Index operator[](std::size_t i) const noexcept { return extents_[i]; }
  [[nodiscard]] std::span<const Index> extents() const noexcept { return {extents_.data(), rank_}; }

  /// Number of elements; 1 for a scalar. Never overflows: the constructor checked.
  [[nodiscard]] Index count() const noexcept { return count_; }

  /// "[768, 3072]".
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Shape& a, const Shape& b) noexcept = default;

 private:
  std::array<Index, max_rank> extents_{};
  std::size_t rank_ = 0;
  Index count_ = 1;
};

}  // namespace attend
