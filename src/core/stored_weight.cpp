// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reading rows of stored weights.
#include "attend/core/stored_weight.h"

#include <algorithm>

namespace attend {
namespace {

// One value after the other: a row of a convolution stays in a cache while it is read.
void read_turned(const StoredWeight& weight, Index row, Index col, std::span<float> out) noexcept {
  const Index inputs = weight.cols() / weight.kernel;
  const std::size_t size = size_of(weight.values.dtype);
  const std::byte* stored =
      weight.values.bytes + static_cast<std::size_t>(row * weight.cols()) * size;
  Index input = col % inputs;
  Index place = col / inputs;
  for (float& value : out) {
    const auto at = static_cast<std::size_t>(input * weight.kernel + place);
    to_float(weight.values.dtype, stored + at * size, {&value, 1});
    if (++input < inputs) continue;
    input = 0;
    ++place;
  }
}

// Values of one column lie side by side.
void read_columns(const StoredWeight& weight, Index row, Index col,
                  MatrixView<float> out) noexcept {
  constexpr Index at_once = 64;
  float values[at_once];
  const std::size_t size = size_of(weight.values.dtype);
  for (Index j = 0; j < out.cols; ++j) {
    for (Index begin = 0; begin < out.rows; begin += at_once) {
      const Index count = std::min(at_once, out.rows - begin);
      const auto at = static_cast<std::size_t>((col + j) * weight.rows() + row + begin);
      to_float(weight.values.dtype, weight.values.bytes + at * size,
               {values, static_cast<std::size_t>(count)});
      for (Index i = 0; i < count; ++i) out(begin + i, j) = values[i];
    }
  }
}

}  // namespace

void StoredWeight::read_rows(Index row, Index col, MatrixView<float> out) const noexcept {
  if (order == StoredOrder::columns) return read_columns(*this, row, col, out);
  for (Index i = 0; i < out.rows; ++i) read(row + i, col, out.row(i));
}

void StoredWeight::read(Index row, Index col, std::span<float> out) const noexcept {
  if (order == StoredOrder::columns) {
    return read_columns(*this, row, col, {out.data(), 1, static_cast<Index>(out.size())});
  }
  if (kernel == 1) {
    const auto offset = static_cast<std::size_t>(row * cols() + col) * size_of(values.dtype);
    to_float(values.dtype, values.bytes + offset, out);
  } else {
    read_turned(*this, row, col, out);
  }
  if (row_scales) {
    float scale = 0;
    to_float(row_scales->dtype,
             row_scales->bytes + static_cast<std::size_t>(row) * size_of(row_scales->dtype),
             {&scale, 1});
    for (float& value : out) value *= scale;
  }
}

StoredWeight StoredWeight::row_range(Index begin, Index count) const {
  const auto slice = [&](const TensorRef& tensor) {
    const Index width = tensor.shape.rank() == 0 || tensor.shape[0] == 0
                            ? 0
                            : tensor.shape.count() / tensor.shape[0];
    const auto bytes = static_cast<std::size_t>(begin * width) * size_of(tensor.dtype);
    return TensorRef{tensor.dtype, tensor.shape.rank() == 1 ? Shape{count} : Shape{count, width},
                     tensor.bytes == nullptr ? nullptr : tensor.bytes + bytes};
  };
  StoredWeight out{slice(values), std::nullopt, kernel};
  if (row_scales) out.row_scales = slice(*row_scales);
  return out;
}

}  // namespace attend
