// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Vectors of floats by the compilers' vector extensions, so that one text serves every instruction
// set. Only the fused multiply-add is spelled out, so that no compiler may fuse here and not there.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define ATTEND_INLINE __attribute__((always_inline)) inline

namespace attend::kernels::ATTEND_KERNELS {
namespace {

#if defined(__AVX512F__)
constexpr int width = 16;
#elif defined(__AVX2__)
constexpr int width = 8;
#else
constexpr int width = 4;
#endif

using Vec = float __attribute__((vector_size(width * sizeof(float))));
using IntVec = std::int32_t __attribute__((vector_size(width * sizeof(float))));
using Words = std::uint32_t __attribute__((vector_size(width * sizeof(float))));
using Shorts = std::int16_t __attribute__((vector_size(width * sizeof(float))));

// Loads and stores at any address.
ATTEND_INLINE Vec load(const float* p) {
  Vec v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
ATTEND_INLINE void store(float* p, Vec v) { std::memcpy(p, &v, sizeof v); }

ATTEND_INLINE Vec broadcast(float x) { return x - Vec{}; }

// The first `count` < width values, the rest `fill`: tails run through the same code as the body.
#if defined(__AVX512F__)
ATTEND_INLINE __mmask16 first_lanes(Extent count) {
  return static_cast<__mmask16>((1U << static_cast<unsigned>(count)) - 1U);
}
ATTEND_INLINE Vec load_part(const float* p, Extent count, float fill) {
  return _mm512_mask_loadu_ps(_mm512_set1_ps(fill), first_lanes(count), p);
}
ATTEND_INLINE void store_part(float* p, Vec v, Extent count) {
  _mm512_mask_storeu_ps(p, first_lanes(count), v);
}
#else
ATTEND_INLINE Vec load_part(const float* p, Extent count, float fill) {
  float values[width];
  for (int i = 0; i < width; ++i) values[i] = i < count ? p[i] : fill;
  return load(values);
}
ATTEND_INLINE void store_part(float* p, Vec v, Extent count) {
  float values[width];
  store(values, v);
  for (Extent i = 0; i < count; ++i) p[i] = values[i];
}
#endif

// a * b + c, rounded once where the instruction set has it.
ATTEND_INLINE Vec fma(Vec a, Vec b, Vec c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
  return a * b + c;
#endif
}

// The same bits as lanes of another type.
template <class To, class From>
ATTEND_INLINE To as(From v) {
  To out;
  static_assert(sizeof out == sizeof v);
  std::memcpy(&out, &v, sizeof out);
  return out;
}
ATTEND_INLINE IntVec bits(Vec v) { return as<IntVec>(v); }
ATTEND_INLINE Vec from_bits(IntVec v) { return as<Vec>(v); }

ATTEND_INLINE Vec abs(Vec x) { return from_bits(bits(x) & 0x7FFFFFFF); }

// The second operand wins when one is NaN, so put the value that must stay visible there. The
// instructions are spelled out because compilers take three for the comparison.
#if defined(__AVX512F__)
constexpr __mmask16 all_lanes = 0xFFFF;  // GCC 12 warns of the functions without mask
#endif
ATTEND_INLINE Vec max(Vec a, Vec b) {
#if defined(__AVX512F__)
  return _mm512_maskz_max_ps(all_lanes, a, b);
#elif defined(__AVX2__)
  return _mm256_max_ps(a, b);
#elif defined(__x86_64__)
  return _mm_max_ps(a, b);
#else
  return a > b ? a : b;
#endif
}
ATTEND_INLINE Vec min(Vec a, Vec b) {
#if defined(__AVX512F__)
  return _mm512_maskz_min_ps(all_lanes, a, b);
#elif defined(__AVX2__)
  return _mm256_min_ps(a, b);
#elif defined(__x86_64__)
  return _mm_min_ps(a, b);
#else
  return a < b ? a : b;
#endif
}

template <int distance, int... lane>
ATTEND_INLINE Vec shuffle_by(Vec v, std::integer_sequence<int, lane...>) {
  return __builtin_shufflevector(v, v, (lane ^ distance)...);
}
// The first lane of f applied over all lanes, by halves: one fixed order.
template <int half = width / 2, class F>
ATTEND_INLINE float fold_lanes(Vec v, const F& f) {
  v = f(v, shuffle_by<half>(v, std::make_integer_sequence<int, width>{}));
  if constexpr (half > 1) {
    return fold_lanes<half / 2>(v, f);
  } else {
    return v[0];
  }
}
ATTEND_INLINE float sum_lanes(Vec v) {
  return fold_lanes(
      v, [](Vec a, Vec b) __attribute__((always_inline)) { return a + b; });
}
ATTEND_INLINE float max_lanes(Vec v) {
  return fold_lanes(
      v, [](Vec a, Vec b) __attribute__((always_inline)) { return max(a, b); });
}
ATTEND_INLINE std::uint32_t sum_lanes(Words v) {
  std::uint32_t sum = 0;
  for (int i = 0; i < width; ++i) sum += v[i];
  return sum;
}

// Calls f(index, values) for every vector of the row, the last one padded with `fill`.
template <class F>
ATTEND_INLINE void for_each_vector(const float* x, Extent count, float fill, const F& f) {
  Extent i = 0;
  for (; i + width <= count; i += width) f(i, load(x + i));
  if (i < count) f(i, load_part(x + i, count - i, fill));
}

// Loads whole vectors as they are and fills the last one with zeros.
ATTEND_INLINE Vec load_within(const float* row, Extent i, Extent count) {
  return i + width <= count ? load(row + i) : load_part(row + i, count - i, 0);
}

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

// Stores whole vectors as they are and cuts the last one.
ATTEND_INLINE void store_within(float* row, Extent i, Extent count, Vec v) {
  if (i + width <= count) {
    store(row + i, v);
  } else {
    store_part(row + i, v, count - i);
  }
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
