// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Packing of weights into panels and of rows into blocks: values become the words of a product,
// then rows of words become columns.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

struct Block {
  Extent begin;
  Extent rows;
};

// Rows are shared evenly: 16 rows are 8 + 8, not 14 + 2.
constexpr Block block_at(Extent rows, Extent tile_rows, Extent i) {
  const Extent blocks = block_count(rows, tile_rows);
  const Extent base = rows / blocks;
  const Extent longer = rows % blocks;
  return {i * base + (i < longer ? i : longer), base + (i < longer ? 1 : 0)};
}

template <class Product>
constexpr Extent step_count(Extent depth) {
  return (depth + Product::values - 1) / Product::values;
}
// Products by a unit of whole tiles, for which rows stay rows: see tiles.inl.
template <class Product>
concept InTiles = requires {
  typename Product::Unit;
};

// Bytes of a packed row.
template <class Product>
constexpr Extent row_bytes(Extent depth) noexcept {
  if constexpr (InTiles<Product>) {
    return Product::row_bytes(depth);
  } else {
    return step_count<Product>(depth) * Product::words * word_bytes;
  }
}

// Matrices of words: to is from with rows and columns exchanged.
template <class Word>
struct Transpose {
  const Word* from;
  Extent stride;
  Extent rows;
  Extent depth;
  Word* to;  // [depth, record]
  Extent record;
};

#if defined(__AVX512F__)
using Doubles = std::uint64_t __attribute__((vector_size(64)));

// Each takes one half of what lies in every quarter of a register, or two of its quarters.
ATTEND_INLINE Words words_low(Words a, Words b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
}
ATTEND_INLINE Words words_high(Words a, Words b) {
  return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
}
ATTEND_INLINE Words pairs_low(Words a, Words b) {
  return as<Words>(
      __builtin_shufflevector(as<Doubles>(a), as<Doubles>(b), 0, 8, 2, 10, 4, 12, 6, 14));
}
ATTEND_INLINE Words pairs_high(Words a, Words b) {
  return as<Words>(
      __builtin_shufflevector(as<Doubles>(a), as<Doubles>(b), 1, 9, 3, 11, 5, 13, 7, 15));
}
ATTEND_INLINE Words quarters_even(Words a, Words b) {
  return as<Words>(
      __builtin_shufflevector(as<Doubles>(a), as<Doubles>(b), 0, 1, 4, 5, 8, 9, 12, 13));
}
ATTEND_INLINE Words quarters_odd(Words a, Words b) {
  return as<Words>(
      __builtin_shufflevector(as<Doubles>(a), as<Doubles>(b), 2, 3, 6, 7, 10, 11, 14, 15));
}

// out[k] = column k of 16 rows.
ATTEND_INLINE void transpose16(const Words* row, Words* out) {
  Words quads[16];  // [4 g + c]: of rows 4 g ..., in each quarter q the column 4 q + c
#pragma GCC unroll 4
  for (int g = 0; g < 16; g += 4) {
    const Words a = words_low(row[g], row[g + 1]);
    const Words b = words_low(row[g + 2], row[g + 3]);
    const Words c = words_high(row[g], row[g + 1]);
    const Words d = words_high(row[g + 2], row[g + 3]);
    quads[g] = pairs_low(a, b);
    quads[g + 1] = pairs_high(a, b);
    quads[g + 2] = pairs_low(c, d);
    quads[g + 3] = pairs_high(c, d);
  }
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    const Words upper_even = quarters_even(quads[c], quads[4 + c]);
    const Words upper_odd = quarters_odd(quads[c], quads[4 + c]);
    const Words lower_even = quarters_even(quads[8 + c], quads[12 + c]);
    const Words lower_odd = quarters_odd(quads[8 + c], quads[12 + c]);
    out[c] = quarters_even(upper_even, lower_even);
    out[4 + c] = quarters_even(upper_odd, lower_odd);
    out[8 + c] = quarters_odd(upper_even, lower_even);
    out[12 + c] = quarters_odd(upper_odd, lower_odd);
  }
}

