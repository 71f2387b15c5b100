// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tensor owns 64-byte-aligned bytes; TensorRef is dtype, shape and bytes without ownership.
// Owning Eigen objects never cross the library's boundary: their alignment depends on flags.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "attend/core/dtype.h"
#include "attend/core/export.h"
#include "attend/core/shape.h"

namespace attend {

/// A view of stored elements, in row-major order. The bytes may have any alignment.
struct TensorRef {
  DType dtype = DType::f32;
  Shape shape;
  const std::byte* bytes = nullptr;

  /// Bytes of all elements.
  [[nodiscard]] std::size_t size_bytes() const noexcept {
    return static_cast<std::size_t>(shape.count()) * size_of(dtype);
  }
};

/// What the elements of a new tensor are: zero, or whatever the memory held.
enum class Fill { zero, none };

/// Elements that the library owns: 64-byte aligned, move-only; copies are spelled clone().
class ATTEND_EXPORT Tensor {
 public:
  static constexpr std::size_t alignment = 64;  // one cache line, one AVX-512 register

  Tensor() = default;
  /// Throws: resource_limit when the memory cannot be had.
  Tensor(DType dtype, Shape shape, Fill fill = Fill::zero);

  [[nodiscard]] DType dtype() const noexcept { return dtype_; }
  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }
  [[nodiscard]] std::byte* bytes() noexcept { return bytes_.get(); }
  [[nodiscard]] const std::byte* bytes() const noexcept { return bytes_.get(); }
  [[nodiscard]] TensorRef ref() const noexcept { return {dtype_, shape_, bytes_.get()}; }

  /// The elements as T; requires that T is the type of dtype().
  template <class T>
  [[nodiscard]] std::span<T> values() noexcept {
    return {reinterpret_cast<T*>(bytes_.get()), static_cast<std::size_t>(shape_.count())};
  }
  template <class T>
  [[nodiscard]] std::span<const T> values() const noexcept {
    return {reinterpret_cast<const T*>(bytes_.get()), static_cast<std::size_t>(shape_.count())};
  }

  [[nodiscard]] Tensor clone() const;

 private:
  class ATTEND_EXPORT Release {
   public:
    Release() noexcept : mapped_(0) {}
    explicit Release(std::size_t mapped) noexcept : mapped_(mapped) {}
    void operator()(std::byte* bytes) const noexcept;

   private:
    std::size_t mapped_;  // bytes of a map of their own, or 0
  };
  using Memory = std::unique_ptr<std::byte, Release>;

  static Memory allocate(std::size_t bytes, Fill fill) noexcept;  // null when there is none

  DType dtype_ = DType::f32;
  Shape shape_{0};
  Memory bytes_;
};

}  // namespace attend
