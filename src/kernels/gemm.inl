// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The product of row blocks with panels. Every output is a chain of multiply-adds over k = 0, 1,
// 2 ..., cut at the same places: no tile, row count or split changes a bit of it.
#include <utility>

namespace attend::kernels::ATTEND_KERNELS {
namespace {

constexpr int full_vectors = static_cast<int>(panel_columns) / width;
constexpr int max_wide = 4;  // panels at once, for few rows

// Few rows take whole panels, several at once, as long as the sums stay in registers.
template <class Product>
constexpr int vectors_at_once(int rows) {
  return rows * full_vectors <= Product::tile.wide ? full_vectors : Product::tile.part;
}
template <class Product>
constexpr int panels_at_once(int rows) {
  const int fit = Product::tile.wide / (rows * full_vectors);
  return fit >= 4 ? 4 : fit >= 2 ? 2 : 1;
}

// Sums of products of packed rows with the columns of panels. Integers are stored as such.
struct Tile {
  const std::byte* packed;  // one block
  Extent steps;
  const std::byte* panels;
  Extent panel_stride;  // bytes
  float* out;
  Extent out_stride;
  const std::byte* next;  // memory that is needed soon: fetched on the way, next_step bytes a step
  Extent next_step;
};

ATTEND_INLINE void fetch_lines(const std::byte* from, Extent bytes) {
#pragma GCC unroll 9
  for (Extent line = 0; line < bytes; line += 64) __builtin_prefetch(from + line, 0, 3);
}

// GCC 12 spills every sum of a loop over integers unless they are pinned to registers behind it,
// which halves the speed.
ATTEND_INLINE void pin(IntVec& v) {
#if defined(__AVX512F__)
  __asm__("" : "+v"(v));
#elif defined(__x86_64__)
  __asm__("" : "+x"(v));
#elif defined(__aarch64__)
  __asm__("" : "+w"(v));
#endif
}
ATTEND_INLINE void pin(Vec&) {}

template <class Product, int rows, int columns>
struct Sums {
  typename Product::Sum of[std::size_t{rows}][std::size_t{columns}] = {};

  // Of one step: x is the packed rows' part of it.
  ATTEND_INLINE void add(const std::byte* x, const typename Product::Weight* w) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const auto value = Product::value(x + i * word_bytes, rows * word_bytes);
#pragma GCC unroll 8
      for (int j = 0; j < columns; ++j) of[i][j] = Product::add(of[i][j], value, w[j]);
    }
  }

  // Columns are those of panels, `vectors` from the part on of each.
  template <int vectors>
  ATTEND_INLINE void store_to(float* out, Extent stride, int part, bool is_first) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
      for (int j = 0; j < columns; ++j) pin(of[i][j]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
      for (int j = 0; j < columns; ++j) {
        float* to = out + i * stride + j / vectors * panel_columns + (part + j % vectors) * width;
        store(to, as<Vec>(is_first ? of[i][j] : as<typename Product::Sum>(load(to)) + of[i][j]));
      }
    }
  }
};

// Adds the products of the steps [begin, end) to out, or stores them when they are the first.
template <class Product, int rows, int vectors, int panels>
ATTEND_INLINE void multiply_steps(const Tile& tile, int part, Extent begin, Extent end) {
  constexpr Extent ahead = 24;  // steps; speed is flat from 16 to 32
  constexpr int columns = panels * vectors;
  Sums<Product, rows, columns> sums;
  const std::byte* x = tile.packed + begin * rows * Product::words * word_bytes;
  const std::byte* from = tile.panels + begin * step_bytes + part * width * word_bytes;
  const std::byte* next = tile.next + begin * tile.next_step;
  for (Extent k = begin; k < end; ++k) {
    typename Product::Weight w[std::size_t{columns}];
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) {
      const std::byte* step = from + p * tile.panel_stride;
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) {
        w[p * vectors + j] = Product::weight(step + j * width * word_bytes);
      }
      fetch_lines(step + ahead * step_bytes, vectors * width * word_bytes);
    }
    __builtin_prefetch(next, 0, 2);
    next += tile.next_step;
    sums.add(x, w);
    x += rows * Product::words * word_bytes;
    from += step_bytes;
  }
  sums.template store_to<vectors>(tile.out, tile.out_stride, part, begin == 0);
}

// The exact sums of one group of nibbles, and the floats that its scales turn them into.
template <int rows, int vectors, int panels>
struct Group {
  static constexpr int columns = panels * vectors;
  static constexpr Extent words = Int8Product::words * rows;  // of one step
  IntVec sum[std::size_t{rows}][std::size_t{columns}];