template <class Word>
inline void transpose(const Transpose<Word>& task) {
  constexpr Extent ahead = 64;  // words: rows are too many streams for the hardware to fetch
  for (Extent i = 0; i < task.rows; i += 16) {
    const Extent rows = task.rows - i < 16 ? task.rows - i : 16;
    const __mmask16 lanes = first_lanes(rows);
    for (Extent k = 0; k < task.depth; k += 16) {
      const Extent depth = task.depth - k < 16 ? task.depth - k : 16;
      const __mmask16 columns = first_lanes(depth);
      Words row[16];
#pragma GCC unroll 16
      for (Extent r = 0; r < 16; ++r) {
        const Word* from = task.from + (i + (r < rows ? r : 0)) * task.stride + k;
        __builtin_prefetch(from + ahead, 0, 3);
        row[r] = as<Words>(_mm512_maskz_loadu_epi32(columns, from));
      }
      Words column[16];
      transpose16(row, column);
#pragma GCC unroll 16
      for (Extent c = 0; c < 16; ++c) {
        if (c == depth) break;
        _mm512_mask_storeu_epi32(task.to + (k + c) * task.record + i, lanes,
                                 as<__m512i>(column[c]));
      }
    }
  }
}
#else
using Vec4 = std::uint32_t __attribute__((vector_size(16)));

// to[k * record + i] = from[i * stride + k], for 4 x 4 words.
template <class Word>
ATTEND_INLINE void transpose4(const Transpose<Word>& task, Extent i, Extent k) {
  Vec4 row[4];
  const Word* x = task.from + i * task.stride + k;
  for (int r = 0; r < 4; ++r) std::memcpy(&row[r], x + r * task.stride, sizeof row[r]);
  const Vec4 a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  const Vec4 b = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  const Vec4 c = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  const Vec4 d = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  const Vec4 column[4] = {
      __builtin_shufflevector(a, b, 0, 1, 4, 5), __builtin_shufflevector(a, b, 2, 3, 6, 7),
      __builtin_shufflevector(c, d, 0, 1, 4, 5), __builtin_shufflevector(c, d, 2, 3, 6, 7)};
  Word* out = task.to + k * task.record + i;
  for (int r = 0; r < 4; ++r) std::memcpy(out + r * task.record, &column[r], sizeof column[r]);
}

template <class Word>
inline void transpose(const Transpose<Word>& task) {
  const Extent whole_rows = task.rows / 4 * 4;
  const Extent whole_depth = task.depth / 4 * 4;
  for (Extent k = 0; k < whole_depth; k += 4) {
    for (Extent i = 0; i < whole_rows; i += 4) transpose4(task, i, k);
  }
  const auto move = [&](Extent i, Extent k) {
    task.to[k * task.record + i] = task.from[i * task.stride + k];
  };
  for (Extent k = 0; k < task.depth; ++k) {
    for (Extent i = whole_rows; i < task.rows; ++i) move(i, k);
  }
  for (Extent k = whole_depth; k < task.depth; ++k) {
    for (Extent i = 0; i < whole_rows; ++i) move(i, k);
  }
}
#endif

// The largest magnitude; NaN if there is one: as integers, its bits are above all others.
float largest_magnitude(const float* x, Extent count) noexcept {
  IntVec largest = {};
  for_each_vector(x, count, 0, [&](Extent, Vec v) {
    const IntVec size = bits(abs(v));
    largest = size > largest ? size : largest;
  });
  std::int32_t lane[width];
  std::memcpy(lane, &largest, sizeof largest);
  std::int32_t most = 0;
  for (const std::int32_t size : lane) most = size > most ? size : most;
  float out = 0;
  std::memcpy(&out, &most, sizeof out);
  return out;
}

