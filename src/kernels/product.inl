// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How one step of a panel is multiplied: a type for each compute type. A step is 32 columns of 32
// bits whatever the type: one f32, two bf16 or four int8 of neighbouring k, so that one text of
// tiles serves all of them. Where the instruction set lacks their products, rows are packed as what
// it can multiply, and panels are taken apart in registers.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

// The largest tiles, so that sums, one step of a panel part and one broadcast fit the registers.
// (Two rows of the baseline's `taken_apart` do not, which costs less than to take panels apart
// twice.)
struct TileShape {
  int rows;
  int part;  // vectors of a panel that a tile of many rows takes
  int wide;  // sums that few rows keep: enough to hide the latency of the multiply-adds
};
#if defined(__AVX512F__)
constexpr TileShape whole_steps{14, 2, 16};  // 28 sums + 2 + 1 of 32 registers
constexpr TileShape taken_apart{12, 2, 16};  // 24 sums + 4 + 2
constexpr TileShape in_groups{7, 2, 8};      // 14 sums of each kind + 2 + 1
#elif defined(__AVX2__)
constexpr TileShape whole_steps{6, 2, 8};  // 12 sums + 2 + 1 of 16 registers
constexpr TileShape taken_apart{4, 2, 4};  // 8 sums + 4 + 2
constexpr TileShape in_groups{5, 1, 4};    // 5 sums of each kind + 1 + 2 + 2
#elif defined(__aarch64__)
constexpr TileShape whole_steps{6, 4, 16};  // 24 sums + 4 + 2 of 32 registers
constexpr TileShape taken_apart{4, 4, 16};
#if defined(__ARM_FEATURE_DOTPROD)
constexpr TileShape in_groups{6, 2, 8};  // 12 sums of each kind + 4 + 2
#else
constexpr TileShape in_groups{2, 4, 8};
#endif
#else
constexpr TileShape whole_steps{3, 4, 12};  // 12 sums + 1 + 2 of 16 registers
constexpr TileShape taken_apart{2, 4, 8};
constexpr TileShape in_groups{1, 4, 4};
#endif

