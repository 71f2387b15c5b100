// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Allocation of tensors.
#include "attend/core/tensor.h"

#include <cstring>
#include <limits>
#include <new>
#include <string>

#include "attend/core/error.h"

namespace attend {

Tensor::Tensor(DType dtype, Shape shape) : dtype_(dtype), shape_(shape) {
  const auto bytes = checked_product(shape.count(), static_cast<Index>(size_of(dtype)));
  void* memory = nullptr;
  if (bytes && *bytes < std::numeric_limits<Index>::max() - static_cast<Index>(alignment)) {
    memory =
        ::operator new (static_cast<std::size_t>(*bytes) + alignment,  // room to read past rows
                        std::align_val_t{alignment}, std::nothrow);
  }
  if (memory == nullptr) {
    fail(ErrorKind::resource_limit,
         {.where = "Tensor",
          .what = "memory for a tensor of shape " + shape.to_string() + " and type " +
                  std::string(name(dtype)),
          .hint = "use a smaller model or a smaller batch, or free memory"});
  }
  bytes_.reset(static_cast<std::byte*>(memory));
  std::memset(memory, 0, static_cast<std::size_t>(*bytes) + alignment);
}

Tensor Tensor::clone() const {
  if (bytes_ == nullptr) return {};
  Tensor copy(dtype_, shape_);
  std::memcpy(copy.bytes(), bytes(), ref().size_bytes());
  return copy;
}

}  // namespace attend