// The integers reach from the least value, or 0, to the largest, or 0; NaN and infinities make the
// scale NaN. 254 steps, so that rounding at both ends still fits 0 to 255.
inline RowScale row_scale(const float* x, Extent count) {
  Vec least = {};
  Vec largest = {};
  IntVec size = {};  // bits of magnitudes: those of NaN and infinities are above all others
  constexpr Extent ahead = 512;  // values: the hardware stops fetching where a page ends
  for_each_vector(x, count, 0, [&](Extent i, Vec v) {
    __builtin_prefetch(x + i + ahead, 0, 3);
    least = min(least, v);
    largest = max(largest, v);
    const IntVec magnitude = bits(abs(v));
    size = magnitude > size ? magnitude : size;
  });
  const float low = -max_lanes(-least);
  const float range = max_lanes(largest) - low + sum_lanes(from_bits(size) * 0.0F);
  if (range < 1e-30F) return {};
  const float scale = range / 254.0F;
  return {scale, __builtin_rintf(-low * (1.0F / scale))};
}

// Of a row: int8 takes unsigned ones, int4 signed ones.
template <class Product>
constexpr float lowest_integer = 0;
template <>
constexpr float lowest_integer<Int4Product> = -128;

inline float inverse_of(float scale) { return scale == 0.0F ? 0.0F : 1.0F / scale; }

// Some values of one row, and how many times each is its scale.
struct Values {
  const float* x;
  Extent count;
  float inverse = 0.0F;  // of the scale
  float zero = 0.0F;
};

ATTEND_INLINE void store_bf16(std::uint32_t* words, Extent i, Vec v) {
  using Halves = std::uint16_t __attribute__((vector_size(width * 2)));
  const Halves halves = __builtin_convertvector(round_to_bf16(v) >> 16, Halves);
  std::memcpy(reinterpret_cast<std::byte*>(words) + i * 2, &halves, sizeof halves);
}
// By the instruction where there is one: it takes the smallest numbers, below 2^-126, for 0.
ATTEND_INLINE void store_activation(std::uint32_t* words, Extent i, Vec v) {
#if defined(__AVX512BF16__)
  const __m256bh halves = _mm512_cvtneps_pbh(v);
  std::memcpy(reinterpret_cast<std::byte*>(words) + i * 2, &halves, sizeof halves);
#else
  store_bf16(words, i, v);
#endif
}
ATTEND_INLINE void store_int8(std::uint32_t* words, Extent i, IntVec v) {
  using Bytes = std::int8_t __attribute__((vector_size(width)));
  const Bytes bytes = __builtin_convertvector(v, Bytes);
  std::memcpy(reinterpret_cast<std::byte*>(words) + i, &bytes, sizeof bytes);
}
// Even and odd values of each four as pairs of 16 bits.
ATTEND_INLINE void store_pairs(std::uint32_t* words, Extent i, IntVec v) {
  std::uint32_t lane[width];
  std::memcpy(lane, &v, sizeof v);
  for (int j = 0; j < width; j += 4) {
    words[(i + j) / 2] = (lane[j] & 0xFFFFU) | lane[j + 2] << 16;
    words[(i + j) / 2 + 1] = (lane[j + 1] & 0xFFFFU) | lane[j + 3] << 16;
  }
}

// Words of a weight: the layout of panels, the same for every instruction set. What is behind the
// last value is 0. Gives the sum of the integers.
template <class Product>
inline std::uint32_t weight_words(const Values& values, std::uint32_t* words) {
  Words sum = {};
  for_each_vector(values.x, values.count, 0, [&](Extent i, Vec v) {
    if constexpr (Product::values == Bf16Product::values) {
      store_bf16(words, i, v);
    } else {
      const IntVec q = round_to_int(v * values.inverse);
      sum += as<Words>(q);
      store_int8(words, i, q);
    }
  });
  return sum_lanes(sum);
}

template <class Product>
struct RowWords;

template <>
struct RowWords<Bf16Product> {
  static void make(const Values& values, std::uint32_t* words) {
    for_each_vector(values.x, values.count, 0, [&](Extent i, Vec v) {
      if constexpr (Bf16Product::words == 1) {
        store_activation(words, i, v);
      } else {
        const Words rounded = round_to_bf16(v) & 0xFFFF0000U;
        std::memcpy(words + i, &rounded, sizeof rounded);
      }
    });
  }
};

ATTEND_INLINE void store_row(std::uint32_t* words, Extent i, IntVec q) {
  if constexpr (Int8Product::words == 1) {
    store_int8(words, i, q);
  } else {
    store_pairs(words, i, q);
  }
}

