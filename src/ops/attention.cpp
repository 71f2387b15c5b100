// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Attention over packed sequences: the unit of work is some queries of one head of one sequence.
#include "attend/ops/attention.h"

#include <algorithm>
#include <atomic>

#include "kernels/registry.h"
#include "ops/columns.h"
#include "ops/shape_check.h"

namespace attend::ops {
namespace {

// Queries of a unit. Each unit packs its keys and values anew, which costs about as much as five
// queries, so units may be neither small nor, for the balance of threads, whole long sequences.
constexpr Index queries_a_unit = 256;

constexpr Index units_of(Index length) { return (length + queries_a_unit - 1) / queries_a_unit; }

struct Call : AttentionInput {
  const AttentionShape& shape;
  MatrixView<float> out;
};

// A window as long as the longest sequence limits nothing.
bool limits(const AttentionShape& shape, Index longest) {
  return shape.window >= 0 && shape.window < longest;
}

struct Rows {
  Index begin;
  Index end;
};

// The rows of the sequence that are seen from some of its rows.
Rows seen_from(const Call& in, Rows sequence, Rows rows) {
  const Index window = in.shape.window;
  if (window < 0) return sequence;
  if (in.columns.empty()) {
    return {rows.begin - std::min(window, rows.begin - sequence.begin),
            rows.end + std::min(window, sequence.end - rows.end)};
  }
  const std::int32_t* columns = in.columns.data();
  const auto far = [&](Index a, Index b) { return Index{columns[b]} - columns[a] > window; };
  Rows seen = rows;
  while (seen.begin > sequence.begin && !far(seen.begin - 1, rows.begin)) --seen.begin;
  while (seen.end < sequence.end && !far(rows.end - 1, seen.end)) ++seen.end;
  return seen;
}

kernels::PositionTable position_table(const DisentangledTables& tables,
                                      const DisentangledTables::Packed& packed, Index head) {
  if (packed.rows.empty()) return {};
  const float* panels = reinterpret_cast<const float*>(packed.panels.bytes());
  const Index head_values = packed.panels.ref().shape.count() / tables.heads();
  return {.panels = panels + head * head_values,
          .slots = tables.slots(),
          .at = {.rows = packed.rows.data(),
                 .reach = static_cast<Index>(packed.rows.size() / 2),
                 .near = packed.near}};
}

// What is the same for all rows of one head.
kernels::Attention head_task(const Call& in, Index head) {
  const AttentionShape& shape = in.shape;
  kernels::Attention task{};
  task.q_stride = in.q.stride;
  task.k_stride = in.k.stride;
  task.v_stride = in.v.stride;
  task.out_stride = in.out.stride;
  task.head_size = shape.head_size;
  task.scale = shape.scale;
  task.window = shape.window;
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

// Part `part` of the queries of head `head` of a sequence.
void run_unit(const kernels::KernelTable& table, const Call& in, Rows sequence, Index head,
              Index part, float* scratch) {
  const Index column = head * in.shape.head_size;
  const Index first = sequence.begin + part * queries_a_unit;
  const Rows rows{first, std::min(first + queries_a_unit, sequence.end)};
  const Rows seen = seen_from(in, sequence, rows);
  kernels::Attention task = head_task(in, head);
  task.q = in.q.data + rows.begin * in.q.stride + column;
  task.queries = rows.end - rows.begin;
  task.first_query = rows.begin - seen.begin;
  task.k = in.k.data + seen.begin * in.k.stride + column;
  task.v = in.v.data + seen.begin * in.v.stride + column;
  task.keys = seen.end - seen.begin;
  task.columns = in.columns.empty() ? nullptr : in.columns.data() + seen.begin;
  task.out = in.out.data + rows.begin * in.out.stride + column;
  task.scratch = scratch;
  table.attention(task);
}

void require_shapes(const Call& in) {
  const std::span<const Index> starts = in.starts;
  const AttentionShape& shape = in.shape;
  const Index cols = shape.heads * shape.head_size;
  const Index rows = in.q.rows;
  require(in.q.cols == cols && in.k.cols == cols && in.v.cols == cols && in.out.cols == cols &&
              in.k.rows == rows && in.v.rows == rows && in.out.rows == rows,
          "attention", "q, k, v and out [t, h*d]");
  require(!starts.empty() && starts.front() >= 0 && starts.back() <= rows &&
              std::is_sorted(starts.begin(), starts.end()),
          "attention", "starts from 0 to t, in order");
  require(columns_fit(in.columns, starts, rows), "attention",
          "columns [t], ascending in every sequence");
  const MatrixView<const float>& bias = shape.distance_bias.table;
  require(bias.rows == 0 || (bias.rows == shape.heads && bias.cols % 2 == 1), "attention",
          "distance bias [h, 2 * reach + 1]");
  require(shape.disentangled == nullptr || (shape.disentangled->heads() == shape.heads &&
                                            shape.disentangled->head_size() == shape.head_size),
          "attention", "disentangled tables of h heads of size d");
}

// The units of a pass, handed out in order: sequence, head, part of the queries.
struct Plan {
  Index longest = 0;
  Index units = 0;
  double flops = 0;
};

Plan make_plan(std::span<const Index> starts, const AttentionShape& shape) {
  Plan plan;
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const Index length = starts[i + 1] - starts[i];
    const Index keys = limits(shape, length / 2) ? 2 * shape.window + 1 : length;
    plan.longest = std::max(plan.longest, length);
    plan.units += units_of(length) * shape.heads;
    plan.flops += 4.0 * static_cast<double>(length) * static_cast<double>(keys) *
                  static_cast<double>(shape.heads * shape.head_size);
  }
  return plan;
}

// Scratch memory of the largest unit: columns ascend, so no more rows are near than columns.
Index scratch_size(const kernels::KernelTable& table, const Call& in, Index longest) {
  kernels::Attention task = head_task(in, 0);
  task.queries = std::min(queries_a_unit, longest);
  task.keys =
      limits(in.shape, longest) ? std::min(longest, task.queries + 2 * in.shape.window) : longest;
  return table.attention_scratch(task);
}

}  // namespace

void attention(const AttentionInput& input, const AttentionShape& shape, MatrixView<float> out,
               Workspace& workspace) {
  const Call in{input, shape, out};
  require_shapes(in);
  const std::span<const Index> starts = input.starts;
  const Plan plan = make_plan(starts, shape);
  if (plan.units == 0) return;
  const kernels::KernelTable& table = kernels::active_table();
  constexpr double flops_worth_waking = 2e6;  // about 30 microseconds
  const Index lanes =
      plan.flops < flops_worth_waking ? 1 : std::min<Index>(workspace.pool().threads(), plan.units);
  const Workspace::Scope scope(workspace);
  const MatrixView<float> scratch = workspace.matrix(lanes, scratch_size(table, in, plan.longest));
  // A lane has scratch memory of its own and takes units until none is left.
  std::atomic<Index> next = 0;
  workspace.pool().parallel_for(lanes, [&](Index lane) {
    Index before = 0;  // units of the sequences before i
    std::size_t i = 0;
    for (Index unit = next++; unit < plan.units; unit = next++) {
      Index parts = units_of(starts[i + 1] - starts[i]);
      while (unit - before >= parts * shape.heads) {
        before += parts * shape.heads;
        ++i;
        parts = units_of(starts[i + 1] - starts[i]);
      }
      const Index within = unit - before;
      run_unit(table, in, {starts[i], starts[i + 1]}, within / parts, within % parts,
               scratch.row(lane).data());
    }
  });
}

}  // namespace attend::ops
