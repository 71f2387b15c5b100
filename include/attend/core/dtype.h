// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Element types of stored tensors: size, name, and widening to float.
// Activations are always float; only weights and token ids carry a DType.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "attend/core/export.h"

namespace attend {

/// Element type of a Tensor or TensorRef.
enum class DType : std::uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

/// Bytes of one element.
[[nodiscard]] ATTEND_EXPORT std::size_t size_of(DType dtype) noexcept;

/// The name that safetensors uses: "F32", "BF16", "BOOL" ...
[[nodiscard]] ATTEND_EXPORT std::string_view name(DType dtype) noexcept;

/// IEEE binary16 to float, exact.
[[nodiscard]] ATTEND_EXPORT float f16_to_float(std::uint16_t bits) noexcept;

/// bfloat16 to float, exact.
[[nodiscard]] ATTEND_EXPORT float bf16_to_float(std::uint16_t bits) noexcept;

/// Widens `out.size()` elements at `bytes` (any alignment) to float. Integers and f64 are rounded
/// to nearest.
ATTEND_EXPORT void to_float(DType dtype, const std::byte* bytes, std::span<float> out) noexcept;

/// Reads `out.size()` integer elements at `bytes` (any alignment). Requires an integer dtype or
/// boolean; other types give 0.
ATTEND_EXPORT void to_int64(DType dtype, const std::byte* bytes,
                            std::span<std::int64_t> out) noexcept;

}  // namespace attend
