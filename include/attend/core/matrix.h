// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// MatrixView: pointer, rows, columns, row stride. What std::span is to vectors.
// Row-major everywhere; a row is a token, a column a feature.
//
// Shape letters, used in the comments of every function on views:
//   n sequences   t tokens (packed rows)   s keys          h heads     d head size
//   m model width f feed-forward width     v vocabulary    c classes
#pragma once

#include <concepts>
#include <span>
#include <type_traits>

#include "attend/core/shape.h"

namespace attend {

/// A view of a row-major matrix. Trivially copyable, 32 bytes, the same under all compiler flags.
template <class T>
struct MatrixView {
  T* data = nullptr;
  Index rows = 0;
  Index cols = 0;
  Index stride = 0;  ///< elements from one row to the next, >= cols

  constexpr MatrixView() = default;
  constexpr MatrixView(T* data_, Index rows_, Index cols_) noexcept
      : MatrixView(data_, rows_, cols_, cols_) {}
  constexpr MatrixView(T* data_, Index rows_, Index cols_, Index stride_) noexcept
      : data(data_), rows(rows_), cols(cols_), stride(stride_) {}

  /// A view of mutable elements converts to one of const elements.
  template <class U>
    requires(std::same_as<T, const U>)
  constexpr MatrixView(const MatrixView<U>& other) noexcept  // NOLINT(google-explicit-constructor)
      : MatrixView(other.data, other.rows, other.cols, other.stride) {}

  [[nodiscard]] constexpr std::span<T> row(Index i) const noexcept {
    return {data + i * stride, static_cast<std::size_t>(cols)};
  }
  [[nodiscard]] constexpr MatrixView row_range(Index begin, Index count) const noexcept {
    return {data + begin * stride, count, cols, stride};
  }
  [[nodiscard]] constexpr MatrixView col_range(Index begin, Index count) const noexcept {
    return {data + begin, rows, count, stride};
  }
  [[nodiscard]] constexpr T& operator()(Index i, Index j) const noexcept {
    return data[i * stride + j];
  }
};

static_assert(sizeof(MatrixView<float>) == 32 && std::is_trivially_copyable_v<MatrixView<float>>);

}  // namespace attend
