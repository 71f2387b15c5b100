// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What an instruction set can do at most: arithmetic that waits for nothing, and reading alone.
// Speeds of kernels are worth comparing only as shares of it.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

// The compiler must take the value for one that it does not know.
template <class T>
ATTEND_INLINE void hide(T& value) {
#if defined(__AVX512F__)
  __asm__ volatile("" : "+v"(value));
#elif defined(__x86_64__)
  __asm__ volatile("" : "+x"(value));
#elif defined(__aarch64__)
  __asm__ volatile("" : "+w"(value));
#else
  __asm__ volatile("" : "+m"(value));
#endif
}

// Twelve independent sums: enough for two units with a latency of four or five cycles, and few
// enough for sixteen registers.
constexpr int chains = 12;

inline double multiply_adds_f32(Extent steps) {
  Vec sum[std::size_t{chains}] = {};
  Vec a = broadcast(1e-9F);
  for (Extent i = 0; i < steps; ++i) {
#pragma GCC unroll 12
    for (Vec& one : sum) {
      hide(a);  // or the product of sets without a fused one would be taken only once
      one = fma(a, a, one);
      hide(one);
    }
  }
  return 2.0 * width * chains * static_cast<double>(steps);
}

double multiply_adds(DType operands, Extent steps) noexcept {
  return operands == DType::f32 ? multiply_adds_f32(steps) : 0;
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
