// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What each compute type makes of values, written down plainly: the oracle of packing and products.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <span>
#include <vector>

#include "attend/ops/compute_type.h"

namespace attend {

/// How GoogleTest prints it.
inline void PrintTo(ComputeType type, std::ostream* out) { *out << name(type); }

}  // namespace attend

namespace attend::test {

/// The nearest bfloat16, ties to even.
inline float to_bf16(float x) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &x, sizeof bits);
  const std::uint32_t low = bits & 0xFFFFU;
  bits &= 0xFFFF0000U;
  if (low > 0x8000U || (low == 0x8000U && (bits >> 16U & 1U) != 0)) bits += 0x10000U;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

/// Integers and what one of them is worth.
struct Int8Row {
  std::vector<int> values;
  float scale = 0;
};

/// The largest magnitude becomes 127.
inline Int8Row to_int8(std::span<const float> row) {
  float largest = 0;
  for (const float x : row) largest = std::max(largest, std::abs(x));
  Int8Row out{{}, largest / 127.0F};
  const float inverse = out.scale == 0 ? 0.0F : 1.0F / out.scale;
  for (const float x : row) out.values.push_back(static_cast<int>(std::nearbyint(x * inverse)));
  return out;
}

/// A row of activations: from its least value, or 0, to its largest, or 0, in 254 steps. Integers
/// count from the zero; `lowest` is the one that is stored for the least value.
inline Int8Row to_row(std::span<const float> row, float lowest) {
  float least = 0;
  float largest = 0;
  for (const float x : row) {
    least = std::min(least, x);
    largest = std::max(largest, x);
  }
  Int8Row out{{}, (largest - least) / 254.0F};
  const float inverse = out.scale == 0 ? 0.0F : 1.0F / out.scale;
  const float zero = std::nearbyint(-least * inverse) + lowest;
  for (const float x : row) {
    out.values.push_back(static_cast<int>(std::nearbyint(x * inverse + zero) - zero));
  }
  return out;
}

/// The integers of a group of 32 or fewer, -8 ... 7, and their scale: what is furthest from 0
/// becomes -8.
inline Int8Row to_int4(std::span<const float> group) {
  float furthest = 0;
  for (const float x : group) {
    if (std::abs(x) > std::abs(furthest)) furthest = x;
  }
  Int8Row out{{}, to_bf16(furthest / -8)};
  const float inverse = out.scale == 0 ? 0.0F : 1.0F / out.scale;
  for (const float x : group) {
    out.values.push_back(std::clamp(static_cast<int>(std::floor(x * inverse + 8.5F)), 0, 15) - 8);
  }
  return out;
}

/// x . w, both rounded as the type does it.
inline double rounded_product(ComputeType type, std::span<const float> x,
                              std::span<const float> w) {
  double sum = 0;
  switch (type) {
    case ComputeType::f32:
      for (std::size_t k = 0; k < x.size(); ++k) sum += double{x[k]} * double{w[k]};
      return sum;
    case ComputeType::bf16:
      for (std::size_t k = 0; k < x.size(); ++k)
        sum += double{to_bf16(x[k])} * double{to_bf16(w[k])};
      return sum;
    case ComputeType::int8: {
      const Int8Row a = to_row(x, 0);
      const Int8Row b = to_int8(w);
      for (std::size_t k = 0; k < x.size(); ++k) sum += a.values[k] * b.values[k];
      return sum * double{a.scale} * double{b.scale};
    }
    case ComputeType::int4: {
      const Int8Row a = to_row(x, -128);
      for (std::size_t k = 0; k < x.size(); k += 32) {
        const Int8Row b = to_int4(w.subspan(k, std::min<std::size_t>(32, x.size() - k)));
        double group = 0;
        for (std::size_t i = 0; i < b.values.size(); ++i) group += a.values[k + i] * b.values[i];
        sum += group * double{b.scale};
      }
      return sum * double{a.scale};
    }
  }
  return sum;
}

}  // namespace attend::test