  ATTEND_INLINE void start(const std::byte* starts) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const IntVec start = as<IntVec>(broadcast_word(starts + i * word_bytes));
#pragma GCC unroll 8
      for (int j = 0; j < columns; ++j) sum[i][j] = start;
    }
  }

  // `from` are the nibbles of the group.
  ATTEND_INLINE void multiply(const std::byte* x, const std::byte* from, Extent panel_stride) {
#pragma GCC unroll 4
    for (int q = 0; q < 4; ++q) {
      Words nibbles[std::size_t{columns}];
#pragma GCC unroll 8
      for (int j = 0; j < columns; ++j) {
        nibbles[j] = load_words(from + j / vectors * panel_stride + q * step_bytes +
                                j % vectors * width * word_bytes);
      }
#pragma GCC unroll 2
      for (int half = 0; half < 2; ++half) {
        typename Int4Product::Weight w[std::size_t{columns}];
#pragma GCC unroll 8
        for (int j = 0; j < columns; ++j) {
          w[j] = Int4Product::weight(nibbles[j] >> (4 * half) & 0x0F0F0F0FU);
        }
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i) {
          const auto value = Int4Product::value(x + i * word_bytes, rows * word_bytes);
#pragma GCC unroll 8
          for (int j = 0; j < columns; ++j) sum[i][j] = Int4Product::add(sum[i][j], value, w[j]);
        }
        x += words * word_bytes;
      }
    }
  }

  // `scales` are those of the group.
  ATTEND_INLINE void add_to(Vec (&total)[std::size_t{rows}][std::size_t{columns}],
                            const std::byte* scales, Extent panel_stride) {
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j) {
      using Halves = std::uint16_t __attribute__((vector_size(width * 2)));
      Halves halves;
      std::memcpy(&halves, scales + j / vectors * panel_stride + j % vectors * width * 2,
                  sizeof halves);
      const Vec scale = as<Vec>(__builtin_convertvector(halves, Words) << 16);
#pragma GCC unroll 16
      for (int i = 0; i < rows; ++i) {
        pin(sum[i][j]);
        total[i][j] = fma(__builtin_convertvector(sum[i][j], Vec), scale, total[i][j]);
      }
    }
  }
};

// The same as multiply_steps for groups of nibbles.
template <int rows, int vectors, int panels>
ATTEND_INLINE void multiply_groups(const Tile& tile, int part) {
  constexpr Extent ahead = 3;  // groups
  constexpr int columns = panels * vectors;
  constexpr Extent words = Int4Product::words * rows;  // of a group
  Vec total[std::size_t{rows}][std::size_t{columns}] = {};
  const std::byte* x = tile.packed;
  const std::byte* from = tile.panels;
  const std::byte* next = tile.next;
  for (Extent g = 0; g < tile.steps; ++g) {
    Group<rows, vectors, panels> group;
    group.start(x + (words - rows) * word_bytes);
    group.multiply(x, from + part * width * word_bytes, tile.panel_stride);
    x += words * word_bytes;
    for (int p = 0; p < panels; ++p) {
      fetch_lines(from + p * tile.panel_stride + ahead * group_bytes, group_bytes);
    }
    for (Extent line = 0; line < tile.next_step; line += 64) __builtin_prefetch(next + line, 0, 2);
    next += tile.next_step;
    group.add_to(total, from + 4 * step_bytes + part * width * 2, tile.panel_stride);
    from += group_bytes;
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j) {
      store(tile.out + i * tile.out_stride + j / vectors * panel_columns +
                (part + j % vectors) * width,
            total[i][j]);
    }
  }
}

template <class Product, int rows, int panels>
void multiply(const Tile& tile) noexcept {
  constexpr int vectors = vectors_at_once<Product>(rows);
  for (int part = 0; part < full_vectors; part += vectors) {
    if constexpr (Product::values == group_values) {
      multiply_groups<rows, vectors, panels>(tile, part);
    } else {
      Extent begin = 0;
      do {
        const Extent left = tile.steps - begin;
        const Extent end = begin + (left < Product::chain ? left : Product::chain);
        multiply_steps<Product, rows, vectors, panels>(tile, part, begin, end);
        begin = end;
      } while (begin < tile.steps);
    }
  }
}

using Multiply = void (*)(const Tile&) noexcept;

template <class Product>
struct Tiles {
  Multiply one[Product::tile.rows];   // one panel, by rows - 1
  Multiply wide[Product::tile.rows];  // panels_at_once(rows) panels
};

