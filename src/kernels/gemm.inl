// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The product of row blocks with panels. Every output is a chain of multiply-adds over k = 0, 1,
// 2 ..., cut at the same places: no tile, row count or split changes a bit of it.
#include <utility>

namespace attend::kernels::ATTEND_KERNELS {
namespace {

constexpr int full_vectors = static_cast<int>(panel_columns) / width;

// Few rows take whole panels, as long as the sums stay in registers.
template <class Product>
constexpr int vectors_at_once(int rows) {
  return rows * full_vectors <= Product::tile.wide ? full_vectors : Product::tile.part;
}

// Sums of products of packed rows with the columns of a panel. Integers are stored as such. (Few
// rows take one panel after the other, too: one stream of memory is read faster than several.)
struct Tile {
  const std::byte* packed;  // one block
  Extent steps;
  const std::byte* panel;
  float* out;
  Extent out_stride;
  const std::byte* next;  // memory that is needed soon: fetched on the way, next_step bytes a step
  Extent next_step;
};

// What a tile fetches on the way: a panel of weights a little before it is multiplied, and of the
// next a share; of keys and values a panel that comes soon, into the second cache, which takes more
// lines at a time than the first. A single row is multiplied so fast that the core itself sees far
// enough ahead.
enum class Fetch { weights, pages };
constexpr bool fetches_pages(int rows) { return rows > 1; }

// Into the first cache (3) or the second (2).
template <int locality>
ATTEND_INLINE void fetch_lines(const std::byte* from, Extent bytes) {
#pragma GCC unroll 9
  for (Extent line = 0; line < bytes; line += 64) __builtin_prefetch(from + line, 0, locality);
}

template <class Product, int rows, int vectors>
struct Sums {
  typename Product::Sum of[std::size_t{rows}][std::size_t{vectors}] = {};

  // Of one step: x is the packed rows' part of it.
  ATTEND_INLINE void add(const std::byte* x, const typename Product::Weight* w) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const auto value = Product::value(x + i * word_bytes, rows * word_bytes);
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) of[i][j] = Product::add(of[i][j], value, w[j]);
    }
  }

  // From where store_to() left them.
  ATTEND_INLINE void load_from(const float* out, Extent stride) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) {
        of[i][j] = as<typename Product::Sum>(load(out + i * stride + j * width));
      }
    }
  }

  // `out` is where the first column of the first row goes.
  ATTEND_INLINE void store_to(float* out, Extent stride, bool is_first) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) {
        float* to = out + i * stride + j * width;
        store(to, as<Vec>(is_first ? of[i][j] : as<typename Product::Sum>(load(to)) + of[i][j]));
      }
    }
  }
};

// Adds the products of the steps [begin, end) to out, or stores them when they are the first.
template <class Product, Fetch fetch, int rows, int vectors>
ATTEND_INLINE void multiply_steps(const Tile& tile, int part, Extent begin, Extent end) {
  constexpr Extent ahead = 48;  // steps, of this panel and the next
  constexpr Extent bytes = vectors * width * word_bytes;
  Sums<Product, rows, vectors> sums;
  const std::byte* x = tile.packed + begin * rows * Product::words * word_bytes;
  const std::byte* from = tile.panel + begin * step_bytes + part * width * word_bytes;
  const std::byte* next = tile.next + begin * tile.next_step;
  if constexpr (fetch == Fetch::pages) next += part * width * word_bytes;
  for (Extent k = begin; k < end; ++k) {
    typename Product::Weight w[std::size_t{vectors}];
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) w[j] = Product::weight(from + j * width * word_bytes);
    if constexpr (fetch == Fetch::weights) {
      fetch_lines<3>(from + ahead * step_bytes, bytes);
      __builtin_prefetch(next, 0, 2);
    } else if constexpr (fetches_pages(rows)) {
      fetch_lines<2>(next, bytes);
    }
    next += tile.next_step;
    sums.add(x, w);
    x += rows * Product::words * word_bytes;
    from += step_bytes;
  }
  sums.store_to(tile.out + part * width, tile.out_stride, begin == 0);
}

// The exact sums of one group of nibbles, and the floats that its scales turn them into.
template <int rows, int vectors>
struct Group {
  static constexpr Extent words = Int8Product::words * rows;  // of one step
  IntVec sum[std::size_t{rows}][std::size_t{vectors}];

