// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Packing and the product of row blocks with panels. Every output is a chain of fused multiply-adds
// over k = 0, 1, 2 ..., cut after every 384: no tile, row count or split changes a bit of it.
#include <Eigen/Core>
#include <utility>

namespace attend::kernels::ATTEND_KERNELS {
namespace {

// The largest tile: its sums, one step of a panel part and one broadcast fit the registers.
#if defined(__AVX512F__)
constexpr int tile_rows = 14;  // 28 sums + 2 + 1 of 32 registers
constexpr int wide_sums = 16;  // enough to hide the latency of the multiply-adds
#elif defined(__AVX2__)
constexpr int tile_rows = 6;  // 12 sums + 2 + 1 of 16 registers
constexpr int wide_sums = 8;
#elif defined(__aarch64__)
constexpr int tile_rows = 6;  // 24 sums + 4 + 2 of 32 registers
constexpr int wide_sums = 16;
#else
constexpr int tile_rows = 3;  // 12 sums + 1 + 2 of 16 registers
constexpr int wide_sums = 12;
#endif
constexpr int full_vectors = static_cast<int>(panel_columns) / width;
constexpr int part_vectors =
    width == 4 ? 4 : 2;      // vectors of a panel that a tile of many rows takes
constexpr int max_wide = 4;  // panels at once, for few rows

// Few rows take whole panels, several at once, as long as the sums stay in registers.
constexpr int vectors_at_once(int rows) {
  return rows * full_vectors <= wide_sums ? full_vectors : part_vectors;
}
constexpr int panels_at_once(int rows) {
  const int fit = wide_sums / (rows * full_vectors);
  return fit >= 4 ? 4 : fit >= 2 ? 2 : 1;
}

// Steps of k that are summed before they join the sum so far: rounding grows with the length of the
// chains, and the joins cost less than 1 %.
constexpr Extent chain = 384;

struct Block {
  Extent begin;
  Extent rows;
};

constexpr Extent block_count(Extent rows) { return (rows + tile_rows - 1) / tile_rows; }

// Rows are shared evenly: 16 rows are 8 + 8, not 14 + 2.
constexpr Block block_at(Extent rows, Extent i) {
  const Extent blocks = block_count(rows);
  const Extent base = rows / blocks;
  const Extent longer = rows % blocks;
  return {i * base + (i < longer ? i : longer), base + (i < longer ? 1 : 0)};
}

using Vec4 = float __attribute__((vector_size(16)));

// out[k * record + i] = x[i * stride + k], for 4 x 4 values.
ATTEND_INLINE void transpose4(const float* x, Extent stride, float* out, Extent record) {
  Vec4 row[4];
  for (int i = 0; i < 4; ++i) std::memcpy(&row[i], x + i * stride, sizeof row[i]);
  const Vec4 a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  const Vec4 b = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  const Vec4 c = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  const Vec4 d = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  const Vec4 column[4] = {
      __builtin_shufflevector(a, b, 0, 1, 4, 5), __builtin_shufflevector(a, b, 2, 3, 6, 7),
      __builtin_shufflevector(c, d, 0, 1, 4, 5), __builtin_shufflevector(c, d, 2, 3, 6, 7)};
  for (int k = 0; k < 4; ++k) std::memcpy(out + k * record, &column[k], sizeof column[k]);
}

// out[k * record + i] = x[i * stride + k]. Only moves values, so Eigen may do the edges.
inline void transpose(const float* x, Extent stride, Extent rows, Extent depth, float* out,
                      Extent record) {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Stride = Eigen::OuterStride<>;
  const Extent whole_rows = rows / 4 * 4;
  const Extent whole_depth = depth / 4 * 4;
  for (Extent k = 0; k < whole_depth; k += 4) {
    for (Extent i = 0; i < whole_rows; i += 4) {
      transpose4(x + i * stride + k, stride, out + k * record + i, record);
    }
  }
  const Eigen::Map<const Matrix, 0, Stride> from(x, rows, depth, Stride(stride));
  Eigen::Map<Matrix, 0, Stride> to(out, depth, rows, Stride(record));
  to.rightCols(rows - whole_rows) = from.bottomRows(rows - whole_rows).transpose();
  to.bottomLeftCorner(depth - whole_depth, whole_rows) =
      from.topRightCorner(whole_rows, depth - whole_depth).transpose();
}

void pack_panel(const PackPanel& task) noexcept {
  transpose(task.x, task.stride, task.rows, task.depth, task.panel, panel_columns);
  for (Extent k = 0; k < task.depth; ++k) {
    for (Extent i = task.rows; i < panel_columns; ++i) task.panel[k * panel_columns + i] = 0;
  }
}

void pack_rows(const PackRows& task) noexcept {
  for (Extent i = task.first_block; i < task.last_block; ++i) {
    const Block block = block_at(task.rows, i);
    transpose(task.x + block.begin * task.stride, task.stride, block.rows, task.depth,
              task.packed + block.begin * task.depth, block.rows);
  }
}

// out[i, j] = sum over k of packed[k, i] * panels[k, j].
struct Tile {
  const float* packed;  // one block
  Extent depth;
  const float* panels;
  Extent panel_stride;
  float* out;
  Extent out_stride;
  const float* next;  // memory that is needed soon: fetched on the way, next_step values a step
  Extent next_step;
};

// Adds the products of the steps [begin, end) to out, or stores them when they are the first.
template <int rows, int vectors, int panels>
ATTEND_INLINE void multiply_steps(const Tile& tile, int part, Extent begin, Extent end) {
  constexpr Extent ahead = 24;  // steps; speed is flat from 16 to 32
  constexpr int columns = panels * vectors;
  Vec sum[std::size_t{rows}][std::size_t{columns}] = {};
  const float* x = tile.packed + begin * rows;
  const float* from = tile.panels + begin * panel_columns + part * width;
  const float* next = tile.next + begin * tile.next_step;
  for (Extent k = begin; k < end; ++k) {
    Vec w[std::size_t{columns}];
#pragma GCC unroll 4
    for (int p = 0; p < panels; ++p) {
      const float* step = from + p * tile.panel_stride;
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) w[p * vectors + j] = load(step + j * width);
#pragma GCC unroll 2
      for (int line = 0; line < vectors * width; line += 16) {
        __builtin_prefetch(step + ahead * panel_columns + line, 0, 3);
      }
    }
    __builtin_prefetch(next, 0, 2);
    next += tile.next_step;
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const Vec value = broadcast(x[i]);
#pragma GCC unroll 8
      for (int j = 0; j < columns; ++j) sum[i][j] = fma(value, w[j], sum[i][j]);
    }
    x += rows;
    from += panel_columns;
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j) {
      float* out = tile.out + i * tile.out_stride + j / vectors * panel_columns +
                   (part + j % vectors) * width;
      store(out, begin == 0 ? sum[i][j] : load(out) + sum[i][j]);
    }
  }
}

