// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic of strides, checked, and the copy that removes them.
#include "checkpoint/strided_tensor.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace attend {

std::optional<Index> StridedTensor::end() const noexcept {
  if (offset < 0) return std::nullopt;
  Index last = offset;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    // A tensor without elements uses none, but its numbers must be sound, too.
    const auto step = checked_product(std::max<Index>(shape[i] - 1, 0), strides[i]);
    if (!step || *step > std::numeric_limits<Index>::max() - 1 - last) return std::nullopt;
    last += *step;
  }
  return shape.count() == 0 ? offset : last + 1;
}

bool StridedTensor::is_contiguous() const noexcept {
  if (shape.count() == 0) return true;
  Index expected = 1;
  for (std::size_t i = shape.rank(); i-- > 0;) {
    if (shape[i] == 1) continue;
    if (strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

void StridedTensor::copy_to(std::byte* out, std::span<const std::byte> storage) const noexcept {
  const std::size_t size = size_of(dtype);
  std::array<Index, Shape::max_rank> extents{1, 1, 1, 1};  // outer ones that are not there are one
  std::array<Index, Shape::max_rank> steps{};
  const std::size_t missing = Shape::max_rank - shape.rank();
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    extents[missing + i] = shape[i];
    steps[missing + i] = strides[i];
  }
  for (Index a = 0; a < extents[0]; ++a) {
    for (Index b = 0; b < extents[1]; ++b) {
      for (Index c = 0; c < extents[2]; ++c) {
        const Index row = offset + a * steps[0] + b * steps[1] + c * steps[2];
        for (Index d = 0; d < extents[3]; ++d, out += size) {
          const auto at = static_cast<std::size_t>(row + d * steps[3]) * size;
          std::memcpy(out, storage.data() + at, size);
        }
      }
    }
  }
}

}  // namespace attend
