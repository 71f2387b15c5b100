// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Scaled dot-product attention of one head: keys and values become panels, so that both products
// are the product of gemm.inl. Lengths are exact; keys that no query of a block sees are not
// multiplied, and those that one query does not see have no weight.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

constexpr Extent round_up(Extent n) {
  return (n + panel_columns - 1) / panel_columns * panel_columns;
}

// Where the parts of the scratch memory begin; all are multiples of a cache line. Rows that are
// read down their columns lie a line further apart than a power of two, or they would share one
// set of the first cache.
struct AttentionScratch {
  Extent keys;      // panels [s / 32, d, 32]
  Extent values;    // panels [d / 32, s, 32]
  Extent scores;    // [tile_rows, s]
  Extent packed;    // one block of queries, then of probabilities
  Extent products;  // [tile_rows, slots]: of one block with a position table
  Extent line;      // [s]
  Extent turned;    // [tile_rows, queries]
  Extent crossed;   // [queries, s]: what position_queries add
  Extent size;
  Extent products_stride;
  Extent turned_stride;
  Extent crossed_stride;
};

AttentionScratch lay_out(const Attention& task) {
  constexpr Extent line = 16;
  const Extent stride = round_up(task.keys);
  const bool by_key = task.position_keys.slots != 0;
  const bool by_query = task.position_queries.slots != 0;
  const Extent slots = by_key ? task.position_keys.slots : task.position_queries.slots;
  AttentionScratch at{};
  at.products_stride = round_up(slots) + line;
  at.turned_stride = round_up(task.queries) + line;
  at.crossed_stride = stride + line;
  at.values = stride * task.head_size;
  at.scores = at.values + round_up(task.head_size) * task.keys;
  at.packed = at.scores + tile_rows * stride;
  at.products = at.packed + tile_rows * round_up(stride > task.head_size ? stride : task.head_size);
  at.line = at.products + (by_key || by_query ? tile_rows * at.products_stride : 0);
  at.turned = at.line + (by_key || task.bias != nullptr ? stride : 0);
  at.crossed = at.turned + (by_query ? tile_rows * at.turned_stride : 0);
  at.size = at.crossed + (by_query ? task.queries * at.crossed_stride : 0);
  return at;
}

Extent attention_scratch(const Attention& task) noexcept { return lay_out(task).size; }

template <class Product>
inline void pack_keys(const Attention& task, std::byte* panels) {
  const Extent panel = step_count<Product>(task.head_size) * step_bytes;
  for (Extent s = 0; s < task.keys; s += panel_columns, panels += panel) {
    const Extent rows = task.keys - s < panel_columns ? task.keys - s : panel_columns;
    pack_panel<Product>({task.k + s * task.k_stride, task.k_stride, rows, task.head_size, panels});
  }
}

// One step of a panel: a row for f32, two rows for bf16, of which the second may be missing.
template <class Product>
inline void pack_value_step(const float* v, const float* second, Extent columns, std::byte* step) {
  for (Extent j = 0; j < panel_columns; j += width, step += width * word_bytes) {
    const Extent left = columns - j;
    const Vec one = left > 0 ? load_within(v, j, columns) : Vec{};
    if constexpr (Product::values == 1) {
      std::memcpy(step, &one, sizeof one);
    } else {
      const Vec two = left > 0 && second != nullptr ? load_within(second, j, columns) : Vec{};
      const Words pair = round_to_bf16(one) >> 16 | (round_to_bf16(two) & 0xFFFF0000U);
      std::memcpy(step, &pair, sizeof pair);
    }
  }
}

template <class Product>
inline void pack_values(const Attention& task, std::byte* step) {
  for (Extent d = 0; d < task.head_size; d += panel_columns) {
    const Extent columns = task.head_size - d < panel_columns ? task.head_size - d : panel_columns;
    for (Extent s = 0; s < task.keys; s += Product::values, step += step_bytes) {
      const float* v = task.v + s * task.v_stride + d;
      pack_value_step<Product>(v, s + 1 < task.keys ? v + task.v_stride : nullptr, columns, step);
    }
  }
}

struct Range {
  Extent begin;
  Extent end;
};

inline Extent column_of(const Attention& task, Extent key) {
  return task.columns == nullptr ? key : task.columns[key];
}

inline Columns columns_of(const Attention& task, Range keys) {
  return {task.columns == nullptr ? nullptr : task.columns + keys.begin, keys.begin,
          keys.end - keys.begin};
}

// A block of queries, and the keys that they see.
struct Rows {
  Block block;
  Range seen[tile_rows];
  Range keys;  // of the whole block

  [[nodiscard]] Extent first_panel() const { return keys.begin / panel_columns * panel_columns; }
};

