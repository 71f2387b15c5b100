// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Pages that hold keys and values as integers, in a quarter of the memory: how rows take their
// places in them, and how they become the pages of panels that attention multiplies.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

// Where keys or values have what behind their scales. The integers of a step stand beside one
// another, as its words do.
template <class Product>
struct BytePage {
  static constexpr Extent step_integers = panel_columns * Product::values;

  // Of value k of a row that is column `column` of a panel, or of a row k of one.
  static constexpr Extent place(Extent k, Extent column) {
    return k / Product::values * step_integers + column * Product::values + k % Product::values;
  }
};

// x = scale * integer, symmetric. What is so small that its inverse overflows counts as zero; NaN
// and infinities make the scale such a one, so that they are seen.
inline float byte_scale(const float* x, Extent count) {
  const float largest = largest_magnitude(x, count);
  return largest < 1e-30F ? 0.0F : largest / 127.0F;
}

// Calls put(i, integer) for every value of a row.
template <class F>
inline void round_to_bytes(const float* x, Extent count, float scale, const F& put) {
  const float inverse = scale > 0.0F ? 1.0F / scale : 0.0F;
  for_each_vector(x, count, 0, [&](Extent i, Vec v) {
    const IntVec integers = round_to_int(v * inverse);
    for (Extent j = 0; j < width && i + j < count; ++j) {
      put(i + j, static_cast<std::byte>(static_cast<std::uint32_t>(integers[j]) & 0xFFU));
    }
  });
}

template <class Product>
inline void append_bytes(const PageRows& task) {
  using At = BytePage<Product>;
  std::byte* const keys = task.keys + page_scale_bytes;
  std::byte* const values = task.values + page_scale_bytes;
  for (Extent i = 0; i < task.rows; ++i) {
    const Extent place = task.first + i;
    const float* k = task.k + i * task.k_stride;
    const float* v = task.v + i * task.v_stride;
    const float key_scale = byte_scale(k, task.head_size);
    const float value_scale = byte_scale(v, task.head_size);
    std::memcpy(task.keys + place * word_bytes, &key_scale, word_bytes);
    std::memcpy(task.values + place * word_bytes, &value_scale, word_bytes);
    round_to_bytes(k, task.head_size, key_scale,
                   [&](Extent d, std::byte integer) { keys[At::place(d, place)] = integer; });
    round_to_bytes(v, task.head_size, value_scale, [&](Extent d, std::byte integer) {
      values[d / panel_columns * page_keys * panel_columns + At::place(place, d % panel_columns)] =
          integer;
    });
  }
}

// The words of some columns of a step, of which each has its scales.
template <class Product>
ATTEND_INLINE void expand_words(const std::byte* integers, Vec first, Vec second,
                                std::byte* words) {
  if constexpr (Product::values == 1) {
    using Bytes = std::int8_t __attribute__((vector_size(width)));
    Bytes x;
    std::memcpy(&x, integers, sizeof x);
    const Vec v = __builtin_convertvector(x, Vec) * first;
    std::memcpy(words, &v, sizeof v);
  } else {
    using Pairs = std::int16_t __attribute__((vector_size(2 * width)));
    Pairs x;
    std::memcpy(&x, integers, sizeof x);
    const IntVec pairs = __builtin_convertvector(x, IntVec);
    const Vec one = __builtin_convertvector(pairs << 24 >> 24, Vec) * first;
    const Vec two = __builtin_convertvector(pairs >> 8, Vec) * second;
    const Words pair = bf16_pair(one, two);
    std::memcpy(words, &pair, sizeof pair);
  }
}

// Those of the keys or the values of a page, and zero behind the ones that are there: what has no
// weight must be finite.
struct ByteScales {
  alignas(64) float of[page_keys] = {};

  ByteScales(const std::byte* scales, Extent keys) {
    std::memcpy(of, scales, static_cast<std::size_t>(keys * word_bytes));
  }
};

// A step of integers becomes one of a panel.
template <class Product, class F>
ATTEND_INLINE void expand_step(const std::byte* integers, const F& scales, std::byte* step) {
  for (Extent j = 0; j < panel_columns; j += width) {
    const auto [first, second] = scales(j);
    expand_words<Product>(integers + j * Product::values, first, second, step + j * word_bytes);
  }
}

struct ScalePair {
  Vec first;
  Vec second;
};

// The panel of the first `rows` keys of a page.
template <class Product>
inline void expand_keys(const std::byte* from, Extent rows, Extent head_size, std::byte* panel) {
  const ByteScales scales(from, rows);
  const std::byte* integers = from + page_scale_bytes;
  for (Extent step = 0; step < step_count<Product>(head_size); ++step, panel += step_bytes) {
    expand_step<Product>(
        integers + step * BytePage<Product>::step_integers,
        [&](Extent j) {
          const Vec scale = load(scales.of + j);
          return ScalePair{scale, scale};
        },
        panel);
  }
}

// The panels of its values.
template <class Product>
inline void expand_values(const std::byte* from, Extent rows, Extent head_size, std::byte* panels) {
  const ByteScales scales(from, rows);
  const std::byte* integers = from + page_scale_bytes;
  for (Extent d = 0; d < head_size; d += panel_columns) {
    for (Extent key = 0; key < page_keys; key += Product::values) {
      const ScalePair scale{broadcast(scales.of[key]),
                            broadcast(scales.of[key + Product::values - 1])};
      expand_step<Product>(
          integers, [&](Extent) { return scale; }, panels);
      integers += BytePage<Product>::step_integers;
      panels += step_bytes;
    }
  }
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
