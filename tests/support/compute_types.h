// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What each compute type makes of values, written down plainly: the oracle of packing and products.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <ostream>
#include <span>
#include <vector>

#include "attend/core/matrix.h"
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

/// What the values of integers are.
inline void append_values(const Int8Row& row, std::vector<double>& out) {
  for (const int value : row.values) out.push_back(value * double{row.scale});
}

/// A row of activations, rounded as the type does it.
inline std::vector<double> rounded_row(ComputeType type, std::span<const float> x) {
  std::vector<double> out;
  switch (type) {
    case ComputeType::f32: out.assign(x.begin(), x.end()); break;
    case ComputeType::bf16:
      for (const float value : x) out.push_back(to_bf16(value));
      break;
    case ComputeType::int8: append_values(to_row(x, 0), out); break;
    case ComputeType::int4: append_values(to_row(x, -128), out); break;
  }
  return out;
}

/// A row of weights, rounded as the type does it.
inline std::vector<double> rounded_weight(ComputeType type, std::span<const float> w) {
  std::vector<double> out;
  switch (type) {
    case ComputeType::f32: out.assign(w.begin(), w.end()); break;
    case ComputeType::bf16:
      for (const float value : w) out.push_back(to_bf16(value));
      break;
    case ComputeType::int8: append_values(to_int8(w), out); break;
    case ComputeType::int4:
      for (std::size_t k = 0; k < w.size(); k += 32) {
        append_values(to_int4(w.subspan(k, std::min<std::size_t>(32, w.size() - k))), out);
      }
      break;
  }
  return out;
}

/// All rows of a product x W^T, each rounded once. Shapes: x [t, in], w [out, in].
inline std::vector<std::vector<double>> rounded_products(ComputeType type,
                                                         MatrixView<const float> x,
                                                         MatrixView<const float> w) {
  std::vector<std::vector<double>> weights;
  for (Index j = 0; j < w.rows; ++j) weights.push_back(rounded_weight(type, w.row(j)));
  std::vector<std::vector<double>> out;
  for (Index i = 0; i < x.rows; ++i) {
    const std::vector<double> row = rounded_row(type, x.row(i));
    auto& sums = out.emplace_back();
    for (const auto& weight : weights) {
      sums.push_back(std::inner_product(row.begin(), row.end(), weight.begin(), 0.0));
    }
  }
  return out;
}

}  // namespace attend::test