// The first key of the step in which the block's keys begin.
template <class Product>
inline Extent first_step_key(const Rows& rows) {
  return rows.keys.begin / Product::values * Product::values;
}

// Columns ascend, so each query's keys begin and end no earlier than those of the one before it.
inline Rows rows_at(const Attention& task, Block block) {
  Rows rows{block, {}, {0, task.keys}};
  Range at{0, task.ahead < 0 ? task.keys : 0};
  for (Extent i = 0; i < rows.block.rows; ++i) {
    const Extent key = task.first_query + rows.block.begin + i;
    if (task.behind >= 0) {
      while (column_of(task, key) - column_of(task, at.begin) > task.behind) ++at.begin;
    }
    if (task.ahead >= 0) {
      if (at.end <= key) at.end = key + 1;  // a query sees its own key
      while (at.end < task.keys && column_of(task, at.end) - column_of(task, key) <= task.ahead) {
        ++at.end;
      }
    }
    rows.seen[i] = at;
  }
  rows.keys = {rows.seen[0].begin, at.end};
  return rows;
}

inline void add(float* x, const float* y, Extent count) {
  for_each_vector(x, count, 0, [&](Extent i, Vec v) {
    store_within(x, i, count, v + load_within(y, i, count));
  });
}

// scores = q k^T for one block of queries, which stay packed.
template <class Product>
inline void score_block(const Attention& task, const Rows& rows, const AttentionScratch& at) {
  const Block block = rows.block;
  const std::byte* keys = bytes(task.scratch + at.keys);
  std::byte* packed = bytes(task.scratch + at.packed);
  pack_block<Product>(
      {task.q + block.begin * task.q_stride, task.q_stride, block.rows, task.head_size}, packed);
  const Extent steps = step_count<Product>(task.head_size);
  const Extent stride = round_up(task.keys);
  for (Extent s = rows.first_panel(); s < rows.keys.end; s += panel_columns) {
    multiply_panel<Product>({packed, block.rows, steps, task.scratch + at.scores + s, stride},
                            keys + s / panel_columns * steps * step_bytes);
  }
}

// Scores are scaled on the way to their exponentials, unless a bias joins them before, or the
// largest would become the least.
inline bool is_scaled_apart(const Attention& task) {
  return task.bias != nullptr || !(task.scale > 0.0F);
}

inline void scale_block(const Attention& task, const Rows& rows, float* scores) {
  const Extent stride = round_up(task.keys);
  for (Extent i = 0; i < rows.block.rows; ++i) {
    float* row = scores + i * stride;
    for (Extent s = rows.first_panel(); s < round_up(rows.keys.end); s += width) {
      store(row + s, load(row + s) * task.scale);
    }
  }
}

// scores = weights, not yet divided by their sums; gives the inverse of each. Whole steps of keys
// have weights, be they 0.
template <class Product>
inline void weigh_block(const Attention& task, const Rows& rows, float* scores, float* inverse) {
  const float scale = is_scaled_apart(task) ? 1.0F : task.scale;
  const Extent stride = round_up(task.keys);
  for (Extent i = 0; i < rows.block.rows; ++i) {
    float* row = scores + i * stride;
    const Range seen = rows.seen[i];
    inverse[i] = 1.0F / exp_row(row + seen.begin, seen.end - seen.begin, scale);
    for (Extent s = first_step_key<Product>(rows); s < seen.begin; ++s) row[s] = 0;
    for (Extent s = seen.end; s < rows.keys.end; ++s) row[s] = 0;
  }
}

// out = weights v / sums.
template <class Product>
inline void mix_block(const Attention& task, const Rows& rows, const AttentionScratch& at,
                      const float* inverse) {
  const Block block = rows.block;
  const Extent first = first_step_key<Product>(rows);
  std::byte* packed = bytes(task.scratch + at.packed);
  pack_block<Product>(
      {task.scratch + at.scores + first, round_up(task.keys), block.rows, rows.keys.end - first},
      packed);
  const Extent steps = step_count<Product>(rows.keys.end - first);
  const std::byte* values = bytes(task.scratch + at.values) + first / Product::values * step_bytes;
  const Extent panel = step_count<Product>(task.keys) * step_bytes;
  for (Extent d = 0; d < task.head_size; d += panel_columns, values += panel) {
    alignas(64) float sums[tile_rows * panel_columns];
    multiply_panel<Product>({packed, block.rows, steps, sums, panel_columns}, values);
    const Extent columns = task.head_size - d < panel_columns ? task.head_size - d : panel_columns;
    for (Extent i = 0; i < block.rows; ++i) {
      float* out = task.out + (block.begin + i) * task.out_stride + d;
      for_each_vector(sums + i * panel_columns, columns, 0,
                      [&](Extent j, Vec v) { store_within(out, j, columns, v * inverse[i]); });
    }
  }
}