  ATTEND_INLINE void start(const std::byte* starts) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const IntVec start = as<IntVec>(broadcast_word(starts + i * word_bytes));
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) sum[i][j] = start;
    }
  }

  // `from` are the nibbles of the group.
  ATTEND_INLINE void multiply(const std::byte* x, const std::byte* from) {
#pragma GCC unroll 4
    for (int q = 0; q < 4; ++q) {
      Words nibbles[std::size_t{vectors}];
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) {
        nibbles[j] = load_words(from + q * step_bytes + j * width * word_bytes);
      }
#pragma GCC unroll 2
      for (int half = 0; half < 2; ++half) {
        typename Int4Product::Weight w[std::size_t{vectors}];
#pragma GCC unroll 8
        for (int j = 0; j < vectors; ++j) {
          w[j] = Int4Product::weight(nibbles[j] >> (4 * half) & 0x0F0F0F0FU);
        }
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i) {
          const auto value = Int4Product::value(x + i * word_bytes, rows * word_bytes);
#pragma GCC unroll 8
          for (int j = 0; j < vectors; ++j) {
            sum[i][j] = Int4Product::add(sum[i][j], value, w[j]);
            hide(sum[i][j]);  // or GCC lays all products on the stack before it adds them
          }
        }
        x += words * word_bytes;
      }
    }
  }

  // `scales` are those of the group.
  ATTEND_INLINE void add_to(Vec (&total)[std::size_t{rows}][std::size_t{vectors}],
                            const std::byte* scales) {
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) {
      using Halves = std::uint16_t __attribute__((vector_size(width * 2)));
      Halves halves;
      std::memcpy(&halves, scales + j * width * 2, sizeof halves);
      const Vec scale = as<Vec>(__builtin_convertvector(halves, Words) << 16);
#pragma GCC unroll 16
      for (int i = 0; i < rows; ++i) {
        total[i][j] = fma(__builtin_convertvector(sum[i][j], Vec), scale, total[i][j]);
      }
    }
  }
};

// The same as multiply_steps for groups of nibbles.
template <int rows, int vectors>
ATTEND_INLINE void multiply_groups(const Tile& tile, int part) {
  constexpr Extent ahead = 6;                          // groups
  constexpr Extent words = Int4Product::words * rows;  // of a group
  Vec total[std::size_t{rows}][std::size_t{vectors}] = {};
  const std::byte* x = tile.packed;
  const std::byte* from = tile.panel;
  const std::byte* next = tile.next;
  for (Extent g = 0; g < tile.steps; ++g) {
    Group<rows, vectors> group;
    group.start(x + (words - rows) * word_bytes);
    group.multiply(x, from + part * width * word_bytes);
    x += words * word_bytes;
    fetch_lines<3>(from + ahead * group_bytes, group_bytes);
    for (Extent line = 0; line < tile.next_step; line += 64) __builtin_prefetch(next + line, 0, 2);
    next += tile.next_step;
    group.add_to(total, from + 4 * step_bytes + part * width * 2);
    from += group_bytes;
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) {
      store(tile.out + i * tile.out_stride + (part + j) * width, total[i][j]);
    }
  }
}

template <class Product, Fetch fetch, int rows>
void multiply(const Tile& tile) noexcept {
  constexpr int vectors = vectors_at_once<Product>(rows);
  for (int part = 0; part < full_vectors; part += vectors) {
    if constexpr (Product::values == group_values) {
      multiply_groups<rows, vectors>(tile, part);
    } else {
      Extent begin = 0;
      do {
        const Extent left = tile.steps - begin;
        const Extent end = begin + (left < Product::chain ? left : Product::chain);
        multiply_steps<Product, fetch, rows, vectors>(tile, part, begin, end);
        begin = end;
      } while (begin < tile.steps);
    }
  }
}

using Multiply = void (*)(const Tile&) noexcept;

template <class Product>
struct Tiles {
  Multiply of[Product::tile.rows];  // by rows - 1
};

template <class Product, Fetch fetch, int... i>
constexpr Tiles<Product> make_tiles(std::integer_sequence<int, i...>) {
  return {{multiply<Product, fetch, i + 1>...}};
}
template <class Product, Fetch fetch = Fetch::weights>
constexpr Tiles<Product> tiles =
    make_tiles<Product, fetch>(std::make_integer_sequence<int, Product::tile.rows>{});

// What multiplies blocks with a panel each.
template <class Product>
struct Multiplier {
  void operator()(const Tile& tile, Extent rows) const { tiles<Product>.of[rows - 1](tile); }
};

// Columns of y.
struct ColumnRange {
  Extent begin;
  Extent count;
};

// Those that become of panel p.
inline ColumnRange outputs_of(const Linear& task, Extent p) {
  const Extent most = task.is_gated ? gate_columns : panel_columns;
  const Extent left = task.columns - p * most;
  return {p * most, left < most ? left : most};
}

// What the epilogue takes of one vector of columns, which reaches to the end of the panel.
struct EpilogueColumns {
  Vec bias;
  Vec scale;
  Vec sum;
};

