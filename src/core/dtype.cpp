// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Widening of stored elements; every load is by memcpy because files align nothing.
#include "attend/core/dtype.h"

#include <bit>
#include <cstring>
#include <type_traits>

namespace attend {
namespace {

template <class T>
T read(const std::byte* bytes, std::size_t i) noexcept {
  T value;
  std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
  return value;
}

template <class Stored, class Out>
void convert(const std::byte* bytes, std::span<Out> out) noexcept {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<Out>(read<Stored>(bytes, i));
  }
}

}  // namespace

std::size_t size_of(DType dtype) noexcept {
  switch (dtype) {
    case DType::f64:
    case DType::i64: return 8;
    case DType::f32:
    case DType::i32: return 4;
    case DType::f16:
    case DType::bf16:
    case DType::i16: return 2;
    case DType::i8:
    case DType::u8:
    case DType::boolean: return 1;
  }
  return 0;
}

std::string_view name(DType dtype) noexcept {
  switch (dtype) {
    case DType::f64: return "F64";
    case DType::f32: return "F32";
    case DType::f16: return "F16";
    case DType::bf16: return "BF16";
    case DType::i64: return "I64";
    case DType::i32: return "I32";
    case DType::i16: return "I16";
    case DType::i8: return "I8";
    case DType::u8: return "U8";
    case DType::boolean: return "BOOL";
  }
  return "";
}

// Without branches, so that compilers make vectors of the loops that call it. No float arithmetic
// meets a subnormal: programs built with -ffast-math flush those to zero.
float f16_to_float(std::uint16_t bits) noexcept {
  const auto mask_if = [](bool condition) { return -static_cast<std::uint32_t>(condition); };
  const std::uint32_t sign = (bits & 0x8000U) << 16U;
  const std::uint32_t value = (bits & 0x7FFFU) << 13U;  // exponent and mantissa at float's position
  constexpr float ulp = 1.0F / 16'777'216;              // 2^-24, one unit of a subnormal
  const float subnormal = static_cast<float>(std::int32_t{bits & 0x3FF}) * ulp;
  const std::uint32_t infinite = mask_if(value >= 0x0F800000U) & 0x7F800000U;  // or NaN
  const std::uint32_t normal = (value + (std::uint32_t{127 - 15} << 23U)) | infinite;
  const std::uint32_t is_subnormal = mask_if(value < 0x00800000U);
  return std::bit_cast<float>((normal & ~is_subnormal) |
                              (std::bit_cast<std::uint32_t>(subnormal) & is_subnormal) | sign);
}

float bf16_to_float(std::uint16_t bits) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

void to_float(DType dtype, const std::byte* bytes, std::span<float> out) noexcept {
  switch (dtype) {
    case DType::f64: return convert<double>(bytes, out);
    case DType::f32:
      if (!out.empty()) std::memcpy(out.data(), bytes, out.size_bytes());
      return;
    case DType::f16:
      for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = f16_to_float(read<std::uint16_t>(bytes, i));
      return;
    case DType::bf16:
      for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = bf16_to_float(read<std::uint16_t>(bytes, i));
      return;
    case DType::i64: return convert<std::int64_t>(bytes, out);
    case DType::i32: return convert<std::int32_t>(bytes, out);
    case DType::i16: return convert<std::int16_t>(bytes, out);
    case DType::i8: return convert<std::int8_t>(bytes, out);
    case DType::u8:
    case DType::boolean: return convert<std::uint8_t>(bytes, out);
  }
}

void to_int64(DType dtype, const std::byte* bytes, std::span<std::int64_t> out) noexcept {
  switch (dtype) {
    case DType::i64: return convert<std::int64_t>(bytes, out);
    case DType::i32: return convert<std::int32_t>(bytes, out);
    case DType::i16: return convert<std::int16_t>(bytes, out);
    case DType::i8: return convert<std::int8_t>(bytes, out);
    case DType::u8:
    case DType::boolean: return convert<std::uint8_t>(bytes, out);
    case DType::f64:
    case DType::f32:
    case DType::f16:
    case DType::bf16:
      for (auto& value : out) value = 0;
      return;
  }
}

}  // namespace attend
