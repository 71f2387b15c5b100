// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rounding of the lower half of a float's bits.
#include "attend/core/bfloat16.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace attend {

float rounded_to_bf16(float value) noexcept {
  if (std::isnan(value)) return value;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t last = bits >> 16U & 1U;
  return std::bit_cast<float>((bits + 0x7FFFU + last) & 0xFFFF0000U);
}

}  // namespace attend
