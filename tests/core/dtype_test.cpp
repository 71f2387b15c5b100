// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Widening: every f16 value against an independent definition, and unaligned bytes.
#include "attend/core/dtype.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "attend/core/bfloat16.h"

#if defined(__SSE__)
#include <immintrin.h>
#endif

namespace attend {
namespace {

// By the definition of IEEE 754, not by bits.
float widen(int exponent_bits, int mantissa_bits, std::uint16_t bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int mantissa = bits & ((1 << mantissa_bits) - 1);
  const int exponent = (bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1) {
    return mantissa != 0 ? std::nanf("") : static_cast<float>(sign) * INFINITY;
  }
  const double fraction = exponent == 0 ? mantissa : mantissa + (1 << mantissa_bits);
  return static_cast<float>(sign *
                            std::ldexp(fraction, std::max(exponent, 1) - bias - mantissa_bits));
}

void expect_same(float expected, float found, int bits) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(found)) << bits;
  } else {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(expected), std::bit_cast<std::uint32_t>(found)) << bits;
  }
}

TEST(DType, WidensEveryF16) {
  for (int bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    expect_same(widen(5, 10, half), f16_to_float(half), bits);
  }
}

TEST(DType, WidensEveryBf16) {
  for (int bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    expect_same(widen(8, 7, half), bf16_to_float(half), bits);
  }
}

// Every bfloat16 stays; between two of them the nearer one is taken, the even one half way.
TEST(DType, RoundsToTheNearestBf16) {
  for (std::uint32_t bits = 0; bits < 0x7F80; ++bits) {
    const auto below = bf16_to_float(static_cast<std::uint16_t>(bits));
    const auto above = bf16_to_float(static_cast<std::uint16_t>(bits + 1));
    const auto between = [&](std::uint32_t low) {
      return rounded_to_bf16(std::bit_cast<float>(bits << 16U | low));
    };
    ASSERT_EQ(rounded_to_bf16(below), below) << bits;
    ASSERT_EQ(rounded_to_bf16(-below), -below) << bits;
    ASSERT_EQ(between(0x7FFF), below) << bits;
    ASSERT_EQ(between(0x8000), bits % 2 == 0 ? below : above) << bits;
    ASSERT_EQ(between(0x8001), above) << bits;
  }
  EXPECT_TRUE(std::isnan(rounded_to_bf16(std::numeric_limits<float>::quiet_NaN())));
}

#if defined(__SSE__)
TEST(DType, WidensSubnormalsInProgramsThatFlushThem) {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040U);  // flush to zero, denormals are zero
  const float least = f16_to_float(1);
  _mm_setcsr(before);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(least), 0x33800000U);  // 2^-24
}
#endif

template <class T>
void expect_widened(DType dtype, const std::vector<T>& values) {
  // One byte in front, so that nothing is aligned.
  std::vector<std::byte> bytes(1 + values.size() * sizeof(T));
  std::memcpy(bytes.data() + 1, values.data(), values.size() * sizeof(T));
  std::vector<float> floats(values.size());
  to_float(dtype, bytes.data() + 1, floats);
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(floats[i], static_cast<float>(values[i]));
  EXPECT_EQ(size_of(dtype), sizeof(T));
  if constexpr (std::is_integral_v<T>) {
    std::vector<std::int64_t> integers(values.size());
    to_int64(dtype, bytes.data() + 1, integers);
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(integers[i], values[i]);
  }
}

TEST(DType, WidensUnalignedValuesOfEveryType) {
  expect_widened<float>(DType::f32, {0.1F, -3e38F, 1e-45F});
  expect_widened<double>(DType::f64, {0.1, -1e300, 1e-300});
  expect_widened<std::int64_t>(DType::i64, {INT64_MIN, -1, INT64_MAX});
  expect_widened<std::int32_t>(DType::i32, {INT32_MIN, -1, INT32_MAX});
  expect_widened<std::int16_t>(DType::i16, {INT16_MIN, -1, INT16_MAX});
  expect_widened<std::int8_t>(DType::i8, {-128, -1, 127});
  expect_widened<std::uint8_t>(DType::u8, {0, 1, 255});
  expect_widened<std::uint8_t>(DType::boolean, {0, 1});
}

TEST(DType, NamesAreThoseOfSafetensors) {
  EXPECT_EQ(name(DType::f32), "F32");
  EXPECT_EQ(name(DType::bf16), "BF16");
  EXPECT_EQ(name(DType::boolean), "BOOL");
  EXPECT_EQ(size_of(DType::f16), 2U);
  EXPECT_EQ(size_of(DType::bf16), 2U);
}

}  // namespace
}  // namespace attend
