// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Pages that hold keys and values as integers, in a quarter of the memory: how rows take their
// places in them, and how they become the pages of panels that attention multiplies.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

// Where a page has what. The integers of a step stand beside one another, as its words do.
template <class Product>
struct BytePage {
  static constexpr Extent scales_bytes = page_keys * word_bytes;
  static constexpr Extent step_integers = panel_columns * Product::values;
  static constexpr Extent keys = 2 * scales_bytes;

  // Of value k of a row that is column `column` of a panel, or of a row k of one.
  static constexpr Extent place(Extent k, Extent column) {
    return k / Product::values * step_integers + column * Product::values + k % Product::values;
  }
  static constexpr Extent values(Extent head_size) {
    return keys + step_count<Product>(head_size) * step_integers;
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
  std::byte* const values = task.page + At::values(task.head_size);
  for (Extent i = 0; i < task.rows; ++i) {
    const Extent place = task.first + i;
    const float* k = task.k + i * task.k_stride;
    const float* v = task.v + i * task.v_stride;
    const float scales[] = {byte_scale(k, task.head_size), byte_scale(v, task.head_size)};
    for (Extent of = 0; of < 2; ++of) {
      std::memcpy(task.page + of * At::scales_bytes + place * word_bytes, &scales[of], word_bytes);
    }
    round_to_bytes(k, task.head_size, scales[0], [&](Extent d, std::byte integer) {
      task.page[At::keys + At::place(d, place)] = integer;
    });
    round_to_bytes(v, task.head_size, scales[1], [&](Extent d, std::byte integer) {
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

// Those of a page, and zero behind the keys that are there: what has no weight must be finite.
struct ByteScales {
  alignas(64) float of_keys[page_keys] = {};
  alignas(64) float of_values[page_keys] = {};

  ByteScales(const std::byte* page, Extent keys) {
    const auto size = static_cast<std::size_t>(keys * word_bytes);
    std::memcpy(of_keys, page, size);
    std::memcpy(of_values, page + page_keys * word_bytes, size);
  }
};

// A page of the first `keys` keys becomes one of panels, while `next` is fetched.
template <class Product>
inline void expand_page(const std::byte* from, Extent keys, Extent head_size, const std::byte* next,
                        std::byte* page) {
  using At = BytePage<Product>;
  fetch_lines<2>(next, At::keys);
  const ByteScales scales(from, keys);
  const std::byte* integers = from + At::keys;
  next += At::keys;
  const auto expand_step = [&](auto first, auto second) {
    for (Extent j = 0; j < panel_columns; j += width) {
      expand_words<Product>(integers + j * Product::values, first(j), second(j),
                            page + j * word_bytes);
    }
    fetch_lines<2>(next, At::step_integers);
    integers += At::step_integers;
    next += At::step_integers;
    page += step_bytes;
  };
  for (Extent step = 0; step < step_count<Product>(head_size); ++step) {
    const auto scale = [&](Extent j) { return load(scales.of_keys + j); };
    expand_step(scale, scale);
  }
  for (Extent d = 0; d < head_size; d += panel_columns) {
    for (Extent key = 0; key < page_keys; key += Product::values) {
      const float* scale = scales.of_values + key;
      expand_step([&](Extent) { return broadcast(scale[0]); },
                  [&](Extent) { return broadcast(scale[Product::values - 1]); });
    }
  }
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
