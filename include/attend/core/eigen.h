// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Opt-in bridge to Eigen: the only public header that includes it.
// Maps are unaligned on purpose, so that any view and any compiler flags fit.
#pragma once

#include <Eigen/Core>
#include <type_traits>

#include "attend/core/matrix.h"

namespace attend {

template <class T>
using EigenMatrix =
    Eigen::Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T>
using EigenMap =
    Eigen::Map<std::conditional_t<std::is_const_v<T>, const EigenMatrix<T>, EigenMatrix<T>>,
               Eigen::Unaligned, Eigen::OuterStride<>>;

/// A view as an Eigen map over the same elements.
template <class T>
[[nodiscard]] EigenMap<T> eigen(MatrixView<T> view) {
  return {view.data, view.rows, view.cols, Eigen::OuterStride<>(view.stride)};
}

/// A row-major Eigen matrix as a view; the matrix must outlive it.
template <class Scalar>
[[nodiscard]] MatrixView<Scalar> view(
    Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}
template <class Scalar>
[[nodiscard]] MatrixView<const Scalar> view(
    const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

}  // namespace attend
