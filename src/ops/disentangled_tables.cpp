// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Packing of position vectors, each table in the order in which ascending distances read it, so
// that near distances read slices.
#include <algorithm>
#include <limits>

#include "attend/ops/attention.h"
#include "kernels/registry.h"
#include "ops/shape_check.h"

namespace attend {
namespace {

using kernels::panel_columns;
using Packed = DisentangledTables::Packed;

// The largest distance up to which rows follow one another on both sides.
Index near_of(std::span<const std::int32_t> rows) {
  const auto reach = static_cast<Index>(rows.size() / 2);
  const auto at = [&](Index distance) { return rows[static_cast<std::size_t>(reach + distance)]; };
  Index near = 0;
  while (near < reach && at(near + 1) == at(near) + 1 && at(-near - 1) == at(-near) - 1) ++near;
  return near;
}

// Panels of `table`, its rows turned round if they are read from the last to the first.
Tensor pack(MatrixView<const float> table, Index heads, std::span<const std::int32_t> read) {
  if (table.data == nullptr) return {};  // a plan
  const bool turned = read.front() > read.back();
  const Index depth = table.cols / heads;
  const Index panels = (table.rows + panel_columns - 1) / panel_columns;
  Tensor packed(DType::f32, Shape{heads, panels, depth, panel_columns});
  float* out = packed.values<float>().data();
  std::vector<float> rows(static_cast<std::size_t>(panel_columns * depth));
  for (Index panel = 0; panel < heads * panels; ++panel) {
    const Index first = panel % panels * panel_columns;
    const Index count = std::min(panel_columns, table.rows - first);
    for (Index i = 0; i < count; ++i) {
      const Index row = turned ? table.rows - 1 - first - i : first + i;
      std::copy_n(&table(row, panel / panels * depth), depth, rows.data() + i * depth);
    }
    kernels::active_table()
        .product(ComputeType::f32)
        .pack_panel({rows.data(), depth, count, depth,
                     reinterpret_cast<std::byte*>(out + panel * depth * panel_columns)});
  }
  return packed;
}

// `read` are the slots of the distances in the order in which the table is read.
Packed pack_table(MatrixView<const float> table, std::vector<std::int32_t> read, Index heads) {
  if (table.rows == 0) return {};
  Packed packed{pack(table, heads, read), std::move(read), 0};
  if (packed.rows.front() > packed.rows.back()) {
    for (std::int32_t& row : packed.rows) row = static_cast<std::int32_t>(table.rows - 1 - row);
  }
  packed.near = near_of(packed.rows);
  return packed;
}

void require_shapes(MatrixView<const float> keys, MatrixView<const float> queries,
                    std::span<const std::int32_t> slots, Index heads) {
  const MatrixView<const float>& one = keys.rows == 0 ? queries : keys;
  if (!(one.rows > 0 && one.rows <= std::numeric_limits<std::int32_t>::max() && heads > 0 &&
        one.cols > 0 && one.cols % heads == 0 &&
        (queries.rows == 0 || (queries.rows == one.rows && queries.cols == one.cols)))) {
    ops::fail_shapes("DisentangledTables", "keys and queries [p, h*d], one of them or both");
  }
  if (!(slots.size() % 2 == 1 &&
        std::all_of(slots.begin(), slots.end(),
                    [&](std::int32_t slot) { return slot >= 0 && slot < one.rows; }) &&
        (std::is_sorted(slots.begin(), slots.end()) ||
         std::is_sorted(slots.rbegin(), slots.rend())))) {
    ops::fail_shapes("DisentangledTables", "slots [2 * reach + 1] in order, from 0 to p - 1");
  }
}

}  // namespace

std::uint64_t DisentangledTables::size_bytes() const noexcept {
  const Index panels = (slots_ + panel_columns - 1) / panel_columns;
  const auto table = static_cast<std::uint64_t>(heads_ * panels * panel_columns * head_size_);
  std::uint64_t bytes = 0;
  for (const Packed* packed : {&keys_, &queries_}) {
    if (packed->rows.empty()) continue;
    bytes += sizeof(float) * table + sizeof(std::int32_t) * packed->rows.capacity();
  }
  return bytes;
}

DisentangledTables::DisentangledTables(MatrixView<const float> keys,
                                       MatrixView<const float> queries,
                                       std::span<const std::int32_t> slots, Index heads) {
  require_shapes(keys, queries, slots, heads);
  slots_ = std::max(keys.rows, queries.rows);
  heads_ = heads;
  head_size_ = std::max(keys.cols, queries.cols) / heads;
  // Keys are read by the distance key - query, queries by query - key.
  keys_ = pack_table(keys, {slots.begin(), slots.end()}, heads);
  queries_ = pack_table(queries, {slots.rbegin(), slots.rend()}, heads);
}

}  // namespace attend