template <int rows, int panels>
void multiply(const Tile& tile) noexcept {
  constexpr int vectors = vectors_at_once(rows);
  for (int part = 0; part < full_vectors; part += vectors) {
    Extent begin = 0;
    do {
      const Extent left = tile.depth - begin;
      const Extent end = begin + (left < chain ? left : chain);
      multiply_steps<rows, vectors, panels>(tile, part, begin, end);
      begin = end;
    } while (begin < tile.depth);
  }
}

using Multiply = void (*)(const Tile&) noexcept;

struct Tiles {
  Multiply one[tile_rows];   // one panel, by rows - 1
  Multiply wide[tile_rows];  // panels_at_once(rows) panels
};

template <int... i>
constexpr Tiles make_tiles(std::integer_sequence<int, i...>) {
  return {{multiply<i + 1, 1>...}, {multiply<i + 1, panels_at_once(i + 1)>...}};
}
constexpr Tiles tiles = make_tiles(std::make_integer_sequence<int, tile_rows>{});

// The epilogue of one row of one or more panels: sums -> y, the same for every tile.
template <Activation activation>
ATTEND_INLINE void finish(const float* sum, const float* bias, const float* residual, float* y,
                          Extent columns) {
  Extent j = 0;
  for (; j + width <= columns; j += width) {
    Vec v = load(sum + j);
    if (bias != nullptr) v += load(bias + j);
    v = apply<activation>(v);
    if (residual != nullptr) v += load(residual + j);
    store(y + j, v);
  }
  if (j == columns) return;
  Vec v = load(sum + j);
  if (bias != nullptr) v += load(bias + j);
  v = apply<activation>(v);
  if (residual != nullptr) v += load_part(residual + j, columns - j, 0);
  store_part(y + j, v, columns - j);
}

template <Activation activation>
inline void finish_block(const Linear& task, Block block, Extent column, Extent columns,
                         const float* sums) {
  for (Extent i = 0; i < block.rows; ++i) {
    const Extent row = block.begin + i;
    const float* residual =
        task.residual == nullptr ? nullptr : task.residual + row * task.residual_stride + column;
    finish<activation>(sums + i * columns, task.bias == nullptr ? nullptr : task.bias + column,
                       residual, task.y + row * task.y_stride + column,
                       columns < task.columns - column ? columns : task.columns - column);
  }
}

void linear(const Linear& task) noexcept {
  alignas(64) float sums[tile_rows * panel_columns * max_wide];
  const Extent panels = (task.columns + panel_columns - 1) / panel_columns;
  const Extent panel_size = task.depth * panel_columns;
  const Extent blocks = block_count(task.rows);
  const bool one_block = blocks == 1;
  const Extent wide = one_block ? panels_at_once(static_cast<int>(task.rows)) : 1;
  for (Extent p = 0; p < panels;) {
    const Extent count = panels - p >= wide ? wide : 1;
    const float* panel = task.panels + p * panel_size;
    for (Extent b = 0; b < blocks; ++b) {
      const Block block = block_at(task.rows, b);
      const float* packed = task.packed + block.begin * task.depth;
      // The blocks together fetch the next panel while this one is in use.
      const Extent next_step = panel_columns / blocks;
      const float* next = panel + panel_size + b * next_step * task.depth;
      const Tile tile{packed, task.depth, panel, panel_size, sums, count * panel_columns,
                      next,   next_step};
      (count == 1 ? tiles.one : tiles.wide)[block.rows - 1](tile);
      with_activation(task.activation, [&]<Activation activation>() {
        finish_block<activation>(task, block, p * panel_columns, count * panel_columns, sums);
      });
    }
    p += count;
  }
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
