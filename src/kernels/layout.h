// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How weights, keys and values lie in memory for the kernels: the same for every instruction set.
#pragma once

#include <cstddef>

#include "attend/ops/compute_type.h"

namespace attend::kernels {

using Extent = std::ptrdiff_t;

/// n as a multiple of `step`, no less.
constexpr Extent round_up(Extent n, Extent step) { return (n + step - 1) / step * step; }

/// Blocks in which rows are multiplied.
constexpr Extent block_count(Extent rows, Extent tile_rows) {
  return (rows + tile_rows - 1) / tile_rows;
}

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

/// Keys and values are in pages of 32 keys. Those of one head: a panel of keys [head_size, 32], and
/// for every 32 columns of the values a panel [32 keys, 32]; steps as those of a weight's panels.
/// (Keys of all heads lie together, and so do values: each is read in one run.)
inline constexpr Extent page_keys = panel_columns;

constexpr Extent page_key_bytes(ComputeType type, Extent head_size) {
  return panel_bytes(type, head_size);
}
constexpr Extent page_value_bytes(ComputeType type, Extent head_size) {
  return round_up(head_size, panel_columns) / panel_columns * panel_bytes(type, page_keys);
}

/// The same as integers: 32 scales, one for each key or value, then an int8 for every value of the
/// panels, in their order.
inline constexpr Extent page_scale_bytes = page_keys * word_bytes;

constexpr Extent byte_page_key_bytes(Extent head_size) {
  return page_scale_bytes + page_key_bytes(ComputeType::bf16, head_size) / 2;
}
constexpr Extent byte_page_value_bytes(Extent head_size) {
  return page_scale_bytes + page_value_bytes(ComputeType::bf16, head_size) / 2;
}

}  // namespace attend::kernels