template <>
struct RowWords<Int8Product> {
  static void make(const Values& values, std::uint32_t* words) {
    for_each_vector(values.x, values.count, 0, [&](Extent i, Vec v) {
      const Words q = as<Words>(round_to_int(v * values.inverse + values.zero));
      store_row(words, i, as<IntVec>(q - Int8Product::row_offset));
    });
  }
};

template <>
struct RowWords<Int4Product> {
  static void make(const Values& values, std::uint32_t* words) {
    for (Extent k = 0; k < values.count; k += group_values, words += Int4Product::words) {
      const Extent left = values.count - k;
      Words sum = {};
      for (Extent i = 0; i < group_values; i += width) {
        const IntVec q =
            i < left
                ? round_to_int(load_within(values.x + k, i, left) * values.inverse + values.zero)
                : IntVec{};
        sum += as<Words>(q);
        store_row(words, i, q);
      }
      words[Int4Product::words - 1] = -8U * sum_lanes(sum);
    }
  }
};

constexpr Extent chunk_values = 256;                // of rows that become words at once
constexpr Extent chunk_stride = chunk_values + 16;  // words; rows do not share a set of the cache

template <class Product>
void pack_panel(const PackPanel& task) noexcept {
  if constexpr (Product::values == 1) {
    auto* panel = reinterpret_cast<float*>(task.panel);
    transpose<float>({task.x, task.stride, task.rows, task.depth, panel, panel_columns});
    for (Extent k = 0; k < task.depth; ++k) {
      for (Extent i = task.rows; i < panel_columns; ++i) panel[k * panel_columns + i] = 0;
    }
  } else {
    std::uint32_t words[panel_columns * chunk_stride];
    auto* panel = reinterpret_cast<std::uint32_t*>(task.panel);
    for (Extent k = 0; k < task.depth; k += chunk_values) {
      const Extent count = task.depth - k < chunk_values ? task.depth - k : chunk_values;
      const Extent steps = step_count<Product>(count);
      for (Extent i = task.rows; i < panel_columns; ++i) {
        for (Extent w = 0; w < steps; ++w) words[i * chunk_stride + w] = 0;
      }
      for (Extent i = 0; i < task.rows; ++i) {
        const float inverse = task.scales == nullptr ? 0.0F : inverse_of(task.scales[i]);
        const std::uint32_t sum = weight_words<Product>(
            {task.x + i * task.stride + k, count, inverse}, words + i * chunk_stride);
        if (task.sums != nullptr) {
          task.sums[i] += static_cast<float>(static_cast<std::int32_t>(sum));
        }
      }
      transpose<std::uint32_t>({words, chunk_stride, panel_columns, steps,
                                panel + k / Product::values * panel_columns, panel_columns});
    }
  }
}

// Some columns of one group: nibbles of 4 steps, each lane four bytes of neighbouring k, and a
// scale. Gives the sums of the rounded values. x[k, column] are `count` rows of 32 columns.
[[nodiscard]] ATTEND_INLINE Vec pack_group(const float* x, Extent count, Extent column,
                                           IntVec is_there, std::byte* group) {
  Vec furthest = {};  // NaN if there is one: then no comparison holds any more
  for (Extent k = 0; k < count; ++k) {
    const Vec v = load(x + k * panel_columns + column);
    const IntVec further = (v != v) | (abs(v) > abs(furthest));
    furthest = from_bits((bits(v) & further) | (bits(furthest) & ~further));
  }
  // The value furthest from 0 becomes nibble 0, which is -8: all 16 nibbles are used.
  const Words bf16 = round_to_bf16(furthest / -8.0F);
  const Vec scale = as<Vec>(bf16 & 0xFFFF0000U);
  const Vec inverse = from_bits(bits(1.0F / scale) & (scale != 0.0F));
  IntVec sum = {};
  for (Extent eight = 0; eight < group_values; eight += 8) {
    IntVec word = {};
    for (Extent j = 0; j < 8; ++j) {
      const Extent k = eight + j;
      IntVec nibble = IntVec{} + 8;
      if (k < count) {
        const Vec position = load(x + k * panel_columns + column) * inverse + 8.5F;
        const Vec least = from_bits(bits(position) & (position > 0.0F));  // of NaN, too
        nibble = __builtin_convertvector(min(broadcast(15.0F), least), IntVec);
        sum += nibble - 8;
      }
      word |= nibble << static_cast<int>(j % 4 * 8 + j / 4 * 4);
    }
    word &= is_there;
    std::memcpy(group + eight / 8 * step_bytes + column * word_bytes, &word, sizeof word);
  }
  using Halves = std::uint16_t __attribute__((vector_size(width * 2)));
  const Halves halves = __builtin_convertvector(bf16 >> 16 & as<Words>(is_there), Halves);
  std::memcpy(group + 4 * step_bytes + column * 2, &halves, sizeof halves);
  return scale * __builtin_convertvector(sum, Vec);
}

