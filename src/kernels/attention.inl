// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Scaled dot-product attention of one head: keys and values become pages of panels, unless they
// are, so that both products are those of gemm.inl and pages.inl. Lengths are exact; keys that no
// query of a block sees are not multiplied, and those that one query does not see have no weight.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

constexpr Extent whole_panels(Extent n) { return round_up(n, panel_columns); }

// From one row of scores to the next: rows are read down their columns, and would share one set of
// the first cache if they lay a power of two apart.
inline Extent score_stride(const Attention& task) {
  constexpr Extent line = 16;
  return whole_panels(task.keys) + line;
}

// Where the parts of the scratch memory begin; all are multiples of a cache line. Rows that are
// read down their columns lie a line further apart than a power of two, or they would share one
// set of the first cache.
struct AttentionScratch {
  Extent pages;                // [s / 32] of this head, unless the task has panels
  Extent table;                // [s / 32] where each page is
  Extent scores;               // [tile_rows, score_stride()]
  Extent packed;               // one block of queries, then of probabilities
  Extent products;             // [tile_rows, slots]: of one block with a position table
  Extent line;                 // [s]
  Extent transposed;           // [tile_rows, queries]: of a block of keys: the next, by query
  Extent position_to_content;  // [queries, s]: what position_queries add to scores
  Extent size;
  Extent products_stride;
  Extent transposed_stride;
  Extent position_to_content_stride;
};

AttentionScratch lay_out(const Attention& task) {
  constexpr Extent line = 16;
  const Extent stride = whole_panels(task.keys);
  const bool by_key = task.position_keys.slots != 0;
  const bool by_query = task.position_queries.slots != 0;
  const Extent slots = by_key ? task.position_keys.slots : task.position_queries.slots;
  AttentionScratch at{};
  at.products_stride = whole_panels(slots) + line;
  at.transposed_stride = whole_panels(task.queries) + line;
  at.position_to_content_stride = stride + line;
  const Extent pages = stride / page_keys;
  const Extent page_floats = (page_key_bytes(ComputeType::f32, task.head_size) +
                              page_value_bytes(ComputeType::f32, task.head_size)) /
                             word_bytes;
  constexpr Extent address_floats = sizeof(std::byte*) / word_bytes;
  at.table = task.pages == nullptr || task.pages_hold_bytes ? pages * page_floats : 0;
  at.scores = at.table + whole_panels(pages * address_floats);
  at.packed = at.scores + tile_rows * score_stride(task);
  at.products =
      at.packed + tile_rows * whole_panels(stride > task.head_size ? stride : task.head_size);
  at.line = at.products + (by_key || by_query ? tile_rows * at.products_stride : 0);
  at.transposed = at.line + (by_key || task.bias != nullptr ? stride : 0);
  at.position_to_content = at.transposed + (by_query ? tile_rows * at.transposed_stride : 0);
  at.size = at.position_to_content + (by_query ? task.queries * at.position_to_content_stride : 0);
  return at;
}

Extent attention_scratch(const Attention& task) noexcept { return lay_out(task).size; }