ATTEND_INLINE Words load_words(const void* p) {
  Words v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
ATTEND_INLINE Words broadcast_word(const std::byte* p) {
  std::uint32_t x = 0;
  std::memcpy(&x, p, sizeof x);
  return x - Words{};
}
// The sums of products of neighbouring 16-bit integers, added to `sum`.
ATTEND_INLINE IntVec add_pairs(IntVec sum, Words a, Words b) {
#if defined(__AVX512BW__)
  return sum + as<IntVec>(_mm512_madd_epi16(as<__m512i>(a), as<__m512i>(b)));
#elif defined(__AVX2__)
  return sum + as<IntVec>(_mm256_madd_epi16(as<__m256i>(a), as<__m256i>(b)));
#elif defined(__x86_64__)
  return sum + as<IntVec>(_mm_madd_epi16(as<__m128i>(a), as<__m128i>(b)));
#else
  const IntVec x = as<IntVec>(a);
  const IntVec y = as<IntVec>(b);
  return sum + (x << 16 >> 16) * (y << 16 >> 16) + (x >> 16) * (y >> 16);
#endif
}

// Rounds to the nearest integer, ties to even; |v| < 2^22.
ATTEND_INLINE IntVec round_to_int(Vec v) {
  constexpr float magic = 12582912.0F;  // 1.5 * 2^23
  return bits(v + magic) - bits(broadcast(magic));
}

struct F32Product {
  using Sum = Vec;
  using Value = Vec;
  using Weight = Vec;
  static constexpr TileShape tile = whole_steps;
  static constexpr Extent values = 1;   // of k in one step
  static constexpr Extent words = 1;    // 32 bits each, of a packed row in one step
  static constexpr Extent chain = 384;  // steps that are summed before they join the sum so far:
                                        // rounding grows with the length of the chains

  ATTEND_INLINE static Weight weight(const void* step) { return as<Vec>(load_words(step)); }
  ATTEND_INLINE static Value value(const std::byte* word, Extent) {
    return as<Vec>(broadcast_word(word));
  }
  ATTEND_INLINE static Sum add(Sum sum, Value x, Weight w) { return fma(x, w, sum); }
  static constexpr bool is_rounded = false;
  static constexpr bool has_scales = false;
  // What a sum means, with the column's scale and sum and the row's scale (has_scales).
  ATTEND_INLINE static Vec result(Vec sum, Vec, Vec, RowScale) { return sum; }
};

// Nearest bfloat16, ties to even; NaN stays NaN. In the upper half of each lane.
ATTEND_INLINE Words round_to_bf16(Vec v) {
  const Words x = as<Words>(v);
  const Words rounded = x + 0x7FFFU + (x >> 16 & 1U);
  const Words nan = as<Words>(v != v);
  return (rounded & ~nan) | ((x | 0x400000U) & nan);
}

// Two of them as the word of one step.
ATTEND_INLINE Words bf16_pair(Vec one, Vec two) {
  return round_to_bf16(one) >> 16 | (round_to_bf16(two) & 0xFFFF0000U);
}

struct Bf16Product {
  using Sum = Vec;
  static constexpr Extent values = 2;
  static constexpr Extent chain = 384;
  static constexpr bool is_rounded = true;
  static constexpr bool has_scales = false;
  ATTEND_INLINE static Vec result(Vec sum, Vec, Vec, RowScale) { return sum; }

#if defined(__AVX512BF16__) || defined(__ARM_FEATURE_BF16_VECTOR_ARITHMETIC)
  static constexpr TileShape tile = whole_steps;
  static constexpr Extent words = 1;
  using Value = Words;
  using Weight = Words;
  ATTEND_INLINE static Weight weight(const void* step) { return load_words(step); }
  ATTEND_INLINE static Value value(const std::byte* word, Extent) { return broadcast_word(word); }
  ATTEND_INLINE static Sum add(Sum sum, Value x, Weight w) {
#if defined(__AVX512BF16__)
    return _mm512_dpbf16_ps(sum, as<__m512bh>(x), as<__m512bh>(w));
#else
    return vbfdotq_f32(sum, as<bfloat16x8_t>(x), as<bfloat16x8_t>(w));
#endif
  }
#else
  // A row's words are its values as f32, so that only panels have to be taken apart.
  static constexpr TileShape tile = taken_apart;
  static constexpr Extent words = 2;
  struct Value {
    Vec even;
    Vec odd;
  };
  using Weight = Value;
  ATTEND_INLINE static Weight weight(const void* step) {
    const Words w = load_words(step);
    return {as<Vec>(w << 16), as<Vec>(w & 0xFFFF0000U)};
  }
  ATTEND_INLINE static Value value(const std::byte* word, Extent next) {
    return {as<Vec>(broadcast_word(word)), as<Vec>(broadcast_word(word + next))};
  }
  ATTEND_INLINE static Sum add(Sum sum, Value x, Weight w) {
    return fma(x.odd, w.odd, fma(x.even, w.even, sum));
  }
#endif
};

// Four neighbouring bytes of each lane. The sums are exact, so they are the same everywhere: those
// of rows that are stored less an offset have it added back as integers.
struct Int8Product {
  using Sum = IntVec;
  static constexpr Extent values = 4;
  static constexpr Extent chain = Extent{1} << 40;
  static constexpr bool is_rounded = true;
  static constexpr bool has_scales = true;
  ATTEND_INLINE static Vec result(Vec sum, Vec column_scale, Vec column_sum, RowScale row) {
    Words total = as<Words>(sum);
    if constexpr (row_offset != 0) {
      total += as<Words>(__builtin_convertvector(column_sum, IntVec)) * row_offset;
    }
    const Vec exact = __builtin_convertvector(as<IntVec>(total), Vec);
    // Not fused, so that it is the same where nothing can be.
    const Vec centred = exact - row.zero * column_sum;
    return centred * (row.scale * column_scale);
  }

#if defined(__AVX512VNNI__) || defined(__ARM_FEATURE_DOTPROD)
#if defined(__AVX512VNNI__)
  static constexpr std::uint32_t row_offset = 0;  // one side is unsigned, as rows are
#else
  static constexpr std::uint32_t row_offset = 128;  // both sides are signed
#endif
  static constexpr TileShape tile = whole_steps;
  static constexpr Extent words = 1;
  using Value = Words;
  using Weight = Words;
  ATTEND_INLINE static Weight weight(const void* step) { return load_words(step); }
  ATTEND_INLINE static Value value(const std::byte* word, Extent) { return broadcast_word(word); }
  ATTEND_INLINE static Sum add(Sum sum, Value x, Weight w) {
#if defined(__AVX512VNNI__)
    return as<IntVec>(_mm512_dpbusd_epi32(as<__m512i>(sum), as<__m512i>(x), as<__m512i>(w)));
#else
    return vdotq_s32(sum, as<int8x16_t>(x), as<int8x16_t>(w));
#endif
  }
#else
  // Saturating products of bytes would not be exact: bytes are widened to 16 bits, the even and
  // the odd ones apart, and rows are packed so.
  static constexpr std::uint32_t row_offset = 0;
  static constexpr TileShape tile = taken_apart;
  static constexpr Extent words = 2;
  struct Value {
    Words even;
    Words odd;
  };
  using Weight = Value;
  ATTEND_INLINE static Weight weight(const void* step) {
    const Shorts w = as<Shorts>(load_words(step));
    return {as<Words>(w << 8 >> 8), as<Words>(w >> 8)};
  }
  ATTEND_INLINE static Value value(const std::byte* word, Extent next) {
    return {broadcast_word(word), broadcast_word(word + next)};
  }
  ATTEND_INLINE static Sum add(Sum sum, Value x, Weight w) {
    return add_pairs(add_pairs(sum, x.even, w.even), x.odd, w.odd);
  }
#endif
};

// Groups of 32 k: the nibbles of 4 steps, each byte two values that lie 4 apart, then the scales.
// A nibble n means (n - 8) * scale; the row's sum over the group, times -8, is its last word.
struct Int4Product {
  using Sum = IntVec;  // of a group; groups are summed as f32
  static constexpr TileShape tile = in_groups;
  static constexpr Extent values = group_values;
  static constexpr Extent steps = 8;  // of int8, in a group
  static constexpr Extent words = steps * Int8Product::words + 1;
  static constexpr bool is_rounded = true;
  static constexpr bool has_scales = true;
  ATTEND_INLINE static Vec result(Vec sum, Vec, Vec column_sum, RowScale row) {
    return (sum - row.zero * column_sum) * row.scale;
  }

  using Value = Int8Product::Value;
  using Weight = Int8Product::Value;
  ATTEND_INLINE static Weight weight(Words nibbles) {
    // Nibbles are bytes below 16: their upper halves are zero.
#if defined(__AVX512VNNI__) || defined(__ARM_FEATURE_DOTPROD)
    return nibbles;
#else
    return {nibbles & 0x00FF00FFU, nibbles >> 8 & 0x00FF00FFU};
#endif
  }
  ATTEND_INLINE static Value value(const std::byte* word, Extent next) {
    return Int8Product::value(word, next);
  }
  // Of int8 rows are the side that may be unsigned, here nibbles are.
  ATTEND_INLINE static Sum add(Sum sum, Value x, Weight w) { return Int8Product::add(sum, w, x); }
};

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