template <>
void pack_panel<Int4Product>(const PackPanel& task) noexcept {
  alignas(64) float x[group_values * panel_columns] = {};  // columns without a row stay 0
  alignas(64) std::int32_t is_there[panel_columns];
  for (Extent i = 0; i < panel_columns; ++i) is_there[i] = i < task.rows ? -1 : 0;
  for (Extent k = 0; k < task.depth; k += group_values) {
    const Extent count = task.depth - k < group_values ? task.depth - k : group_values;
    std::byte* group = task.panel + k / group_values * group_bytes;
    transpose<float>({task.x + k, task.stride, task.rows, count, x, panel_columns});
    for (Extent i = 0; i < panel_columns; i += width) {
      const Vec sums = pack_group(x, count, i, as<IntVec>(load_words(is_there + i)), group);
      for (Extent j = 0; task.sums != nullptr && j < width && i + j < task.rows; ++j) {
        task.sums[i + j] += sums[j];
      }
    }
  }
}

// Some rows of activations, and the integers that they become where the product wants integers.
struct BlockRows {
  const float* x;
  Extent stride;
  Extent rows;  // <= the tile's
  Extent depth;
  const float* inverse = nullptr;
  const float* zero = nullptr;
};

template <class Product>
inline void pack_block(const BlockRows& block, std::byte* packed) {
  if constexpr (InTiles<Product>) {
    Product::pack(block, packed);
  } else if constexpr (Product::values == 1) {
    transpose<float>({block.x, block.stride, block.rows, block.depth,
                      reinterpret_cast<float*>(packed), block.rows});
  } else {
    std::uint32_t words[Product::tile.rows * chunk_stride];
    auto* out = reinterpret_cast<std::uint32_t*>(packed);
    for (Extent k = 0; k < block.depth; k += chunk_values) {
      const Extent count = block.depth - k < chunk_values ? block.depth - k : chunk_values;
      for (Extent i = 0; i < block.rows; ++i) {
        Values values{block.x + i * block.stride + k, count};
        if (block.inverse != nullptr) {
          values.inverse = block.inverse[i];
          values.zero = block.zero[i];
        }
        RowWords<Product>::make(values, words + i * chunk_stride);
      }
      const Extent depth = step_count<Product>(count) * Product::words;
      transpose<std::uint32_t>({words, chunk_stride, block.rows, depth, out, block.rows});
      out += depth * block.rows;
    }
  }
}

template <class Product>
void pack_rows(const PackRows& task) noexcept {
  for (Extent b = task.first_block; b < task.last_block; ++b) {
    const Block at = block_at(task.rows, Product::tile.rows, b);
    float inverse[Product::tile.rows];
    float zero[Product::tile.rows];
    BlockRows block{task.x + at.begin * task.stride, task.stride, at.rows, task.depth};
    if (task.scales != nullptr) {
      for (Extent i = 0; i < at.rows; ++i) {
        const RowScale scale = row_scale(block.x + i * task.stride, task.depth);
        inverse[i] = inverse_of(scale.scale);
        zero[i] = lowest_integer<Product> + scale.zero;
        task.scales[at.begin + i] = {scale.scale, zero[i]};
      }
      block.inverse = inverse;
      block.zero = zero;
    }
    pack_block<Product>(block, task.packed + at.begin * row_bytes<Product>(task.depth));
  }
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
