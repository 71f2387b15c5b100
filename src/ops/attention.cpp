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
  ComputeType compute;
};

ComputeType compute_of(const AttentionShape& shape, const kernels::KernelTable& table) {
  const bool rounded =
      shape.compute != ComputeType::f32 && shape.disentangled == nullptr && table.has_bf16();
  return rounded ? ComputeType::bf16 : ComputeType::f32;
}

struct Rows {
  Index begin;
  Index end;

  [[nodiscard]] Index size() const noexcept { return end - begin; }
};

// Keys of a sequence that `queries` neighbouring rows of it see at most.
Index most_seen(const AttentionMask& mask, Index queries, Index keys) {
  const Index behind = mask.behind < 0 ? keys : std::min(mask.behind, keys);
  const Index ahead = mask.ahead < 0 ? keys : std::min(mask.ahead, keys);
  return std::min(keys, queries + behind + ahead);
}

Rows queries_of(const Call& in, std::size_t sequence) {
  return {in.starts[sequence], in.starts[sequence + 1]};
}

Rows keys_of(const Call& in, std::size_t sequence) {
  if (in.key_starts.empty()) return queries_of(in, sequence);
  return {in.key_starts[sequence], in.key_starts[sequence + 1]};
}

// The rows of the sequence that are seen from some of its rows.
Rows seen_from(const Call& in, Rows sequence, Rows rows) {
  const AttentionMask& mask = in.shape.mask;
  const auto column = [&](Index row) {
    return in.columns.empty() ? row : Index{in.columns[static_cast<std::size_t>(row)]};
  };
  Rows seen = sequence;
  if (mask.behind >= 0) {
    seen.begin = rows.begin;
    while (seen.begin > sequence.begin &&
           column(rows.begin) - column(seen.begin - 1) <= mask.behind) {
      --seen.begin;
    }
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

void run_unit(const kernels::KernelTable& table, const Call& in, const Unit& unit, float* scratch) {
  const Index column = unit.head * in.shape.head_size;
  const Rows queries = queries_of(in, unit.sequence);
  const Index first = queries.begin + unit.part * queries_a_unit;
  const Rows rows{first, std::min(first + queries_a_unit, queries.end)};
  const Rows seen = seen_from(in, keys_of(in, unit.sequence), rows);
  kernels::Attention task = head_task(in, unit.head);
  task.q = in.q.data + rows.begin * in.q.stride + column;
  task.queries = rows.size();
  task.first_query = in.key_starts.empty() ? rows.begin - seen.begin : 0;
  task.k = in.k.data + seen.begin * in.k.stride + column;
  task.v = in.v.data + seen.begin * in.v.stride + column;
  task.keys = seen.size();
  task.columns = in.columns.empty() ? nullptr : in.columns.data() + seen.begin;
  task.out = in.out.data + rows.begin * in.out.stride + column;
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
      in.shape.distance_bias.table.rows != 0 || in.shape.disentangled != nullptr) {
    fail_shapes("attention", "no distances between rows of different sequences");
  }
}

void require_shapes(const Call& in) {
  const std::span<const Index> starts = in.starts;
  const AttentionShape& shape = in.shape;
  const Index cols = shape.heads * shape.head_size;
  const Index rows = in.q.rows;
  const bool is_cross = !in.key_starts.empty();
  if (!(in.q.cols == cols && in.k.cols == cols && in.v.cols == cols && in.out.cols == cols &&
        in.v.rows == in.k.rows && in.out.rows == rows && (is_cross || in.k.rows == rows))) {
    fail_shapes("attention", "q and out [t, h*d], k and v [t, h*d], or [s, h*d] with key_starts");
  }
  if (!are_starts(starts, rows)) fail_shapes("attention", "starts from 0 to t, in order");
  if (is_cross) check_cross(in);
  if (!columns_fit(in.columns, starts, rows)) {
    fail_shapes("attention", "columns [t], ascending in every sequence");
  }
  const MatrixView<const float>& bias = shape.distance_bias.table;
  if (bias.rows != 0 && (bias.rows != shape.heads || bias.cols % 2 == 0)) {
    fail_shapes("attention", "distance bias [h, 2 * reach + 1]");
  }
  const DisentangledTables* tables = shape.disentangled;
  if (tables != nullptr && ((tables->heads() != shape.heads && tables->heads() != 1) ||
                            tables->head_size() != shape.head_size)) {
    fail_shapes("attention", "disentangled tables of h heads of size d, or of one for all");
  }
}

// The units of a pass, handed out in order: sequence, head, part of the queries.
struct Plan {
  Index most_queries = 0;  // of a unit
  Index most_keys = 0;
  Index units = 0;
  double flops = 0;
};

Plan make_plan(const Call& in) {
  Plan plan;
  for (std::size_t i = 0; i + 1 < in.starts.size(); ++i) {
    const Index queries = queries_of(in, i).size();
    const Index keys = keys_of(in, i).size();
    const Index in_unit = std::min(queries, queries_a_unit);
    plan.most_queries = std::max(plan.most_queries, in_unit);
    // Columns ascend, so no more rows are near than columns.
    plan.most_keys = std::max(plan.most_keys, most_seen(in.shape.mask, in_unit, keys));
    plan.units += units_of(queries) * in.shape.heads;
    plan.flops += 4.0 * static_cast<double>(queries) *
                  static_cast<double>(most_seen(in.shape.mask, 1, keys)) *
                  static_cast<double>(in.shape.heads * in.shape.head_size);
  }
  return plan;
}

Index scratch_size(const kernels::KernelTable& table, const Call& in, const Plan& plan) {
  kernels::Attention task = head_task(in, 0);
  task.queries = plan.most_queries;
  task.keys = plan.most_keys;
  return table.attention_scratch(task);
}

}  // namespace

void attention(const AttentionInput& input, const AttentionShape& shape, MatrixView<float> out,
               Workspace& workspace) {
  const kernels::KernelTable& table = kernels::active_table();
  const Call in{input, shape, out, compute_of(shape, table)};
  require_shapes(in);
  const std::span<const Index> starts = input.starts;
  const Plan plan = make_plan(in);
  if (plan.units == 0) return;
  constexpr double flops_worth_waking = 2e6;  // about 30 microseconds
  const Index lanes =
      plan.flops < flops_worth_waking ? 1 : std::min<Index>(workspace.pool().threads(), plan.units);
  const Workspace::Scope scope(workspace);
  const MatrixView<float> scratch = workspace.matrix(lanes, scratch_size(table, in, plan));
  if (workspace.is_counting()) return;
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
      run_unit(table, in, {i, within / parts, within % parts}, scratch.row(lane).data());
    }
  });
}

}  // namespace attend::ops
