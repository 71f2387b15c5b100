// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Attention over packed sequences: the unit of work is some queries of one head of one sequence.
#include "attend/ops/attention.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <optional>

#include "kernels/registry.h"
#include "ops/attention_call.h"

namespace attend::ops {
namespace {

static_assert(KvLayout::page_tokens == kernels::page_keys);

// Queries of a unit. Each unit packs its keys and values anew, which costs about as much as five
// queries, so units may be neither small nor, for the balance of threads, whole long sequences.
constexpr Index queries_a_unit = 256;

constexpr Index units_of(Index length) { return (length + queries_a_unit - 1) / queries_a_unit; }

ComputeType compute_of(const AttentionShape& shape, const kernels::KernelTable& table) {
  const bool rounded =
      shape.compute != ComputeType::f32 && shape.disentangled == nullptr && table.has_bf16();
  return rounded ? ComputeType::bf16 : ComputeType::f32;
}

// Keys of a sequence that `queries` neighbouring rows of it see at most, from the begin of a page.
Index most_seen(const AttentionMask& mask, Index queries, Index keys) {
  const Index behind = mask.behind < 0 ? keys : std::min(mask.behind, keys);
  const Index ahead = mask.ahead < 0 ? keys : std::min(mask.ahead, keys);
  return std::min(keys, queries + behind + ahead + (mask.behind < 0 ? 0 : kernels::page_keys));
}

// By the row of the key.
std::span<const std::int32_t> columns_of(const AttentionCall& in, std::size_t sequence) {
  return in.sequences.empty() ? in.columns : in.sequences[sequence].columns;
}

// The rows of the sequence that are seen from some of its rows.
RowRange seen_from(const AttentionCall& in, std::size_t which, RowRange rows) {
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
kernels::Attention head_task(const AttentionCall& in, Index head) {
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

// Whether a query is alone with the pages of its sequence: then its heads are taken together.
bool is_decode(const AttentionCall& in, std::size_t sequence) {
  return !in.sequences.empty() && in.shown.weights.rows == 0 && rows_of(in, sequence).size() == 1;
}

// A single query reads each key head once, for all heads of its group: they are the rows of a task.
// (Several queries read it once a head.) A bias is of one head.
bool is_grouped(const AttentionCall& in) {
  return in.group() > 1 && in.shape.distance_bias.table.rows == 0 && in.shape.slopes.empty();
}

// Tasks of a single query.
Index decode_tasks(const AttentionCall& in) {
  return is_grouped(in) ? in.shape.kv_heads() : in.shape.heads;
}

// The units of a pass, handed out in order: sequence, then head and part of the queries, or the
// heads of a single query, some at a time.
struct Plan {
  Index heads_together = 1;
  Index most_queries = 0;  // of a unit
  Index most_keys = 0;
  Index most_decode_keys = 0;
  Index units = 0;
  double flops = 0;
  double bytes = 0;  // of keys and values, once a sequence
};

constexpr Index most_together = 16;  // runs of memory are long enough

// As many as make units that all threads share evenly.
Index heads_together(const AttentionCall& in, Index sequences, Index threads) {
  const Index heads = decode_tasks(in);
  if (sequences == 0 || heads == 0) return 1;
  const Index parts = std::clamp<Index>(threads / std::gcd(threads, sequences), 1, heads);
  return std::min((heads + parts - 1) / parts, most_together);
}

Index units_of(const AttentionCall& in, const Plan& plan, std::size_t sequence) {
  if (is_decode(in, sequence)) {
    return (decode_tasks(in) + plan.heads_together - 1) / plan.heads_together;
  }
  return units_of(queries_of(in, sequence).size()) * in.shape.heads;
}

// Rows of queries in the count of their keys.
RowRange among_keys(const AttentionCall& in, std::size_t sequence, RowRange rows) {
  if (in.sequences.empty()) return rows;
  const Index last = rows_of(in, sequence).end;
  const Index tokens = in.sequences[sequence].tokens;
  return {rows.begin - last + tokens, rows.end - last + tokens};
}

void take_queries(const AttentionCall& in, RowRange rows, Index head, kernels::Attention& task) {
  const Index size = in.shape.head_size;
  task.q = in.q.data + rows.begin * in.q.stride + head * size;
  task.queries = rows.size();
}

void take_keys(const AttentionCall& in, std::size_t sequence, RowRange seen,
               kernels::Attention& task) {
  const auto columns = columns_of(in, sequence);
  task.keys = seen.size();
  task.columns = columns.empty() ? nullptr : columns.data() + seen.begin;
  task.first_key = seen.begin - keys_of(in, sequence).begin;
  if (!in.sequences.empty()) {
    task.pages = in.sequences[sequence].pages.data() + task.first_key / kernels::page_keys;
  }
}

void take_out(const AttentionCall& in, std::size_t sequence, RowRange rows, Index head,
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

// All but the queries, their number and the place of the result, of some rows and a head of theirs.
void take_head(const AttentionCall& in, std::size_t sequence, RowRange seen, Index key_head,
               kernels::Attention& task) {
  take_keys(in, sequence, seen, task);
  if (task.pages == nullptr) {
    const Index column = key_head * in.shape.head_size;
    task.k = in.k.data + seen.begin * in.k.stride + column;
    task.v = in.v.data + seen.begin * in.v.stride + column;
  } else {
    task.place = {in.layout->keys_at(key_head), in.layout->values_at(key_head)};
    task.pages_hold_bytes = in.has_bytes();
  }
}

// Unit `number` of those of a sequence.
struct Unit {
  std::size_t sequence;
  Index number;
};

void run_rows(const kernels::KernelTable& table, const AttentionCall& in, const Unit& unit,
              float* scratch) {
  const RowRange queries = queries_of(in, unit.sequence);
  const Index parts = units_of(queries.size());
  const Index head = unit.number / parts;
  const Index first = queries.begin + unit.number % parts * queries_a_unit;
  const RowRange rows{first, std::min(first + queries_a_unit, queries.end)};
  const RowRange own = among_keys(in, unit.sequence, rows);
  const RowRange seen = seen_from(in, unit.sequence, own);
  kernels::Attention task = head_task(in, head);
  take_queries(in, rows, head, task);
  take_head(in, unit.sequence, seen, head / in.group(), task);
  take_out(in, unit.sequence, rows, head, task);
  task.first_query = in.key_starts.empty() ? own.begin - seen.begin : 0;
  task.scratch = scratch;
  table.attention(task);
}

void run_decode(const kernels::KernelTable& table, const AttentionCall& in, const Plan& plan,
                const Unit& unit, MatrixView<float> scratch) {
  const RowRange rows = queries_of(in, unit.sequence);
  const RowRange own = among_keys(in, unit.sequence, rows);
  const RowRange seen = seen_from(in, unit.sequence, own);
  const bool grouped = is_grouped(in);
  const Index begin = unit.number * plan.heads_together;
  const Index count = std::min(plan.heads_together, decode_tasks(in) - begin);
  kernels::Attention tasks[most_together];
  for (Index i = 0; i < count; ++i) {
    kernels::Attention& task = tasks[i];
    const Index head = (begin + i) * (grouped ? in.group() : 1);
    task = head_task(in, head);
    take_queries(in, rows, head, task);
    take_head(in, unit.sequence, seen, head / in.group(), task);
    take_out(in, unit.sequence, rows, head, task);
    task.first_query = own.begin - seen.begin;
    if (grouped) {
      task.queries = in.group();
      task.q_stride = task.out_stride = in.shape.head_size;
      task.query_step = 0;
    }
    task.scratch = scratch.row(i).data();
  }
  table.attention_decode(tasks, count);
}

Plan make_plan(const AttentionCall& in, Index threads) {
  Plan plan;
  Index decodes = 0;
  for (std::size_t i = 0; i + 1 < in.starts.size(); ++i) decodes += is_decode(in, i) ? 1 : 0;
  plan.heads_together = heads_together(in, decodes, threads);
  for (std::size_t i = 0; i + 1 < in.starts.size(); ++i) {
    const Index queries = queries_of(in, i).size();
    if (queries == 0) continue;
    const Index keys = keys_of(in, i).size();
    const Index in_unit = std::min(queries, queries_a_unit);
    // Columns ascend, so no more rows are near than columns.
    Index& most_keys = is_decode(in, i) ? plan.most_decode_keys : plan.most_keys;
    most_keys = std::max(most_keys, most_seen(in.shape.mask, in_unit, keys));
    if (!is_decode(in, i)) plan.most_queries = std::max(plan.most_queries, in_unit);
    plan.units += units_of(in, plan, i);
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

// Floats of one task of a single query.
Index decode_scratch(const kernels::KernelTable& table, const AttentionCall& in, const Plan& plan) {
  if (plan.most_decode_keys == 0) return 0;
  kernels::Attention task = head_task(in, 0);
  task.queries = is_grouped(in) ? in.group() : 1;
  task.keys = plan.most_decode_keys;
  task.pages_hold_bytes = in.has_bytes();
  return table.attention_decode_scratch(task);
}

Index rows_scratch(const kernels::KernelTable& table, const AttentionCall& in, const Plan& plan) {
  if (plan.most_queries == 0) return 0;
  kernels::Attention task = head_task(in, 0);
  task.queries = plan.most_queries;
  task.keys = plan.most_keys;
  return table.attention_scratch(task);
}

void run(const kernels::KernelTable& table, const AttentionCall& in, Workspace& workspace) {
  const Plan plan = make_plan(in, workspace.pool().threads());
  if (plan.units == 0) return;
  constexpr double flops_worth_waking = 2e6;  // about 30 microseconds, as are
  constexpr double bytes_worth_waking = 5e5;  // these, of which a query alone makes little use
  const bool is_little = plan.flops < flops_worth_waking && plan.bytes < bytes_worth_waking;
  const Index lanes = is_little ? 1 : std::min<Index>(workspace.pool().threads(), plan.units);
  const Index of_head = decode_scratch(table, in, plan);
  const Workspace::Scope scope(workspace);
  const MatrixView<float> scratch = workspace.matrix(
      lanes, std::max(rows_scratch(table, in, plan), plan.heads_together * of_head));
  if (workspace.is_counting()) return;
  // A lane has scratch memory of its own and takes units until none is left.
  std::atomic<Index> next = 0;
  workspace.pool().parallel_for(lanes, [&](Index lane) {
    float* own = scratch.row(lane).data();
    Index before = 0;  // units of the sequences before i
    std::size_t i = 0;
    for (Index unit = next++; unit < plan.units; unit = next++) {
      for (Index units = units_of(in, plan, i); unit - before >= units;
           units = units_of(in, plan, i)) {
        before += units;
        ++i;
      }
      const Unit taken{i, unit - before};
      if (is_decode(in, i)) {
        run_decode(table, in, plan, taken, {own, plan.heads_together, of_head});
      } else {
        run_rows(table, in, taken, own);
      }
    }
  });
}

AttentionCall call_of(const AttentionInput& input, const AttentionShape& shape,
                      MatrixView<float> out = {}) {
  return {input, shape, compute_of(shape, kernels::active_table()), out};
}

AttentionCall call_of(const PagedAttentionInput& input, const AttentionShape& shape,
                      MatrixView<float> out = {}) {
  const AttentionInput queries{.q = input.q, .k = {}, .v = {}, .starts = input.starts};
  return {queries, shape, input.layout.compute, out, input.sequences, input.layout};
}

void check_and_run(const AttentionCall& in, Workspace& workspace) {
  check_attention(in);
  run(kernels::active_table(), in, workspace);
}

void show(AttentionCall in, const ShownWeights& to, Workspace& workspace) {
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

Index KvLayout::page_bytes() const noexcept { return values_at(heads) - at; }

Index KvLayout::keys_at(Index head) const noexcept {
  return at + head * (type == KvType::int8 ? kernels::byte_page_key_bytes(head_size)
                                           : kernels::page_key_bytes(compute, head_size));
}

Index KvLayout::values_at(Index head) const noexcept {
  return keys_at(heads) + head * (type == KvType::int8
                                      ? kernels::byte_page_value_bytes(head_size)
                                      : kernels::page_value_bytes(compute, head_size));
}

}  // namespace attend
