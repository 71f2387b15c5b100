// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Products of a unit that multiplies whole tiles: 16 rows of 16 words each, sums of 16 x 16. A
// panel is two columns of weight tiles as it stands; rows stay rows, in pieces of 16 words. The
// unit is a type, so that a test can run the same text with one written in plain C++.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

constexpr Extent tile_words = 16;  // of a row
constexpr Extent tile_row_bytes = tile_words * word_bytes;

// Numbers of the unit's eight tiles. Sums: upper left, upper right, lower left, lower right.
constexpr int sums_tile = 0;
constexpr int rows_tile = 4;     // upper, lower
constexpr int weights_tile = 6;  // left, right

// Whole is the product that takes as many values of k in a word. The sums of a row are those of
// whole tiles, whatever the number of rows, so few rows go through tiles, too.
template <class UnitType, class Whole>
struct TileProduct {
  using Unit = UnitType;
  using Sum = typename Whole::Sum;
  static constexpr TileShape tile{2 * tile_words, 0, 0};
  static constexpr Extent values = Whole::values;
  static constexpr bool is_rounded = Whole::is_rounded;
  static constexpr bool has_scales = Whole::has_scales;
  ATTEND_INLINE static Vec result(Vec sum, Vec column_scale, Vec column_sum, RowScale row) {
    return Whole::result(sum, column_scale, column_sum, row);
  }

  static constexpr Extent row_bytes(Extent depth) {
    return (step_count<Whole>(depth) + tile_words - 1) / tile_words * tile_row_bytes;
  }

  // [depth / 16 words, rows, 16 words]; zero behind the last value, and what the last vector makes
  // of zero.
  static void pack(const BlockRows& block, std::byte* packed) {
    for (Extent i = 0; i < block.rows; ++i) {
      const float inverse = block.inverse == nullptr ? 0.0F : block.inverse[i];
      const float zero = block.zero == nullptr ? 0.0F : block.zero[i];
      const float* x = block.x + i * block.stride;
      std::byte* out = packed + i * tile_row_bytes;
      constexpr Extent piece = tile_words * values;
      for (Extent k = 0; k < block.depth; k += piece, out += block.rows * tile_row_bytes) {
        std::uint32_t words[tile_words] = {};
        const Extent count = block.depth - k < piece ? block.depth - k : piece;
        for_each_vector(x + k, count, 0, [&](Extent j, Vec v) {
          if constexpr (values == Bf16Product::values) {
            store_bf16(words, j, v);
          } else {
            store_int8(words, j, round_to_int(v * inverse + zero));
          }
        });
        std::memcpy(out, words, sizeof words);
      }
    }
  }
};

// One block times one panel.
template <InTiles Product>
class Multiplier<Product> {
 public:
  void operator()(const Tile& tile, Extent rows) {
    const Extent upper = rows <= tile_words ? rows : (rows + 1) / 2;
    unit_.shape(upper, rows - upper);
    if (rows == upper) {
      multiply<1>(tile, rows, upper);
    } else {
      multiply<2>(tile, rows, upper);
    }
  }

 private:
  static constexpr Extent weight_bytes = tile_words * step_bytes;

  template <int halves>
  void multiply(const Tile& tile, Extent rows, Extent upper) {
    constexpr Extent ahead = 24 * step_bytes;
    const std::byte* x = tile.packed;
    const std::byte* from = tile.panel;
    const std::byte* next = tile.next;
    clear<halves>();
    for (Extent left = tile.steps; left > 0; left -= tile_words) {
      for (Extent line = 0; line < weight_bytes; line += 64) {
        __builtin_prefetch(from + ahead + line, 0, 3);
      }
      for (Extent line = 0; line < tile_words * tile.next_step; line += 64) {
        __builtin_prefetch(next + line, 0, 2);
      }
      if (left >= tile_words) {
        multiply_piece<halves>(x, upper, from);
      } else {
        // What follows the panel may not be there, or be NaN.
        alignas(64) std::byte last[weight_bytes] = {};
        std::memcpy(last, from, static_cast<std::size_t>(left * step_bytes));
        multiply_piece<halves>(x, upper, last);
      }
      x += rows * tile_row_bytes;
      from += weight_bytes;
      next += tile_words * tile.next_step;
    }
    store<halves>(tile, upper);
  }

