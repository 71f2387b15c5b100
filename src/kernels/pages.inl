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
                      reinterpret_cast<float*>(task.keys) + task.first, panel_columns});
  } else {
    std::uint32_t words[page_keys * chunk_stride];
    auto* panel = reinterpret_cast<std::uint32_t*>(task.keys) + task.first;
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
  std::byte* panel = task.values;
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

// Packed rows of weights and the values of the same keys: some steps of neighbouring pages.
struct ValueTile {
  const std::byte* packed;
  const std::byte* const* pages;
  Extent at;     // of the panel in each
  Extent begin;  // steps of all pages
  Extent end;
  float* sums;  // [rows, 32]
  Extent stride;
  bool goes_on;           // with the sums as they are
  bool is_added;          // to them
  const std::byte* next;  // see Tile
  Extent next_step;
};

template <class Product, int rows>
void multiply_values(const ValueTile& tile) noexcept {
  constexpr int vectors = vectors_at_once<Product>(rows);
  constexpr Extent in_page = steps_a_page<Product>;
  for (int part = 0; part < full_vectors; part += vectors) {
    Sums<Product, rows, vectors> sums;
    if (tile.goes_on) sums.load_from(tile.sums + part * width, tile.stride);
    const std::byte* x = tile.packed;
    const std::byte* next = tile.next + part * width * word_bytes;
    for (Extent k = tile.begin; k < tile.end;) {
      const Extent page = k / in_page;
      const Extent stop = tile.end < (page + 1) * in_page ? tile.end : (page + 1) * in_page;
      const std::byte* from =
          tile.pages[page] + tile.at + k % in_page * step_bytes + part * width * word_bytes;
      for (; k < stop; ++k) {
        typename Product::Weight w[std::size_t{vectors}];
#pragma GCC unroll 8
        for (int j = 0; j < vectors; ++j) w[j] = Product::weight(from + j * width * word_bytes);
        if constexpr (fetches_pages(rows)) fetch_lines<2>(next, vectors * width * word_bytes);
        next += tile.next_step;
        sums.add(x, w);
        x += rows * Product::words * word_bytes;
        from += step_bytes;
      }
    }
    sums.store_to(tile.sums + part * width, tile.stride, !tile.is_added);
  }
}

template <class Product, int... i>
constexpr auto make_value_tiles(std::integer_sequence<int, i...>) {
  using MultiplyValues = void (*)(const ValueTile&) noexcept;
  struct Tiles {
    MultiplyValues by_rows[sizeof...(i)];
  };
  return Tiles{{multiply_values<Product, i + 1>...}};
}
template <class Product>
constexpr auto value_tiles =
    make_value_tiles<Product>(std::make_integer_sequence<int, Product::tile.rows>{});

// Packed rows of weights, and their products with the values of the pages so far.
struct ValueSums {
  const std::byte* packed;  // from the step `begin` on
  Extent rows;
  Extent begin;  // steps of all pages
  Extent end;
  Extent first_step;  // number of step 0 in its sequence
  float* chain;  // [rows, stride]: the sums of the chain at hand; null for one call of all pages
  float* total;  // [rows, stride]: those of all before it
  Extent stride;
};

// The chain joins the total.
inline void end_chain(const ValueSums& sums, Extent columns, bool is_first) {
  for (Extent i = 0; i < sums.rows; ++i) {
    const float* chain = sums.chain + i * sums.stride;
    float* total = sums.total + i * sums.stride;
    for (Extent j = 0; j < columns; j += width) {
      store(total + j, is_first ? load(chain + j) : load(total + j) + load(chain + j));
    }
  }
}

// Neighbouring panels, of neighbouring pages of a sequence.
struct ValuePanels {
  Extent first_page;
  Extent pages;
  const std::byte* const* page;  // [pages]
  Extent at;                     // of the first panel in each
  Extent count;
  const std::byte* next;  // see Tile: panels that come soon
  Extent next_step;
};

// Chains of sums are cut at the same keys of a sequence, wherever its pages begin. A chain that
// begins and ends in these pages joins the total at once.
template <class Product>
inline void add_values(const ValueSums& sums, const ValuePanels& panels) {
  const Extent before = panels.first_page * steps_a_page<Product>;
  const Extent behind = before + panels.pages * steps_a_page<Product>;
  const Extent last = sums.end < behind ? sums.end : behind;
  for (Extent begin = sums.begin > before ? sums.begin : before; begin < last;) {
    const Extent in_chain = (sums.first_step + begin) % Product::chain;
    const Extent left = Product::chain - in_chain;
    const Extent end = last - begin < left ? last : begin + left;
    const bool goes_on = begin != sums.begin && in_chain != 0;
    const bool ends = end == sums.end || end - begin == left;
    const bool is_first = begin - in_chain <= sums.begin;
    const bool is_whole = ends && !goes_on;
    for (Extent i = 0; i < panels.count; ++i) {
      value_tiles<Product>.by_rows[sums.rows - 1](
          {.packed = sums.packed + (begin - sums.begin) * sums.rows * Product::words * word_bytes,
           .pages = panels.page,
           .at = panels.at + i * value_panel_bytes<Product>,
           .begin = begin - before,
           .end = end - before,
           .sums = (is_whole ? sums.total : sums.chain) + i * panel_columns,
           .stride = sums.stride,
           .goes_on = goes_on,
           .is_added = is_whole && !is_first,
           .next = panels.next + i * steps_a_page<Product> * panels.next_step,
           .next_step = panels.next_step});
    }
    if (ends && !is_whole) end_chain(sums, panels.count * panel_columns, is_first);
    begin = end;
  }
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
