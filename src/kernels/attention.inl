// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Scaled dot-product attention of one head: keys and values become panels, so that both products
// are the product of gemm.inl. Lengths are exact; no masked key is ever multiplied.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

constexpr Extent round_up(Extent n) {
  return (n + panel_columns - 1) / panel_columns * panel_columns;
}

// Where the parts of the scratch memory lie; all sizes are multiples of a cache line.
struct AttentionScratch {
  float* keys;    // panels [s / 32, d, 32]
  float* values;  // panels [d / 32, s, 32]
  float* scores;  // [tile_rows, s]
  float* packed;  // one block of queries, then of probabilities
  float* end;
};

constexpr AttentionScratch lay_out(float* memory, Extent keys, Extent head_size) {
  AttentionScratch at{};
  at.keys = memory;
  at.values = at.keys + round_up(keys) * head_size;
  at.scores = at.values + round_up(head_size) * keys;
  at.packed = at.scores + tile_rows * round_up(keys);
  at.end = at.packed + tile_rows * round_up(keys > head_size ? keys : head_size);
  return at;
}

Extent attention_scratch(Extent keys, Extent head_size) noexcept {
  return round_up(keys) * head_size + round_up(head_size) * keys + tile_rows * round_up(keys) +
         tile_rows * round_up(keys > head_size ? keys : head_size);
}

inline void pack_keys(const Attention& task, float* panels) {
  for (Extent s = 0; s < task.keys; s += panel_columns) {
    const Extent rows = task.keys - s < panel_columns ? task.keys - s : panel_columns;
    pack_panel({task.k + s * task.k_stride, task.k_stride, rows, task.head_size,
                panels + s * task.head_size});
  }
}

inline void pack_values(const Attention& task, float* panels) {
  for (Extent d = 0; d < task.head_size; d += panel_columns) {
    const Extent columns = task.head_size - d < panel_columns ? task.head_size - d : panel_columns;
    float* panel = panels + d * task.keys;
    for (Extent s = 0; s < task.keys; ++s) {
      const float* v = task.v + s * task.v_stride + d;
      float* out = panel + s * panel_columns;
      if (columns == panel_columns) {
        std::memcpy(out, v, panel_columns * sizeof(float));
        continue;
      }
      for (Extent j = 0; j < panel_columns; ++j) out[j] = j < columns ? v[j] : 0;
    }
  }
}

// scores = scale * q k^T for one block of queries.
inline void score_block(const Attention& task, Block block, const AttentionScratch& at) {
  const Extent stride = round_up(task.keys);
  transpose(task.q + block.begin * task.q_stride, task.q_stride, block.rows, task.head_size,
            at.packed, block.rows);
  const Extent panel_size = task.head_size * panel_columns;
  for (Extent s = 0; s < task.keys; s += panel_columns) {
    tiles.one[block.rows - 1]({at.packed, task.head_size, at.keys + s * task.head_size, panel_size,
                               at.scores + s, stride, at.packed, 0});
  }
  for (Extent i = 0; i < block.rows; ++i) {
    float* row = at.scores + i * stride;
    for (Extent s = 0; s < stride; s += width) store(row + s, load(row + s) * task.scale);
  }
}

void attention(const Attention& task) noexcept {
  const AttentionScratch at = lay_out(task.scratch, task.keys, task.head_size);
  const Extent stride = round_up(task.keys);
  pack_keys(task, at.keys);
  pack_values(task, at.values);
  for (Extent b = 0; b < block_count(task.queries); ++b) {
    const Block block = block_at(task.queries, b);
    score_block(task, block, at);
    float inverse[tile_rows];
    for (Extent i = 0; i < block.rows; ++i) {
      inverse[i] = 1.0F / exp_row(at.scores + i * stride, task.keys);
    }
    transpose(at.scores, stride, block.rows, task.keys, at.packed, block.rows);
    for (Extent d = 0; d < task.head_size; d += panel_columns) {
      alignas(64) float sums[tile_rows * panel_columns];
      tiles.one[block.rows - 1]({at.packed, task.keys, at.values + d * task.keys,
                                 task.keys * panel_columns, sums, panel_columns, at.packed, 0});
      const Extent columns =
          task.head_size - d < panel_columns ? task.head_size - d : panel_columns;
      for (Extent i = 0; i < block.rows; ++i) {
        float* out = task.out + (block.begin + i) * task.out_stride + d;
        for_each_vector(sums + i * panel_columns, columns, 0,
                        [&](Extent j, Vec v) { store_within(out, j, columns, v * inverse[i]); });
      }
    }
  }
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
