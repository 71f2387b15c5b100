// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What kernels are asked to do: plain structs of pointers, extents and strides.
#pragma once

#include <cstddef>
#include <cstdint>

#include "attend/ops/activation.h"
#include "attend/ops/compute_type.h"
#include "kernels/layout.h"

namespace attend::kernels {

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
  Extent first;   // place of the first: first + rows <= 32
  bool as_bytes;  // whether the page holds integers
  std::byte* keys;
  std::byte* values;
};

/// Where in each page the keys and the values of a head are.
struct HeadPlace {
  Extent keys;
  Extent values;
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
  HeadPlace place;                // of the head in each
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
  // Content to position and position to content (He et al. 2020).
  PositionTable position_keys;     // by distance key - query: multiplied by the query
  PositionTable position_queries;  // by distance query - key: multiplied by the key
  float* out;
  Extent out_stride;
  float* weights;  // [queries, keys]: take the place of `out`, of keys that a query sees; or null
  Extent weights_stride;
  float* scratch;  // attention_scratch() or attention_decode_scratch() floats of this or a larger
                   // task, 64-byte aligned
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
/// interleaved pairs, (x[2 i], x[2 i + 1]).
struct Rotate {
  float* x;
  Extent stride;
  Extent rows;
  Extent heads;
  Extent head_size;
  Extent size;  // values of a head that turn: its first ones
  bool is_interleaved;
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

}  // namespace attend::kernels