inline EpilogueColumns epilogue_columns(const Linear& task, Extent column) {
  const auto at = [column](const float* p) { return p == nullptr ? Vec{} : load(p + column); };
  return {at(task.bias), at(task.column_scales), at(task.column_sums)};
}

template <class Product>
ATTEND_INLINE Vec finished(Vec sum, const EpilogueColumns& of, RowScale scale) {
  return Product::result(sum, of.scale, of.sum, scale) + of.bias;
}

template <class Product, Activation activation>
ATTEND_INLINE Vec activated(Vec v, const ActivationFunction& f) {
  if constexpr (Product::is_rounded && activation == Activation::gelu) {
    return gelu_of_rounded(v);
  } else if constexpr (Product::is_rounded && activation == Activation::gelu_tanh) {
    return gelu_tanh_of_rounded(v);
  } else {
    return apply<activation>(v, f);
  }
}

// Fetches what finish_block reads and writes, long before it does. (Inlined always: GCC 12 drops
// calls of functions that only fetch.)
ATTEND_INLINE void fetch_outputs(const Linear& task, Block block, ColumnRange outputs) {
  for (Extent i = block.begin; i < block.begin + block.rows; ++i) {
    float* y = task.y + i * task.y_stride + outputs.begin;
    for (Extent j = 0; j < outputs.count; j += 16) __builtin_prefetch(y + j, 1, 3);
    if (task.residual == nullptr || task.residual == task.y) continue;
    const float* residual = task.residual + i * task.residual_stride + outputs.begin;
    for (Extent j = 0; j < outputs.count; j += 16) __builtin_prefetch(residual + j, 0, 3);
  }
}

// Sums of one block become y, a vector of columns after the other: the same for every tile.
template <class Product, Activation activation>
void finish_block(const Linear& task, Block block, Extent p, const float* sums) noexcept {
  const ColumnRange outputs = outputs_of(task, p);
  const bool is_gated = task.is_gated;
  for (Extent j = 0; j < outputs.count; j += width) {
    const Extent column = p * panel_columns + j;
    const EpilogueColumns of = epilogue_columns(task, column);
    const EpilogueColumns of_gated =
        is_gated ? epilogue_columns(task, column + gate_columns) : EpilogueColumns{};
    const Extent left = outputs.count - j;
    for (Extent i = 0; i < block.rows; ++i) {
      const Extent row = block.begin + i;
      const RowScale scale = Product::has_scales ? task.row_scales[row] : RowScale{};
      const float* sum = sums + i * panel_columns + j;
      Vec v =
          activated<Product, activation>(finished<Product>(load(sum), of, scale), task.activation);
      if (is_gated) v *= finished<Product>(load(sum + gate_columns), of_gated, scale);
      const Extent at = outputs.begin + j;
      if (task.residual != nullptr) {
        v += load_within(task.residual + row * task.residual_stride + at, 0, left);
      }
      store_within(task.y + row * task.y_stride + at, 0, left, v);
    }
  }
}

using FinishBlock = void (*)(const Linear&, Block, Extent, const float*) noexcept;

template <class Product>
void linear(const Linear& task) noexcept {
  alignas(64) float sums[Product::tile.rows * panel_columns];
  constexpr Extent bytes_a_step = Product::values == group_values ? group_bytes : step_bytes;
  const Extent outputs = task.is_gated ? gate_columns : panel_columns;  // of a panel
  const Extent panels = (task.columns + outputs - 1) / outputs;
  const Extent steps = step_count<Product>(task.depth);
  const Extent panel_size = steps * bytes_a_step;
  const Extent blocks = block_count(task.rows, Product::tile.rows);
  Multiplier<Product> multiply;
  FinishBlock finish = nullptr;
  with_activation(task.activation,
                  [&]<Activation activation>() { finish = finish_block<Product, activation>; });
  for (Extent p = 0; p < panels; ++p) {
    const std::byte* panel = task.panels + p * panel_size;
    for (Extent b = 0; b < blocks; ++b) {
      const Block block = block_at(task.rows, Product::tile.rows, b);
      // Many blocks together fetch the next panel while this one is in use.
      const Extent next_step = blocks > 1 ? bytes_a_step / blocks : 0;
      const Tile tile{.packed = task.packed + block.begin * row_bytes<Product>(task.depth),
                      .steps = steps,
                      .panel = panel,
                      .out = sums,
                      .out_stride = panel_columns,
                      .next = panel + panel_size + b * next_step * steps,
                      .next_step = next_step};
      fetch_outputs(task, block, outputs_of(task, p));
      multiply(tile, block.rows);
      finish(task, block, p, sums);
    }
  }
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