// Finds the pages of the head, which are made unless the task has them as panels, and gives the
// place of the head in each.
template <class Product>
inline HeadPlace take_pages(const Attention& task, const AttentionScratch& at) {
  auto* const pages = reinterpret_cast<const std::byte**>(task.scratch + at.table);
  const Extent key_bytes = step_count<Product>(task.head_size) * step_bytes;
  const Extent size =
      key_bytes + whole_panels(task.head_size) / panel_columns * value_panel_bytes<Product>;
  const bool are_given = task.pages != nullptr && !task.pages_hold_bytes;
  std::byte* page = bytes(task.scratch + at.pages);
  for (Extent s = 0; s < task.keys; s += page_keys, page += size) {
    const Extent rows = task.keys - s < page_keys ? task.keys - s : page_keys;
    pages[s / page_keys] = are_given ? task.pages[s / page_keys] : page;
    if (are_given) continue;
    if (task.pages_hold_bytes) {
      const std::byte* given = task.pages[s / page_keys];
      expand_keys<Product>(given + task.place.keys, rows, task.head_size, page);
      expand_values<Product>(given + task.place.values, rows, task.head_size, page + key_bytes);
      continue;
    }
    append_rows<Product>({.compute = task.compute,
                          .k = task.k + s * task.k_stride,
                          .k_stride = task.k_stride,
                          .v = task.v + s * task.v_stride,
                          .v_stride = task.v_stride,
                          .rows = rows,
                          .head_size = task.head_size,
                          .first = 0,
                          .as_bytes = false,
                          .keys = page,
                          .values = page + key_bytes});
  }
  return are_given ? task.place : HeadPlace{0, key_bytes};
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

// The key that stands where a query of the block does.
inline Extent own_key(const Attention& task, Block block, Extent i) {
  return task.first_query + (block.begin + i) * task.query_step;
}

// Neighbouring queries, and the keys that they see.
struct QueryBlock : Block {
  Range seen[tile_rows];
  Range keys;  // of the whole block

  [[nodiscard]] Extent first_panel() const { return keys.begin / panel_columns * panel_columns; }
  [[nodiscard]] Extent first_page() const { return keys.begin / page_keys; }
  [[nodiscard]] Extent last_page() const { return (keys.end - 1) / page_keys + 1; }  // one past
};

// The first key of the step in which the block's keys begin.
template <class Product>
inline Extent first_step_key(const QueryBlock& queries) {
  return queries.keys.begin / Product::values * Product::values;
}

// Columns ascend, so each query's keys begin and end no earlier than those of the one before it.
inline QueryBlock queries_at(const Attention& task, Block block) {
  QueryBlock queries{block, {}, {0, task.keys}};
  Range at{0, task.ahead < 0 ? task.keys : 0};
  for (Extent i = 0; i < block.rows; ++i) {
    const Extent key = own_key(task, block, i);
    if (task.behind >= 0) {
      while (column_of(task, key) - column_of(task, at.begin) > task.behind) ++at.begin;
    }
    if (task.ahead >= 0) {
      if (at.end <= key) at.end = key + 1;  // a query sees its own key
      while (at.end < task.keys && column_of(task, at.end) - column_of(task, key) <= task.ahead) {
        ++at.end;
      }
    }
    queries.seen[i] = at;
  }
  queries.keys = {queries.seen[0].begin, at.end};
  return queries;
}

inline void add(float* x, const float* y, Extent count) {
  for_each_vector(x, count, 0, [&](Extent i, Vec v) {
    store_within(x, i, count, v + load_within(y, i, count));
  });
}

// scores = q k^T for one block of queries, which stay packed.
template <class Product>
inline void score_block(const Attention& task, const QueryBlock& queries,
                        const AttentionScratch& at, HeadPlace place) {
  const auto* pages = reinterpret_cast<const std::byte* const*>(task.scratch + at.table);
  std::byte* packed = bytes(task.scratch + at.packed);
  pack_block<Product>(
      {task.q + queries.begin * task.q_stride, task.q_stride, queries.rows, task.head_size},
      packed);
  const Extent steps = step_count<Product>(task.head_size);
  const Extent stride = score_stride(task);
  for (Extent s = queries.first_panel(); s < queries.keys.end; s += panel_columns) {
    const std::byte* panel = pages[s / page_keys] + place.keys;
    tiles<Product, Fetch::pages>.of[queries.rows - 1](
        {packed, steps, panel, task.scratch + at.scores + s, stride, panel, 0});
  }
}

// Scores are scaled on the way to their exponentials, unless something is done to them before, or
// the largest would become the least.
inline bool is_scaled_apart(const Attention& task) {
  return task.bias != nullptr || task.soft_cap > 0.0F || task.slope != 0.0F || !(task.scale > 0.0F);
}

// Every score x of the block becomes f(x).
template <class F>
inline void change_scores(const Attention& task, const QueryBlock& queries, float* scores,
                          const F& f) {
  const Extent stride = score_stride(task);
  for (Extent i = 0; i < queries.rows; ++i) {
    float* row = scores + i * stride;
    for (Extent s = queries.first_panel(); s < whole_panels(queries.keys.end); s += width) {
      store(row + s, f(load(row + s)));
    }
  }
}

inline void scale_block(const Attention& task, const QueryBlock& queries, float* scores) {
  change_scores(task, queries, scores, [&](Vec x) { return x * task.scale; });
}

inline void cap_block(const Attention& task, const QueryBlock& queries, float* scores) {
  const float inverse = 1.0F / task.soft_cap;
  change_scores(task, queries, scores, [&](Vec x) { return tanh(x * inverse) * task.soft_cap; });
}

// By 32-bit integers, which every set makes floats of: to the bits that wider ones give.
inline void add_slope(const Attention& task, const QueryBlock& queries, float* scores) {
  const Extent stride = score_stride(task);
  IntVec lanes;
  for (int i = 0; i < width; ++i) lanes[i] = i;
  for (Extent i = 0; i < queries.rows; ++i) {
    const Range seen = queries.seen[i];
    const Extent count = seen.end - seen.begin;
    float* row = scores + i * stride + seen.begin;
    const Extent origin = column_of(task, own_key(task, queries, i));
    if (task.columns != nullptr) {
      for (Extent s = 0; s < count; ++s) {
        row[s] += task.slope * static_cast<float>(task.columns[seen.begin + s] - origin);
      }
    } else {
      for_each_vector(row, count, 0, [&](Extent s, Vec v) {
        const IntVec distance = lanes + static_cast<int>(seen.begin + s - origin);
        store_within(row, s, count, v + task.slope * __builtin_convertvector(distance, Vec));
      });
    }
  }
}

// scores = weights, not yet divided by their sums; gives the inverse of each. Whole steps of keys
// have weights, be they 0.
template <class Product>
inline void softmax_block(const Attention& task, const QueryBlock& queries, float* scores,
                          float* inverse) {
  const float scale = is_scaled_apart(task) ? 1.0F : task.scale;
  const Extent stride = score_stride(task);
  for (Extent i = 0; i < queries.rows; ++i) {
    float* row = scores + i * stride;
    const Range seen = queries.seen[i];
    inverse[i] = 1.0F / exp_row(row + seen.begin, seen.end - seen.begin, scale);
    for (Extent s = first_step_key<Product>(queries); s < seen.begin; ++s) row[s] = 0;
    for (Extent s = seen.end; s < queries.keys.end; ++s) row[s] = 0;
  }
}

// Of some columns of the block: out = sums * inverse.
inline void write_columns(const Attention& task, const QueryBlock& queries, const float* sums,
                          Extent stride, Extent first_column, const float* inverse) {
  const Extent left = task.head_size - first_column;
  const Extent columns = left < stride ? left : stride;
  for (Extent i = 0; i < queries.rows; ++i) {
    float* out = task.out + (queries.begin + i) * task.out_stride + first_column;
    for_each_vector(sums + i * stride, columns, 0,
                    [&](Extent j, Vec v) { store_within(out, j, columns, v * inverse[i]); });
  }
}

// The weights of the block are packed; gives the sums that their products with values begin with.
template <class Product>
inline ValueSums pack_weights(const Attention& task, const QueryBlock& queries, const float* scores,
                              std::byte* packed) {
  const Extent first = first_step_key<Product>(queries);
  pack_block<Product>({scores + first, score_stride(task), queries.rows, queries.keys.end - first},
                      packed);
  return {.packed = packed,
          .rows = queries.rows,
          .begin = first / Product::values,
          .end = step_count<Product>(queries.keys.end),
          .first_step = task.first_key / Product::values,
          .chain = nullptr,
          .total = nullptr,
          .stride = 0};
}

// out = weights v / sums.
template <class Product>
inline void output_block(const Attention& task, const QueryBlock& queries,
                         const AttentionScratch& at, HeadPlace place, const float* inverse) {
  const auto* pages = reinterpret_cast<const std::byte* const*>(task.scratch + at.table);
  alignas(64) float total[tile_rows * panel_columns];
  ValueSums sums = pack_weights<Product>(task, queries, task.scratch + at.scores,
                                         bytes(task.scratch + at.packed));
  sums.total = total;
  sums.stride = panel_columns;
  Extent panel = place.values;
  for (Extent d = 0; d < task.head_size; d += panel_columns, panel += value_panel_bytes<Product>) {
    add_values<Product>(sums, {0, queries.last_page(), pages, panel, 1, pages[0] + panel, 0});
    write_columns(task, queries, total, panel_columns, d, inverse);
  }
}

// Weights as they are before a product rounds them.
inline void export_weights(const Attention& task, const QueryBlock& queries, const float* scores,
                           const float* inverse) {
  for (Extent i = 0; i < queries.rows; ++i) {
    const Range seen = queries.seen[i];
    float* out = task.weights + (queries.begin + i) * task.weights_stride + seen.begin;
    const Extent count = seen.end - seen.begin;
    for_each_vector(scores + i * score_stride(task) + seen.begin, count, 0,
                    [&](Extent s, Vec v) { store_within(out, s, count, v * inverse[i]); });
  }
}

// position_to_content[i, s] = the vector of the distance query - key, times the key: block by block
// of keys (He et al. 2020).
inline void score_position_to_content(const Attention& task, const AttentionScratch& at) {
  const PositionTable& table = task.position_queries;
  const Columns queries = columns_of(task, {task.first_query, task.first_query + task.queries});
  float* packed = task.scratch + at.packed;
  float* products = task.scratch + at.products;
  float* transposed = task.scratch + at.transposed;
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
                column_of(task, block.begin + i), transposed + i * at.transposed_stride);
    }
    transpose<float>({transposed, at.transposed_stride, block.rows, task.queries,
                      task.scratch + at.position_to_content + block.begin,
                      at.position_to_content_stride});
  }
}