template <class Product, int... i>
constexpr Tiles<Product> make_tiles(std::integer_sequence<int, i...>) {
  return {{multiply<Product, i + 1, 1>...},
          {multiply<Product, i + 1, panels_at_once<Product>(i + 1)>...}};
}
template <class Product>
constexpr Tiles<Product> tiles =
    make_tiles<Product>(std::make_integer_sequence<int, Product::tile.rows>{});

// What multiplies blocks with one or more panels each.
template <class Product>
struct Multiplier {
  void operator()(const Tile& tile, Extent rows, Extent panels) const {
    (panels == 1 ? tiles<Product>.one : tiles<Product>.wide)[rows - 1](tile);
  }
};

// Columns of some neighbouring panels.
struct ColumnRange {
  Extent begin;
  Extent count;  // whole panels
};

// Those of y that become of them.
inline ColumnRange outputs_of(const Linear& task, ColumnRange columns) {
  const Extent share = task.is_gated ? panel_columns / gate_columns : 1;
  const Extent begin = columns.begin / share;
  const Extent left = task.columns - begin;
  return {begin, columns.count / share < left ? columns.count / share : left};
}

// What stands beside one vector of columns: everything of columns reaches to the end of the panel.
struct Beside {
  Vec bias;
  Vec scale;
  Vec sum;
};

inline Beside beside(const Linear& task, Extent column) {
  const auto at = [column](const float* p) { return p == nullptr ? Vec{} : load(p + column); };
  return {at(task.bias), at(task.column_scales), at(task.column_sums)};
}

template <class Product>
ATTEND_INLINE Vec finished(Vec sum, const Beside& of, RowScale scale) {
  return Product::result(sum, of.scale, of.sum, scale) + of.bias;
}

template <class Product, Activation activation>
ATTEND_INLINE Vec activated(Vec v, const ActivationFunction& f) {
  if constexpr (Product::is_rounded && activation == Activation::gelu) {
    return gelu_of_rounded(v);
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
inline void finish_block(const Linear& task, Block block, ColumnRange columns, const float* sums) {
  const ColumnRange outputs = outputs_of(task, columns);
  const bool is_gated = task.is_gated;
  for (Extent j = 0; j < outputs.count; j += width) {
    const Extent column = is_gated ? j + j / gate_columns * gate_columns : j;
    const Beside of = beside(task, columns.begin + column);
    const Beside of_gated =
        is_gated ? beside(task, columns.begin + column + gate_columns) : Beside{};
    const Extent left = outputs.count - j;
    for (Extent i = 0; i < block.rows; ++i) {
      const Extent row = block.begin + i;
      const RowScale scale = Product::has_scales ? task.row_scales[row] : RowScale{};
      const float* sum = sums + i * columns.count + column;
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

template <class Product>
void linear(const Linear& task) noexcept {
  alignas(64) float sums[Product::tile.rows * panel_columns * max_wide];
  constexpr Extent bytes_a_step = Product::values == group_values ? group_bytes : step_bytes;
  const Extent outputs = task.is_gated ? gate_columns : panel_columns;  // of a panel
  const Extent panels = (task.columns + outputs - 1) / outputs;
  const Extent steps = step_count<Product>(task.depth);
  const Extent panel_size = steps * bytes_a_step;
  const Extent blocks = block_count(task.rows, Product::tile.rows);
  Multiplier<Product> multiply;
  const Extent wide = blocks == 1 ? panels_at_once<Product>(static_cast<int>(task.rows)) : 1;
  for (Extent p = 0; p < panels;) {
    const Extent count = panels - p >= wide ? wide : 1;
    const std::byte* panel = task.panels + p * panel_size;
    for (Extent b = 0; b < blocks; ++b) {
      const Block block = block_at(task.rows, Product::tile.rows, b);
      // The blocks together fetch the next panel while this one is in use.
      const Extent next_step = bytes_a_step / blocks;
      const Tile tile{.packed = task.packed + block.begin * row_bytes<Product>(task.depth),
                      .steps = steps,
                      .panels = panel,
                      .panel_stride = panel_size,
                      .out = sums,
                      .out_stride = count * panel_columns,
                      .next = panel + panel_size + b * next_step * steps,
                      .next_step = next_step};
      const ColumnRange columns{p * panel_columns, count * panel_columns};
      fetch_outputs(task, block, outputs_of(task, columns));
      multiply(tile, block.rows, count);
      with_activation(task.activation, [&]<Activation activation>() {
        finish_block<Product, activation>(task, block, columns, sums);
      });
    }
    p += count;
  }
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
