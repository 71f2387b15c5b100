// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Checked construction and printing of shapes.
#include "attend/core/shape.h"

#include <algorithm>
#include <limits>

#include "attend/core/error.h"

namespace attend {

std::optional<Index> checked_product(Index a, Index b) noexcept {
  if (a < 0 || b < 0) return std::nullopt;
  if (a != 0 && b > std::numeric_limits<Index>::max() / a) return std::nullopt;
  return a * b;
}

Shape::Shape(std::initializer_list<Index> extents)
    : Shape(std::span<const Index>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const Index> extents) : rank_(extents.size()) {
  if (rank_ > max_rank) {
    fail(ErrorKind::invalid_format, {.where = "Shape",
                                     .what = "rank of a tensor",
                                     .expected = "at most " + std::to_string(max_rank),
                                     .found = std::to_string(rank_)});
  }
  // Zero extents are legal in any place, so the product is taken over all of them before it can
  // hide an overflow of the others.
  for (std::size_t i = 0; i < rank_; ++i) {
    const auto product = checked_product(count_, std::max<Index>(extents[i], 1));
    if (extents[i] < 0 || !product) {
      fail(ErrorKind::invalid_format, {.where = "Shape",
                                       .what = "extent " + std::to_string(i) + " of a tensor",
                                       .expected = "extents >= 0 whose product fits 63 bits",
                                       .found = std::to_string(extents[i])});
    }
    extents_[i] = extents[i];
    count_ = *product;
  }
  if (std::find(extents.begin(), extents.end(), 0) != extents.end()) count_ = 0;
}

std::string Shape::to_string() const {
  std::string out = "[";
  for (std::size_t i = 0; i < rank_; ++i) {
    if (i != 0) out += ", ";
    out += std::to_string(extents_[i]);
  }
  return out + "]";
}

}  // namespace attend