inline void add_position_to_content(const Attention& task, const QueryBlock& queries,
                                    const AttentionScratch& at) {
  const float* scores =
      task.scratch + at.position_to_content + queries.begin * at.position_to_content_stride;
  for (Extent i = 0; i < queries.rows; ++i) {
    const Range seen = queries.seen[i];
    add(task.scratch + at.scores + i * score_stride(task) + seen.begin,
        scores + i * at.position_to_content_stride + seen.begin, seen.end - seen.begin);
  }
}

// Adds to each row of scores what line_of(row) has for the distances key - query.
template <class F>
inline void add_lines(const Attention& task, const QueryBlock& queries, float* scores, float* line,
                      const F& line_of) {
  for (Extent i = 0; i < queries.rows; ++i) {
    const Range seen = queries.seen[i];
    read_line(line_of(i), columns_of(task, seen), column_of(task, own_key(task, queries, i)), line);
    add(scores + i * score_stride(task) + seen.begin, line, seen.end - seen.begin);
  }
}

// The queries of the block are still packed.
inline void add_content_to_position(const Attention& task, const QueryBlock& queries,
                                    const AttentionScratch& at) {
  const PositionTable& table = task.position_keys;
  const Extent first = task.first_query + queries.begin;
  const float* products = task.scratch + at.products;
  const Extent first_slot = multiply_positions(
      table,
      {bytes(task.scratch + at.packed), queries.rows, task.head_size, task.scratch + at.products,
       at.products_stride},
      {column_of(task, queries.keys.begin) - column_of(task, first + queries.rows - 1),
       column_of(task, queries.keys.end - 1) - column_of(task, first)});
  add_lines(task, queries, task.scratch + at.scores, task.scratch + at.line, [&](Extent i) {
    return Line{products + i * at.products_stride, first_slot, table.at};
  });
}

