// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Pages of keys and values: how rows take their places in them, and the product of weights with
// values, whose sums go on from page to page.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

template <class Product>
constexpr Extent steps_a_page = page_keys / Product::values;
template <class Product>
constexpr Extent value_panel_bytes = steps_a_page<Product>* step_bytes;

// Keys become columns of the panel.
template <class Product>
inline void append_keys(const PageRows& task) {
  if constexpr (Product::values == 1) {
    transpose<float>({task.k, task.k_stride, task.rows, task.head_size,
                      reinterpret_cast<float*>(task.page) + task.first, panel_columns});
  } else {
    std::uint32_t words[page_keys * chunk_stride];
    auto* panel = reinterpret_cast<std::uint32_t*>(task.page) + task.first;
    for (Extent k = 0; k < task.head_size; k += chunk_values) {
      const Extent count = task.head_size - k < chunk_values ? task.head_size - k : chunk_values;
      const Extent steps = step_count<Product>(count);
      for (Extent i = 0; i < task.rows; ++i) {
        RowWords<Product>::make({task.k + i * task.k_stride + k, count}, words + i * chunk_stride);
      }
      transpose<std::uint32_t>({words, chunk_stride, task.rows, steps,
                                panel + k / Product::values * panel_columns, panel_columns});
    }
  }
}

// One step of a panel of values: a key for f32, two for bf16, of which the second may be missing.
template <class Product>
inline void write_value_step(const float* v, const float* second, Extent columns, std::byte* step) {
  for (Extent j = 0; j < panel_columns; j += width, step += width * word_bytes) {
    const Extent left = columns - j;
    const Vec one = left > 0 ? load_within(v, j, columns) : Vec{};
    if constexpr (Product::values == 1) {
      std::memcpy(step, &one, sizeof one);
    } else {
      const Vec two = left > 0 && second != nullptr ? load_within(second, j, columns) : Vec{};
      const Words pair = bf16_pair(one, two);
      std::memcpy(step, &pair, sizeof pair);
    }
  }
}

// The second key of a step joins the first.
inline void join_value_step(const float* second, Extent columns, std::byte* step) {
  for (Extent j = 0; j < panel_columns && j < columns; j += width, step += width * word_bytes) {
    const Words pair = (load_words(step) & 0xFFFFU) |
                       (round_to_bf16(load_within(second, j, columns)) & 0xFFFF0000U);
    std::memcpy(step, &pair, sizeof pair);
  }
}

template <class Product>
inline void append_values(const PageRows& task) {
  std::byte* panel = task.page + step_count<Product>(task.head_size) * step_bytes;
  for (Extent d = 0; d < task.head_size; d += panel_columns, panel += value_panel_bytes<Product>) {
    const Extent columns = task.head_size - d < panel_columns ? task.head_size - d : panel_columns;
    for (Extent i = 0; i < task.rows;) {
      const float* v = task.v + i * task.v_stride + d;
      const Extent place = task.first + i;
      std::byte* step = panel + place / Product::values * step_bytes;
      if (place % Product::values != 0) {
        join_value_step(v, columns, step);
        ++i;
      } else {
        const float* second = i + 1 < task.rows ? v + task.v_stride : nullptr;
        write_value_step<Product>(v, second, columns, step);
        i += Product::values;
      }
    }
  }
}

template <class Product>
inline void append_rows(const PageRows& task) {
  if (task.as_bytes) return append_bytes<Product>(task);
  append_keys<Product>(task);
  append_values<Product>(task);
}

void append_to_page(const PageRows& task) noexcept {
  if constexpr (Bf16Product::words == 1) {
    if (task.compute == ComputeType::bf16) return append_rows<Bf16Product>(task);
  }
  append_rows<F32Product>(task);
}

// Packed rows of weights and the values of the same keys.
struct PageTile {
  const std::byte* packed;  // from the step `begin` on
  const std::byte* const* pages;
  Extent at;     // of the panel in a page
  Extent next;   // where the one is that comes after all pages, or again the same
  Extent begin;  // steps of all pages
  Extent end;
  Extent first_step;  // number of step 0 in its sequence
  float* out;         // [rows, 32]
};

template <class Product, int rows, int vectors>
ATTEND_INLINE void multiply_page_steps(const PageTile& tile, int part, Extent begin, Extent end) {
  constexpr Extent in_page = steps_a_page<Product>;
  constexpr Extent pages_ahead = 2;  // one panel of values is soon multiplied
  const Extent first_page = tile.begin / in_page;
  const Extent pages = (tile.end - 1) / in_page + 1;
  const auto ahead_of = [&](Extent page) {
    const Extent ahead = page + pages_ahead;
    if (ahead < pages) return tile.pages[ahead] + tile.at;
    const Extent again = first_page + ahead - pages;
    return tile.pages[again < pages ? again : page] + tile.next;
  };
  Sums<Product, rows, vectors> sums;
  const std::byte* x = tile.packed + (begin - tile.begin) * rows * Product::words * word_bytes;
  for (Extent k = begin; k < end;) {
    const Extent page = k / in_page;
    const Extent stop = end < (page + 1) * in_page ? end : (page + 1) * in_page;
    const Extent at = k % in_page * step_bytes + part * width * word_bytes;
    const std::byte* from = tile.pages[page] + tile.at + at;
    const std::byte* next = ahead_of(page) + at;
    for (; k < stop; ++k) {
      typename Product::Weight w[std::size_t{vectors}];
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) w[j] = Product::weight(from + j * width * word_bytes);
      fetch_lines<2>(next, vectors * width * word_bytes);
      sums.add(x, w);
      x += rows * Product::words * word_bytes;
      from += step_bytes;
      next += step_bytes;
    }
  }
  sums.store_to(tile.out + part * width, panel_columns, begin == tile.begin);
}

// Chains of sums are cut at the same keys of a sequence, wherever its pages begin.
template <class Product, int rows>
void multiply_pages(const PageTile& tile) noexcept {
  constexpr int vectors = vectors_at_once<Product>(rows);
  for (int part = 0; part < full_vectors; part += vectors) {
    for (Extent begin = tile.begin; begin < tile.end;) {
      const Extent left = Product::chain - (tile.first_step + begin) % Product::chain;
      const Extent end = tile.end - begin < left ? tile.end : begin + left;
      multiply_page_steps<Product, rows, vectors>(tile, part, begin, end);
      begin = end;
    }
  }
}

template <class Product, int... i>
constexpr auto make_page_tiles(std::integer_sequence<int, i...>) {
  using MultiplyPages = void (*)(const PageTile&) noexcept;
  struct Tiles {
    MultiplyPages by_rows[sizeof...(i)];
  };
  return Tiles{{multiply_pages<Product, i + 1>...}};
}
template <class Product>
constexpr auto page_tiles =
    make_page_tiles<Product>(std::make_integer_sequence<int, Product::tile.rows>{});

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
