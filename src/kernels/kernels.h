// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The narrow interface of the kernels: one table of functions per instruction set, over plain
// structs of pointers, extents and strides. Kernels trust their arguments; src/ops checks them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "attend/core/dtype.h"
#include "attend/ops/activation.h"
#include "attend/ops/compute_type.h"

namespace attend::kernels {

using Extent = std::ptrdiff_t;

/// A packed weight: panels of 32 output columns, k-major, one layout for every table. A step of a
/// panel is 32 columns of one word: one f32, two bf16 or four int8 of neighbouring k. int4 comes in
/// groups of 32 k: four steps of nibbles (low: k = 8 step + 0..3, high: + 4..7; n means n - 8),
/// then a bf16 scale a column.
inline constexpr Extent panel_columns = 32;
inline constexpr Extent word_bytes = 4;
inline constexpr Extent step_bytes = panel_columns * word_bytes;
inline constexpr Extent gate_columns = panel_columns / 2;  // of a gated panel: Linear::is_gated
inline constexpr Extent group_values = 32;
inline constexpr Extent group_bytes = 4 * step_bytes + 2 * panel_columns;

constexpr Extent panel_bytes(ComputeType type, Extent depth) {
  switch (type) {
    case ComputeType::f32: return depth * step_bytes;
    case ComputeType::bf16: return (depth + 1) / 2 * step_bytes;
    case ComputeType::int8: return (depth + 3) / 4 * step_bytes;
    case ComputeType::int4: return (depth + group_values - 1) / group_values * group_bytes;
  }
  return 0;
}

/// Keys and values of one head in pages of 32 keys: a panel of keys [head_size, 32], then for every
/// 32 columns of the values a panel [32 keys, 32]; steps as those of a weight's panels.
inline constexpr Extent page_keys = panel_columns;

constexpr Extent page_bytes(ComputeType type, Extent head_size) {
  const Extent value_panels = (head_size + panel_columns - 1) / panel_columns;
  return panel_bytes(type, head_size) + value_panels * panel_bytes(type, page_keys);
}

/// The same as integers: 32 scales of the keys, 32 of the values, then an int8 for every value of
/// the panels, in their order. Each key and each value has a scale of its own.
constexpr Extent byte_page_bytes(Extent head_size) {
  return 2 * page_keys * word_bytes + page_bytes(ComputeType::bf16, head_size) / 2;
}

/// CPU features that tables ask for, as bits.
enum Feature : std::uint32_t {
  feature_fma = 1U << 0U,
  feature_avx2 = 1U << 1U,
  feature_avx512f = 1U << 2U,
  feature_avx512bw = 1U << 3U,
  feature_avx512dq = 1U << 4U,
  feature_avx512vl = 1U << 5U,
  feature_avx512vnni = 1U << 6U,
  feature_avx512bf16 = 1U << 7U,
  feature_dotprod = 1U << 8U,  // of AArch64
  feature_bf16 = 1U << 9U,     // of AArch64
  feature_amx_tile = 1U << 10U,
  feature_amx_int8 = 1U << 11U,
  feature_amx_bf16 = 1U << 12U,
};

/// A row in integers q of 0 to 255 for int8, of -128 to 127 for int4: x = scale * (q - zero).
struct RowScale {
  float scale;
  float zero;
};

/// Up to 32 rows of a weight become one panel, zero for the missing rows.
struct PackPanel {
  const float* x;
  Extent stride;
  Extent rows;                    // <= 32
  Extent depth;                   // values of k: all, or whole groups of them
  std::byte* panel;               // panel_bytes(type, depth)
  const float* scales = nullptr;  // int8: [rows]; a value is an integer times its row's scale
  float* sums = nullptr;  // [rows], to which are added, for int8, those of the integers; for int4,
                          // those of the rounded values
};

/// Rows of activations become row blocks, k-major, ready to be multiplied. Blocks are numbered
/// from 0 and share the rows evenly, at most Product::tile_rows each.
struct PackRows {
  const float* x;
  Extent stride;
  Extent rows;
  Extent depth;
  Extent first_block;
  Extent last_block;           // one past
  std::byte* packed;           // [rows * Product::row_bytes(depth)], for all blocks
  RowScale* scales = nullptr;  // int8 and int4: [rows], which are written
};

/// y = activation(x W^T + bias) + residual, for some neighbouring panels of W; or, of 16 columns of
/// a gate and the 16 beside them in each panel, y = activation(gate) * those + residual.
struct Linear {
  const std::byte* packed;     // all blocks of PackRows
  const RowScale* row_scales;  // int8 and int4: those of PackRows
  Extent rows;
  Extent depth;
  const std::byte* panels;
  const float* column_scales;  // int8; padded to whole panels, as everything of columns
  const float* column_sums;    // int8 and int4: those of PackPanel
  const float* bias;           // or null
  Extent columns;              // columns of y; the last panel may be cut
  bool is_gated;
  ActivationFunction activation;
  const float* residual;  // or null; may be y
  Extent residual_stride;
  float* y;
  Extent y_stride;
};

/// The product of rows with weights of one compute type.
struct Product {
  Extent tile_rows;  // rows of the largest tile
  Extent (*row_bytes)(Extent depth) noexcept;
  void (*pack_panel)(const PackPanel&) noexcept;
  void (*pack_rows)(const PackRows&) noexcept;
  void (*linear)(const Linear&) noexcept;
};

/// Which row of a table a distance of columns reads: that of the distance clamped to +-reach.
struct DistanceRows {
  const std::int32_t* rows;  // [2 * reach + 1], never falling; null: rows are reach + distance
  Extent reach;
  Extent near;  // rows follow one another where |distance| <= near
};

/// Vectors of one head by distance, in panels as a weight has them.
struct PositionTable {
  const float* panels;  // or null
  Extent slots;
  DistanceRows at;
};

/// Neighbouring keys and values of one head, which take their places in a page. Keys come in order:
/// of a place in the page that is shared by two, the second must not be there before the first.
struct PageRows {
  ComputeType compute;  // f32 or bf16
  const float* k;
  Extent k_stride;
  const float* v;
  Extent v_stride;
  Extent rows;
  Extent head_size;
  Extent first;  // place of the first: first + rows <= 32
  bool as_bytes;  // whether the page holds integers
  std::byte* page;
};

/// One head of one sequence: some query rows against the keys that they can see.
struct Attention {
  ComputeType compute;  // of both products: f32; or bf16 where the set has products of it, without
                        // position tables
  const float* q;
  Extent q_stride;
  Extent queries;
  Extent first_query;  // the first query's own key, if anything depends on distances
  Extent query_step;   // from one query's own key to that of the next: 1, or 0 for heads of a group
  const float* k;      // unless there are pages
  Extent k_stride;
  const float* v;
  Extent v_stride;
  const std::byte* const* pages;  // [keys / 32], or null
  Extent page_at;                 // of the head in a page
  bool pages_hold_bytes;          // integers, which become panels first
  Extent first_key;               // number of key 0 in its sequence, a multiple of 32
  Extent keys;
  Extent head_size;
  float scale;
  const std::int32_t* columns;  // [keys], ascending; null: columns are key numbers
  Extent behind;                // keys so many columns before the query are seen; negative: all
  Extent ahead;                 // the same of keys after it
  float soft_cap;               // the scaled score becomes cap * tanh(score / cap); 0: it does not
  float slope;                  // times the distance key - query, joins the scaled score; or 0
  const float* bias;            // by distance key - query: joins the scaled score; or null
  DistanceRows bias_at;
  PositionTable position_keys;     // by distance key - query: multiplied by the query
  PositionTable position_queries;  // by distance query - key: multiplied by the key
  float* out;
  Extent out_stride;
  float* weights;  // [queries, keys]: take the place of `out`, of keys that a query sees; or null
  Extent weights_stride;
  float* scratch;  // attention_scratch(this or a larger task) floats, 64-byte aligned
};

/// Of rows: by their mean and variance, or by their mean square.
struct Norm {
  const float* x;
  Extent x_stride;
  Extent rows;
  Extent columns;
  const float* gain;
  const float* bias;  // or null
  float eps;
  float* y;  // may be x
  Extent y_stride;
};

/// y = scale * x, or y += scale * x.
struct Scale {
  const float* x;
  Extent x_stride;  // 0: one row for all
  Extent rows;
  Extent columns;
  float scale;
  bool is_added;
  float* y;  // may be x
  Extent y_stride;
};

/// Rows become one: the largest value of each column, or their sum, row r times 1 + step * r,
/// divided by `divisor`.
struct Pool {
  const float* x;
  Extent stride;
  Extent rows;  // at least 1
  Extent columns;
  float step;
  float divisor;
  float* y;
};

/// Turns the pairs (x[i], x[i + size / 2]) of every head by the angles of their row, in place; or
/// those of neighbours, (x[2 i], x[2 i + 1]).
struct Rotate {
  float* x;
  Extent stride;
  Extent rows;
  Extent heads;
  Extent head_size;
  Extent size;  // values of a head that turn: its first ones
  bool neighbours;
  const float* angles;  // size / 2 cosines, then as many sines, a row
  Extent angles_stride;
};

/// Rows that are changed in place.
struct Rows {
  float* x;
  Extent stride;
  Extent rows;
  Extent columns;
};

/// What one instruction set offers. Every result is a function of its row alone: sums run in one
/// order whatever the number of rows, the tile, the position or the alignment.
struct KernelTable {
  const char* name;
  std::uint32_t features;     // all must be there
  bool only_by_name = false;  // not chosen unless ATTEND_ISA names it: no CPU has run it yet
  Product products[compute_types.size()];
  float (*largest_magnitude)(const float* x, Extent count) noexcept;  // NaN if there is one
  void (*append_to_page)(const PageRows&) noexcept;
  void (*attention)(const Attention&) noexcept;
  Extent (*attention_scratch)(const Attention&) noexcept;
  void (*layer_norm)(const Norm&) noexcept;
  void (*rms_norm)(const Norm&) noexcept;  // without bias
  void (*l2_norm)(const Rows&) noexcept;   // divides by the length, or by 1e-12 if that is less
  void (*softmax)(const Rows&) noexcept;
  void (*scale)(const Scale&) noexcept;
  void (*pool_sum)(const Pool&) noexcept;
  void (*pool_max)(const Pool&) noexcept;  // NaN if there is one
  void (*rotate)(const Rotate&) noexcept;
  void (*activate)(const ActivationFunction& activation, float* x, Extent count) noexcept;

  // What kernels are measured against: see attend/core/cpu.h.
  /// Multiplies and adds as fast as the set can, in registers; returns the operations done, 0 where
  /// the set has no arithmetic on such operands.
  double (*multiply_adds)(DType operands, Extent steps) noexcept;
  /// Loads all of them; count is a multiple of 512.
  void (*read_bytes)(const std::byte* bytes, Extent count) noexcept;

  [[nodiscard]] constexpr const Product& product(ComputeType type) const {
    return products[static_cast<std::size_t>(type)];
  }
  /// Whether the set multiplies bf16 as such.
  [[nodiscard]] constexpr bool has_bf16() const {
    return (features & (feature_avx512bf16 | feature_bf16)) != 0;
  }
  /// Whether it multiplies fours of bytes as such.
  [[nodiscard]] constexpr bool has_int8() const {
    return (features & (feature_avx512vnni | feature_dotprod)) != 0;
  }
};

}  // namespace attend::kernels