// Scores become weights, not yet divided by their sums; `line` is memory for a row, where there is
// a bias.
template <class Product>
inline void weigh_block(const Attention& task, const QueryBlock& queries, float* scores,
                        float* line, float* inverse) {
  if (is_scaled_apart(task)) scale_block(task, queries, scores);
  if (task.soft_cap > 0.0F) cap_block(task, queries, scores);
  if (task.slope != 0.0F) add_slope(task, queries, scores);
  if (task.bias != nullptr) {
    add_lines(task, queries, scores, line, [&](Extent) {
      return Line{task.bias, 0, task.bias_at};
    });
  }
  softmax_block<Product>(task, queries, scores, inverse);
}

template <class Product>
inline void attend_in(const Attention& task) {
  const AttentionScratch at = lay_out(task);
  float* scores = task.scratch + at.scores;
  const HeadPlace place = take_pages<Product>(task, at);
  if (task.position_queries.panels != nullptr) score_position_to_content(task, at);
  for (Extent b = 0; b < block_count(task.queries, Product::tile.rows); ++b) {
    const QueryBlock queries = queries_at(task, block_at(task.queries, Product::tile.rows, b));
    score_block<Product>(task, queries, at, place);
    if (task.position_keys.panels != nullptr) add_content_to_position(task, queries, at);
    if (task.position_queries.panels != nullptr) add_position_to_content(task, queries, at);
    float inverse[tile_rows];
    weigh_block<Product>(task, queries, scores, task.scratch + at.line, inverse);
    if (task.weights != nullptr) {
      export_weights(task, queries, scores, inverse);
    } else {
      output_block<Product>(task, queries, at, place, inverse);
    }
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
