// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What attention asks of its input.
#include <algorithm>

#include "ops/attention_call.h"
#include "ops/columns.h"
#include "ops/shape_check.h"

namespace attend::ops {
namespace {

bool are_starts(std::span<const Index> starts, Index rows) {
  return !starts.empty() && starts.front() >= 0 && starts.back() <= rows &&
         std::is_sorted(starts.begin(), starts.end());
}

void check_cross(const AttentionCall& in) {
  if (!(in.key_starts.size() == in.starts.size() && are_starts(in.key_starts, in.k.rows) &&
        std::adjacent_find(in.key_starts.begin(), in.key_starts.end()) == in.key_starts.end())) {
    fail_shapes("attention",
                "key_starts [n + 1] from 0 to s, in order, with keys for every sequence");
  }
  if (!in.columns.empty() || in.shape.mask.behind >= 0 || in.shape.mask.ahead >= 0 ||
      in.shape.distance_bias.table.rows != 0 || !in.shape.slopes.empty() ||
      in.shape.disentangled != nullptr) {
    fail_shapes("attention", "no distances between rows of different sequences");
  }
}

void require_shape(const AttentionShape& shape) {
  const Index key_heads = shape.kv_heads();
  if (shape.heads != 0 && (key_heads <= 0 || shape.heads % key_heads != 0)) {
    fail_shapes("attention", "key heads that divide the heads");
  }
  const MatrixView<const float>& bias = shape.distance_bias.table;
  if (bias.rows != 0 && (bias.rows != shape.heads || bias.cols % 2 == 0)) {
    fail_shapes("attention", "distance bias [h, 2 * reach + 1]");
  }
  if (!shape.slopes.empty() && static_cast<Index>(shape.slopes.size()) != shape.heads) {
    fail_shapes("attention", "slopes [h] or none");
  }
  const DisentangledTables* tables = shape.disentangled;
  if (tables != nullptr && ((tables->heads() != shape.heads && tables->heads() != 1) ||
                            tables->head_size() != shape.head_size)) {
    fail_shapes("attention", "disentangled tables of h heads of size d, or of one for all");
  }
}

void require_queries(const AttentionCall& in) {
  const Index cols = in.shape.heads * in.shape.head_size;
  const bool shows = in.shown.weights.rows != 0;
  if (!(in.q.cols == cols && (shows || (in.out.cols == cols && in.out.rows == in.q.rows)))) {
    fail_shapes("attention", "q and out [t, h*d]");
  }
  if (!are_starts(in.starts, in.q.rows)) fail_shapes("attention", "starts from 0 to t, in order");
}

void require_keys(const AttentionCall& in) {
  const Index cols = in.shape.kv_heads() * in.shape.head_size;
  const Index rows = in.q.rows;
  const bool is_cross = !in.key_starts.empty();
  if (!(in.k.cols == cols && in.v.cols == cols && in.v.rows == in.k.rows &&
        (is_cross || in.k.rows == rows))) {
    fail_shapes("attention", "k and v [t, g*d], or [s, g*d] with key_starts");
  }
  if (is_cross) check_cross(in);
  if (!columns_fit(in.columns, in.starts, rows)) {
    fail_shapes("attention", "columns [t], ascending in every sequence");
  }
}

bool has_pages(const KvPages& of, Index tokens) {
  return tokens >= 0 && tokens <= static_cast<Index>(of.pages.size()) * KvLayout::page_tokens;
}

void require_pages(const AttentionCall& in) {
  const AttentionShape& shape = in.shape;
  if (shape.disentangled != nullptr ||
      !KvLayout::of(shape, in.layout->type).same_form(*in.layout) || in.layout->at < 0) {
    fail_shapes("attention", "pages in the layout of the shape, which has no disentangled tables");
  }
  if (in.sequences.size() + 1 != in.starts.size()) {
    fail_shapes("attention", "sequences [n], starts [n + 1]");
  }
  const bool by_distance = shape.mask.behind >= 0 || shape.mask.ahead >= 0 ||
                           shape.distance_bias.table.rows != 0 || !shape.slopes.empty();
  for (std::size_t i = 0; i < in.sequences.size(); ++i) {
    const KvPages& sequence = in.sequences[i];
    const Index queries = in.starts[i + 1] - in.starts[i];
    if (queries == 0) continue;
    if (sequence.tokens < (by_distance ? queries : 1) || !has_pages(sequence, sequence.tokens)) {
      fail_shapes("attention",
                  "keys for every sequence, as many as queries where distances count, in pages");
    }
    const Index bounds[] = {0, sequence.tokens};
    if (!columns_fit(sequence.columns, bounds, sequence.tokens)) {
      fail_shapes("attention", "columns [tokens] of a sequence, ascending");
    }
  }
}

void require_shown(const AttentionCall& in) {
  const MatrixView<float>& to = in.shown.weights;
  if (in.starts.size() != 2 || in.shown.first < 0 || to.rows % in.shape.heads != 0 ||
      queries_of(in, 0).end > rows_of(in, 0).end || to.cols != keys_of(in, 0).size()) {
    fail_shapes("attention_weights", "one sequence, weights [h * r, s]");
  }
}

}  // namespace

void check_attention(const AttentionCall& in) {
  require_shape(in.shape);
  require_queries(in);
  if (in.layout) {
    require_pages(in);
  } else {
    require_keys(in);
  }
  if (in.shown.weights.rows != 0) require_shown(in);
}

}  // namespace attend::ops