  template <int halves>
  void clear() {
    unit_.template clear<sums_tile>();
    unit_.template clear<sums_tile + 1>();
    if constexpr (halves == 2) {
      unit_.template clear<sums_tile + 2>();
      unit_.template clear<sums_tile + 3>();
    }
  }

  template <int halves>
  ATTEND_INLINE void multiply_piece(const std::byte* x, Extent upper, const std::byte* weights) {
    constexpr Extent values = Product::values;
    unit_.template load<weights_tile>(weights, step_bytes);
    unit_.template load<weights_tile + 1>(weights + tile_row_bytes, step_bytes);
    unit_.template load<rows_tile>(x, tile_row_bytes);
    unit_.template multiply<values, sums_tile, rows_tile, weights_tile>();
    unit_.template multiply<values, sums_tile + 1, rows_tile, weights_tile + 1>();
    if constexpr (halves == 2) {
      unit_.template load<rows_tile + 1>(x + upper * tile_row_bytes, tile_row_bytes);
      unit_.template multiply<values, sums_tile + 2, rows_tile + 1, weights_tile>();
      unit_.template multiply<values, sums_tile + 3, rows_tile + 1, weights_tile + 1>();
    }
  }

  template <int halves>
  void store(const Tile& tile, Extent upper) {
    const Extent stride = tile.out_stride * word_bytes;
    unit_.template store<sums_tile>(tile.out, stride);
    unit_.template store<sums_tile + 1>(tile.out + tile_words, stride);
    if constexpr (halves == 2) {
      float* lower = tile.out + upper * tile.out_stride;
      unit_.template store<sums_tile + 2>(lower, stride);
      unit_.template store<sums_tile + 3>(lower + tile_words, stride);
    }
  }

  typename Product::Unit unit_;
};

// As fast as the unit can: four independent sums, as many as it has room for.
template <class Unit, int values>
inline double tile_multiply_adds_of(Extent steps) {
  Unit unit;
  unit.shape(tile_words, tile_words);  // all tiles are zero
  for (Extent i = 0; i < steps; ++i) {
    unit.template multiply<values, sums_tile, rows_tile, weights_tile>();
    unit.template multiply<values, sums_tile + 1, rows_tile, weights_tile + 1>();
    unit.template multiply<values, sums_tile + 2, rows_tile + 1, weights_tile>();
    unit.template multiply<values, sums_tile + 3, rows_tile + 1, weights_tile + 1>();
  }
  return 2.0 * 4 * tile_words * tile_words * tile_words * values * static_cast<double>(steps);
}

template <class Unit>
double tile_multiply_adds(DType operands, Extent steps) noexcept {
  switch (operands) {
    case DType::bf16: return tile_multiply_adds_of<Unit, Bf16Product::values>(steps);
    case DType::i8: return tile_multiply_adds_of<Unit, Int8Product::values>(steps);
    default: return multiply_adds(operands, steps);
  }
}

template <class Product>
constexpr void use(KernelTable& table, ComputeType type) {
  table.products[static_cast<std::size_t>(type)] = make_product<Product>();
}

// The table of the instruction set, with products in bf16 and int8 by the unit.
template <class Unit>
constexpr KernelTable make_tile_table(const char* name, std::uint32_t features) {
  KernelTable table = make_table(name, features);
  use<TileProduct<Unit, Bf16Product>>(table, ComputeType::bf16);
  use<TileProduct<Unit, Int8Product>>(table, ComputeType::int8);
  table.multiply_adds = tile_multiply_adds<Unit>;
  return table;
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
