// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What an instruction set can do at most: arithmetic that waits for nothing, and reading alone.
// Speeds of kernels are worth comparing only as shares of it.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

// Independent sums. Of x86: enough for two units with a latency of four or five cycles, and few
// enough for sixteen registers. Of AArch64, which has thirty-two: enough for four units with a
// latency of four.
#if defined(__aarch64__)
constexpr int chains = 16;
#else
constexpr int chains = 12;
#endif

template <class Product>
inline double multiply_adds_of(Extent steps) {
  typename Product::Sum sum[std::size_t{chains}] = {};
  auto a = as<typename Product::Value>(Words{} + 0x3F803F80U);  // small numbers of every type
  for (Extent i = 0; i < steps; ++i) {
#pragma GCC unroll 16
    for (auto& one : sum) {
      hide(a);  // or the product of sets without a fused one would be taken only once
      one = Product::add(one, a, a);
      hide(one);
    }
  }
  return 2.0 * width * Product::values * chains * static_cast<double>(steps);
}

// Products that take panels apart multiply in another type.
template <class Product>
inline double multiply_adds_if_whole(Extent steps) {
  if constexpr (Product::words == 1) {
    return multiply_adds_of<Product>(steps);
  } else {
    return 0;
  }
}

double multiply_adds(DType operands, Extent steps) noexcept {
  switch (operands) {
    case DType::f32: return multiply_adds_of<F32Product>(steps);
    case DType::bf16: return multiply_adds_if_whole<Bf16Product>(steps);
    case DType::i8: return multiply_adds_if_whole<Int8Product>(steps);
    default: return 0;
  }
}

void read_bytes(const std::byte* bytes, Extent count) noexcept {
  constexpr int vectors = 8;
  IntVec sum[std::size_t{vectors}] = {};
  for (Extent i = 0; i < count; i += Extent{vectors * sizeof(IntVec)}) {
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) {
      IntVec value;
      std::memcpy(&value, bytes + i + j * Extent{sizeof value}, sizeof value);
      sum[j] ^= value;
    }
  }
  for (IntVec& one : sum) hide(one);
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
