// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Attention over packed sequences: the unit of work is some queries of one head of one sequence.
#include "attend/ops/attention.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "kernels/registry.h"
#include "ops/columns.h"
#include "ops/shape_check.h"

namespace attend::ops {
namespace {

static_assert(KvLayout::page_tokens == kernels::page_keys);

// Queries of a unit. Each unit packs its keys and values anew, which costs about as much as five
// queries, so units may be neither small nor, for the balance of threads, whole long sequences.
constexpr Index queries_a_unit = 256;

constexpr Index units_of(Index length) { return (length + queries_a_unit - 1) / queries_a_unit; }

struct Call : AttentionInput {
  const AttentionShape& shape;
  ComputeType compute;
  MatrixView<float> out;
  std::span<const KvPages> sequences = {};  // instead of k and v, in this layout
  std::optional<KvLayout> layout = {};
  ShownWeights shown = {};  // instead of `out`

  [[nodiscard]] bool has_bytes() const { return layout && layout->type == KvType::int8; }

  /// Heads of q that read one head of k.
  [[nodiscard]] Index group() const { return shape.heads / shape.kv_heads(); }
};

ComputeType compute_of(const AttentionShape& shape, const kernels::KernelTable& table) {
  const bool rounded =
      shape.compute != ComputeType::f32 && shape.disentangled == nullptr && table.has_bf16();
  return rounded ? ComputeType::bf16 : ComputeType::f32;
}

struct RowRange {
  Index begin;
  Index end;

