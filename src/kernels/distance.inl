// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Scores that depend on the distance of two columns: values by distance become values by column.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

constexpr Extent tile_rows = F32Product::tile.rows;
static_assert(Bf16Product::tile.rows <= tile_rows);  // the other one that attention takes

// Columns of neighbouring keys, which ascend: those given, or first, first + 1 ... for null.
struct Columns {
  const std::int32_t* given;
  Extent first;
  Extent count;
};

// Values by distance: values[row - first_row].
struct Line {
  const float* values;
  Extent first_row;
  DistanceRows at;
};

inline Extent row_of(const DistanceRows& at, Extent distance) {
  const Extent bounded = distance < -at.reach  ? -at.reach
                         : distance > at.reach ? at.reach
                                               : distance;
  return at.rows == nullptr ? at.reach + bounded : at.rows[at.reach + bounded];
}

inline float value_at(const Line& line, Extent distance) {
  return line.values[row_of(line.at, distance) - line.first_row];
}

// out[i] = the value for the distance of column i from `origin`, where columns have no holes: a
// slice of the line around the origin, single values further away, one value beyond the reach.
inline void read_slice(const Line& line, const Columns& columns, Extent origin, float* out) {
  const Extent start = columns.first - origin;  // distance of the first column
  const Extent reach = line.at.reach;
  Extent i = 0;
  const auto fill_to = [&](Extent distance, const auto& value) {
    const Extent end = distance - start < columns.count ? distance - start : columns.count;
    for (; i < end; ++i) out[i] = value(start + i);
  };
  const auto gather = [&](Extent distance) {
    return line.values[line.at.rows[reach + distance] - line.first_row];
  };
  if (start < -reach) {
    fill_to(-reach, [edge = value_at(line, -reach)](Extent) { return edge; });
  }
  fill_to(-line.at.near, gather);
  const float* centre = line.values + (row_of(line.at, 0) - line.first_row);
  fill_to(line.at.near + 1, [&](Extent distance) { return centre[distance]; });
  fill_to(reach + 1, gather);
  if (i < columns.count) {
    fill_to(start + columns.count, [edge = value_at(line, reach)](Extent) { return edge; });
  }
}

// The same for any columns.
inline void read_line(const Line& line, const Columns& columns, Extent origin, float* out) {
  if (columns.given == nullptr) return read_slice(line, columns, origin, out);
  for (Extent i = 0; i < columns.count; ++i) out[i] = value_at(line, columns.given[i] - origin);
}

ATTEND_INLINE std::byte* bytes(float* p) { return reinterpret_cast<std::byte*>(p); }
ATTEND_INLINE const std::byte* bytes(const float* p) {
  return reinterpret_cast<const std::byte*>(p);
}

// A packed block of rows, and where its products with panels go.
struct BlockProducts {
  const std::byte* packed;
  Extent rows;
  Extent steps;
  float* out;
  Extent stride;
};

struct Distances {
  Extent low;
  Extent high;
};

// out[i, slot - first] = row i times the vector of the slot, for the slots that the distances read;
// gives the first.
inline Extent multiply_positions(const PositionTable& table, const BlockProducts& to,
                                 Distances distances) {
  const Extent first = row_of(table.at, distances.low) / panel_columns * panel_columns;
  const Extent last = row_of(table.at, distances.high);
  for (Extent slot = first; slot <= last; slot += panel_columns) {
    const std::byte* panel = bytes(table.panels + slot * to.steps);
    tiles<F32Product>.of[to.rows - 1](
        {to.packed, to.steps, panel, to.out + (slot - first), to.stride, panel, 0});
  }
  return first;
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
