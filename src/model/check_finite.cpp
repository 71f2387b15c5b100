// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tensors block by block, so that nothing large is widened.
#include "model/check_finite.h"

#include <algorithm>
#include <array>
#include <span>

#include "attend/core/error.h"
#include "attend/ops/select.h"
#include "checkpoint/tensor_name.h"

namespace attend {

bool is_finite(const TensorRef& tensor) {
  switch (tensor.dtype) {
    case DType::f64:
    case DType::f32:
    case DType::f16:
    case DType::bf16: break;
    case DType::i64:
    case DType::i32:
    case DType::i16:
    case DType::i8:
    case DType::u8:
    case DType::boolean: return true;
  }
  std::array<float, 4096> block{};  // as the model will see them: a large f64 is infinite
  const auto count = static_cast<std::size_t>(tensor.shape.count());
  for (std::size_t at = 0; at < count; at += block.size()) {
    const auto values = std::span(block).first(std::min(block.size(), count - at));
    to_float(tensor.dtype, tensor.bytes + at * size_of(tensor.dtype), values);
    if (!ops::all_finite(values)) return false;
  }
  return true;
}

void check_finite(const Checkpoint& checkpoint) {
  for (const std::string_view name : checkpoint.names()) {
    const auto entry = checkpoint.find(name);
    const TensorRef& tensor = entry->tensor;
    const bool finite = is_finite(tensor);
    checkpoint.release({tensor.bytes, tensor.size_bytes()});
    if (finite) continue;
    fail(ErrorKind::weight_value, {.where = "load_model",
                                   .what = tensor_called(name),
                                   .expected = "finite values",
                                   .found = "a NaN or an infinity",
                                   .file = entry->file});
  }
}

}  // namespace attend