  [[nodiscard]] Index size() const noexcept { return end - begin; }
};

// Keys of a sequence that `queries` neighbouring rows of it see at most, from the begin of a page.
Index most_seen(const AttentionMask& mask, Index queries, Index keys) {
  const Index behind = mask.behind < 0 ? keys : std::min(mask.behind, keys);
  const Index ahead = mask.ahead < 0 ? keys : std::min(mask.ahead, keys);
  return std::min(keys, queries + behind + ahead + (mask.behind < 0 ? 0 : kernels::page_keys));
}

RowRange rows_of(const Call& in, std::size_t sequence) {
  return {in.starts[sequence], in.starts[sequence + 1]};
}

// Its rows, or those whose weights are shown.
RowRange queries_of(const Call& in, std::size_t sequence) {
  const RowRange all = rows_of(in, sequence);
  if (in.shown.weights.rows == 0) return all;
  const Index begin = all.begin + in.shown.first;
  return {begin, begin + in.shown.weights.rows / in.shape.heads};
}

RowRange keys_of(const Call& in, std::size_t sequence) {
  if (!in.sequences.empty()) return {0, in.sequences[sequence].tokens};
  if (in.key_starts.empty()) return rows_of(in, sequence);
  return {in.key_starts[sequence], in.key_starts[sequence + 1]};
}

// By the row of the key.
std::span<const std::int32_t> columns_of(const Call& in, std::size_t sequence) {
  return in.sequences.empty() ? in.columns : in.sequences[sequence].columns;
}

// The rows of the sequence that are seen from some of its rows.
RowRange seen_from(const Call& in, std::size_t which, RowRange rows) {
  const AttentionMask& mask = in.shape.mask;
  const RowRange sequence = keys_of(in, which);
  const auto columns = columns_of(in, which);
  const auto column = [&](Index row) {
    return columns.empty() ? row : Index{columns[static_cast<std::size_t>(row)]};
  };
  RowRange seen = sequence;
  if (mask.behind >= 0) {
    seen.begin = columns.empty() ? std::max(sequence.begin, rows.begin - mask.behind) : rows.begin;
    while (seen.begin > sequence.begin &&
           column(rows.begin) - column(seen.begin - 1) <= mask.behind) {
      --seen.begin;
    }
    // Whole pages, so that keys are in the same places of them whoever sees them.
    seen.begin -= (seen.begin - sequence.begin) % kernels::page_keys;
  }
  if (mask.ahead >= 0) {
    seen.end = rows.end;
    while (seen.end < sequence.end && column(seen.end) - column(rows.end - 1) <= mask.ahead) {
      ++seen.end;
    }
  }
  return seen;
}

kernels::PositionTable position_table(const DisentangledTables& tables,
                                      const DisentangledTables::Packed& packed, Index head) {
  if (packed.rows.empty()) return {};
  const float* panels = reinterpret_cast<const float*>(packed.panels.bytes());
  const Index head_values = packed.panels.ref().shape.count() / tables.heads();
  return {.panels = panels + (tables.heads() == 1 ? 0 : head * head_values),
          .slots = tables.slots(),
          .at = {.rows = packed.rows.data(),
                 .reach = static_cast<Index>(packed.rows.size() / 2),
                 .near = packed.near}};
}

// What is the same for all rows of one head.
kernels::Attention head_task(const Call& in, Index head) {
  const AttentionShape& shape = in.shape;
  kernels::Attention task{};
  task.compute = in.compute;
  task.q_stride = in.q.stride;
  task.k_stride = in.k.stride;
  task.v_stride = in.v.stride;
  task.out_stride = in.out.stride;
  task.head_size = shape.head_size;
  task.scale = shape.scale;
  task.query_step = 1;
  task.soft_cap = shape.soft_cap;
  if (!shape.slopes.empty()) task.slope = shape.slopes[static_cast<std::size_t>(head)];
  task.behind = shape.mask.behind;
  task.ahead = shape.mask.ahead;
  const MatrixView<const float>& bias = shape.distance_bias.table;
  if (bias.rows != 0) {
    task.bias = bias.row(head).data();
    task.bias_at = {.rows = nullptr, .reach = bias.cols / 2, .near = bias.cols / 2};
  }
  if (shape.disentangled != nullptr) {
    const DisentangledTables& tables = *shape.disentangled;
    task.position_keys = position_table(tables, tables.keys(), head);
    task.position_queries = position_table(tables, tables.queries(), head);
  }
  return task;
}

struct Unit {
  std::size_t sequence;
  Index head;
  Index part;  // of the queries
};

// One query reads each key head once, for all heads of its group: they are the rows of its unit.
// (Several queries read it once a head.) A bias is of one head.
bool is_grouped(const Call& in, Index queries) {
  return queries == 1 && in.group() > 1 && in.shape.distance_bias.table.rows == 0 &&
         in.shape.slopes.empty() && in.shape.disentangled == nullptr;
}

// Of a sequence, or units would be shared unevenly.
Index units_of(const Call& in, std::size_t sequence) {
  const Index queries = queries_of(in, sequence).size();
  return units_of(queries) * (is_grouped(in, queries) ? in.shape.kv_heads() : in.shape.heads);
}

// Rows of queries in the count of their keys.
RowRange among_keys(const Call& in, std::size_t sequence, RowRange rows) {
  if (in.sequences.empty()) return rows;
  const Index last = rows_of(in, sequence).end;
  const Index tokens = in.sequences[sequence].tokens;
  return {rows.begin - last + tokens, rows.end - last + tokens};
}

void take_queries(const Call& in, RowRange rows, Index head, kernels::Attention& task) {
  const Index size = in.shape.head_size;
  task.q = in.q.data + rows.begin * in.q.stride + head * size;
  task.queries = rows.size();
}

void take_keys(const Call& in, std::size_t sequence, RowRange seen, kernels::Attention& task) {
  const auto columns = columns_of(in, sequence);
  task.keys = seen.size();
  task.columns = columns.empty() ? nullptr : columns.data() + seen.begin;
  task.first_key = seen.begin - keys_of(in, sequence).begin;
  if (!in.sequences.empty()) {
    task.pages = in.sequences[sequence].pages.data() + task.first_key / kernels::page_keys;
  }
}

void take_out(const Call& in, std::size_t sequence, RowRange rows, Index head,
              kernels::Attention& task) {
  if (in.shown.weights.rows == 0) {
    task.out = in.out.data + rows.begin * in.out.stride + head * in.shape.head_size;
    return;
  }
  const RowRange queries = queries_of(in, sequence);
  const Index first = head * queries.size() + rows.begin - queries.begin;
  const MatrixView<float> weights = in.shown.weights.row_range(first, task.queries);
  for (Index i = 0; i < weights.rows; ++i) {
    const auto row = weights.row(i);
    std::fill(row.begin(), row.end(), 0.0F);
  }
  task.weights = weights.data + task.first_key;
  task.weights_stride = weights.stride;
}

void run_unit(const kernels::KernelTable& table, const Call& in, const Unit& unit, float* scratch) {
  const RowRange queries = queries_of(in, unit.sequence);
  const bool grouped = is_grouped(in, queries.size());
  const Index head = grouped ? unit.head * in.group() : unit.head;
  const Index key_head = grouped ? unit.head : unit.head / in.group();
  const Index first = queries.begin + unit.part * queries_a_unit;
  const RowRange rows{first, std::min(first + queries_a_unit, queries.end)};
  const RowRange own = among_keys(in, unit.sequence, rows);
  const RowRange seen = seen_from(in, unit.sequence, own);
  kernels::Attention task = head_task(in, head);
  take_queries(in, rows, head, task);
  if (grouped) {
    task.queries = in.group();
    task.q_stride = task.out_stride = in.shape.head_size;
    task.query_step = 0;
  }
  take_keys(in, unit.sequence, seen, task);
  take_out(in, unit.sequence, rows, head, task);
  task.first_query = in.key_starts.empty() ? own.begin - seen.begin : 0;
  if (task.pages == nullptr) {
    const Index column = key_head * in.shape.head_size;
    task.k = in.k.data + seen.begin * in.k.stride + column;
    task.v = in.v.data + seen.begin * in.v.stride + column;
  } else {
    task.page_at = in.layout->at + key_head * in.layout->head_bytes();
    task.pages_hold_bytes = in.has_bytes();
  }
  task.scratch = scratch;
  table.attention(task);
}

bool are_starts(std::span<const Index> starts, Index rows) {
  return !starts.empty() && starts.front() >= 0 && starts.back() <= rows &&
         std::is_sorted(starts.begin(), starts.end());
}

void check_cross(const Call& in) {
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

void require_queries(const Call& in) {
  const Index cols = in.shape.heads * in.shape.head_size;
  const bool shows = in.shown.weights.rows != 0;
  if (!(in.q.cols == cols && (shows || (in.out.cols == cols && in.out.rows == in.q.rows)))) {
    fail_shapes("attention", "q and out [t, h*d]");
  }
  if (!are_starts(in.starts, in.q.rows)) fail_shapes("attention", "starts from 0 to t, in order");
}

void require_keys(const Call& in) {
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

void require_pages(const Call& in) {
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

// The units of a pass, handed out in order: sequence, head, part of the queries.
struct Plan {
  Index most_queries = 0;  // of a unit
  Index most_keys = 0;
  Index units = 0;
  double flops = 0;
  double bytes = 0;  // of keys and values, once a sequence
};

Plan make_plan(const Call& in) {
  Plan plan;
  for (std::size_t i = 0; i + 1 < in.starts.size(); ++i) {
    const Index queries = queries_of(in, i).size();
    if (queries == 0) continue;
    const Index keys = keys_of(in, i).size();
    const Index in_unit = std::min(queries, queries_a_unit);
    const Index rows = is_grouped(in, queries) ? in.group() : in_unit;
    plan.most_queries = std::max(plan.most_queries, rows);
    // Columns ascend, so no more rows are near than columns.
    plan.most_keys = std::max(plan.most_keys, most_seen(in.shape.mask, in_unit, keys));
    plan.units += units_of(in, i);
    plan.flops += 4.0 * static_cast<double>(queries) *
                  static_cast<double>(most_seen(in.shape.mask, 1, keys)) *
                  static_cast<double>(in.shape.heads * in.shape.head_size);
    plan.bytes += 2.0 * static_cast<double>(most_seen(in.shape.mask, in_unit, keys)) *
                  static_cast<double>(in.shape.kv_heads() * in.shape.head_size) *
                  (in.has_bytes()                   ? 1
                   : in.compute == ComputeType::f32 ? 4
                                                    : 2);
  }
  return plan;
}

Index scratch_size(const kernels::KernelTable& table, const Call& in, const Plan& plan) {
  kernels::Attention task = head_task(in, 0);
  task.queries = plan.most_queries;
  task.keys = plan.most_keys;
  return table.attention_scratch(task);
}

void run(const kernels::KernelTable& table, const Call& in, Workspace& workspace) {
  const Plan plan = make_plan(in);
  if (plan.units == 0) return;
  constexpr double flops_worth_waking = 2e6;  // about 30 microseconds, as are
  constexpr double bytes_worth_waking = 5e5;  // these, of which a query alone makes little use
  const bool is_little = plan.flops < flops_worth_waking && plan.bytes < bytes_worth_waking;
  const Index lanes = is_little ? 1 : std::min<Index>(workspace.pool().threads(), plan.units);
  const Workspace::Scope scope(workspace);
  const MatrixView<float> scratch = workspace.matrix(lanes, scratch_size(table, in, plan));
  if (workspace.is_counting()) return;
  // A lane has scratch memory of its own and takes units until none is left.
  std::atomic<Index> next = 0;
  workspace.pool().parallel_for(lanes, [&](Index lane) {
    Index before = 0;  // units of the sequences before i
    std::size_t i = 0;
    for (Index unit = next++; unit < plan.units; unit = next++) {
      for (Index units = units_of(in, i); unit - before >= units; units = units_of(in, i)) {
        before += units;
        ++i;
      }
      const Index within = unit - before;
      const Index parts = units_of(queries_of(in, i).size());
      run_unit(table, in, {i, within / parts, within % parts}, scratch.row(lane).data());
    }
  });
}

void require_shown(const Call& in) {
  const MatrixView<float>& to = in.shown.weights;
  if (in.starts.size() != 2 || in.shown.first < 0 || to.rows % in.shape.heads != 0 ||
      queries_of(in, 0).end > rows_of(in, 0).end || to.cols != keys_of(in, 0).size()) {
    fail_shapes("attention_weights", "one sequence, weights [h * r, s]");
  }
}

Call call_of(const AttentionInput& input, const AttentionShape& shape, MatrixView<float> out = {}) {
  return {input, shape, compute_of(shape, kernels::active_table()), out};
}

Call call_of(const PagedAttentionInput& input, const AttentionShape& shape,
             MatrixView<float> out = {}) {
  const AttentionInput queries{.q = input.q, .k = {}, .v = {}, .starts = input.starts};
  return {queries, shape, input.layout.compute, out, input.sequences, input.layout};
}

void check_and_run(const Call& in, Workspace& workspace) {
  require_shape(in.shape);
  require_queries(in);
  if (in.layout) {
    require_pages(in);
  } else {
    require_keys(in);
  }
  if (in.shown.weights.rows != 0) require_shown(in);
  run(kernels::active_table(), in, workspace);
}

void show(Call in, const ShownWeights& to, Workspace& workspace) {
  if (to.weights.rows == 0) return;
  in.v = in.k;
  in.shown = to;
  check_and_run(in, workspace);
}

}  // namespace

void attention(const AttentionInput& input, const AttentionShape& shape, MatrixView<float> out,
               Workspace& workspace) {
  check_and_run(call_of(input, shape, out), workspace);
}

void attention(const PagedAttentionInput& input, const AttentionShape& shape, MatrixView<float> out,
               Workspace& workspace) {
  check_and_run(call_of(input, shape, out), workspace);
}

void attention_weights(const AttentionInput& input, const AttentionShape& shape,
                       const ShownWeights& to, Workspace& workspace) {
  show(call_of(input, shape), to, workspace);
}

void attention_weights(const PagedAttentionInput& input, const AttentionShape& shape,
                       const ShownWeights& to, Workspace& workspace) {
  show(call_of(input, shape), to, workspace);
}

}  // namespace attend::ops

namespace attend {

KvLayout KvLayout::of(const AttentionShape& shape, KvType type) {
  return {.heads = shape.kv_heads(),
          .head_size = shape.head_size,
          .compute = ops::compute_of(shape, kernels::active_table()),
          .type = type};
}

Index KvLayout::page_bytes() const noexcept { return heads * head_bytes(); }

Index KvLayout::head_bytes() const noexcept {
  return type == KvType::int8 ? kernels::byte_page_bytes(head_size)
                              : kernels::page_bytes(compute, head_size);
}

}  // namespace attend