// crossed[i, s] = the vector of the distance query - key, times the key: block by block of keys.
inline void cross(const Attention& task, const AttentionScratch& at) {
  const PositionTable& table = task.position_queries;
  const Columns queries = columns_of(task, {task.first_query, task.first_query + task.queries});
  float* packed = task.scratch + at.packed;
  float* products = task.scratch + at.products;
  float* turned = task.scratch + at.turned;
  for (Extent b = 0; b < block_count(task.keys, tile_rows); ++b) {
    const Block block = block_at(task.keys, tile_rows, b);
    transpose<float>({task.k + block.begin * task.k_stride, task.k_stride, block.rows,
                      task.head_size, packed, block.rows});
    const Extent first_slot = multiply_positions(
        table, {bytes(packed), block.rows, task.head_size, products, at.products_stride},
        {column_of(task, task.first_query) - column_of(task, block.begin + block.rows - 1),
         column_of(task, task.first_query + task.queries - 1) - column_of(task, block.begin)});
    for (Extent i = 0; i < block.rows; ++i) {
      read_line({products + i * at.products_stride, first_slot, table.at}, queries,
                column_of(task, block.begin + i), turned + i * at.turned_stride);
    }
    transpose<float>({turned, at.turned_stride, block.rows, task.queries,
                      task.scratch + at.crossed + block.begin, at.crossed_stride});
  }
}

inline void add_crossed(const Attention& task, const Rows& rows, const AttentionScratch& at) {
  const float* crossed = task.scratch + at.crossed + rows.block.begin * at.crossed_stride;
  for (Extent i = 0; i < rows.block.rows; ++i) {
    const Range seen = rows.seen[i];
    add(task.scratch + at.scores + i * round_up(task.keys) + seen.begin,
        crossed + i * at.crossed_stride + seen.begin, seen.end - seen.begin);
  }
}

// Adds to each row of scores what line_of(row) has for the distances key - query.
template <class F>
inline void add_lines(const Attention& task, const Rows& rows, const AttentionScratch& at,
                      const F& line_of) {
  float* line = task.scratch + at.line;
  for (Extent i = 0; i < rows.block.rows; ++i) {
    const Range seen = rows.seen[i];
    read_line(line_of(i), columns_of(task, seen),
              column_of(task, task.first_query + rows.block.begin + i), line);
    add(task.scratch + at.scores + i * round_up(task.keys) + seen.begin, line,
        seen.end - seen.begin);
  }
}

// The queries of the block are still packed.
inline void add_position_keys(const Attention& task, const Rows& rows, const AttentionScratch& at) {
  const PositionTable& table = task.position_keys;
  const Extent first = task.first_query + rows.block.begin;
  const float* products = task.scratch + at.products;
  const Extent first_slot = multiply_positions(
      table,
      {bytes(task.scratch + at.packed), rows.block.rows, task.head_size, task.scratch + at.products,
       at.products_stride},
      {column_of(task, rows.keys.begin) - column_of(task, first + rows.block.rows - 1),
       column_of(task, rows.keys.end - 1) - column_of(task, first)});
  add_lines(task, rows, at, [&](Extent i) {
    return Line{products + i * at.products_stride, first_slot, table.at};
  });
}

template <class Product>
inline void attend_in(const Attention& task) {
  const AttentionScratch at = lay_out(task);
  float* scores = task.scratch + at.scores;
  pack_keys<Product>(task, bytes(task.scratch + at.keys));
  pack_values<Product>(task, bytes(task.scratch + at.values));
  if (task.position_queries.panels != nullptr) cross(task, at);
  for (Extent b = 0; b < block_count(task.queries, Product::tile.rows); ++b) {
    const Rows rows = rows_at(task, block_at(task.queries, Product::tile.rows, b));
    score_block<Product>(task, rows, at);
    if (task.position_keys.panels != nullptr) add_position_keys(task, rows, at);
    if (task.position_queries.panels != nullptr) add_crossed(task, rows, at);
    if (is_scaled_apart(task)) scale_block(task, rows, scores);
    if (task.bias != nullptr) {
      add_lines(task, rows, at, [&](Extent) { return Line{task.bias, 0, task.bias_at}; });
    }
    float inverse[tile_rows];
    weigh_block<Product>(task, rows, scores, inverse);
    mix_block<Product>(task, rows, at, inverse);
  }
}

void attention(const Attention& task) noexcept {
  if constexpr (Bf16Product::words == 1) {
    if (task.compute == ComputeType::bf16) return attend_in<Bf16Product>(task);
  }
  attend_in<F32Product>(task);
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
