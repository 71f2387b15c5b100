// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Attention over packed sequences: the unit of work is some queries of one head of one sequence.
#include "attend/ops/attention.h"

#include <algorithm>
#include <atomic>

#include "kernels/registry.h"
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

// Part `part` of the queries of head `head` of the sequence with the rows [begin, end).
void run_unit(const kernels::KernelTable& table, const Call& in, Index begin, Index end, Index head,
              Index part, float* scratch) {
  const Index column = head * in.shape.head_size;
  const Index first = begin + part * queries_a_unit;
  table.attention({.q = in.q.data + first * in.q.stride + column,
                   .q_stride = in.q.stride,
                   .queries = std::min(queries_a_unit, end - first),
                   .k = in.k.data + begin * in.k.stride + column,
                   .k_stride = in.k.stride,
                   .v = in.v.data + begin * in.v.stride + column,
                   .v_stride = in.v.stride,
                   .keys = end - begin,
                   .head_size = in.shape.head_size,
                   .scale = in.shape.scale,
                   .out = in.out.data + first * in.out.stride + column,
                   .out_stride = in.out.stride,
                   .scratch = scratch});
}

void require_shapes(const Call& in) {
  const std::span<const Index> starts = in.starts;
  const Index cols = in.shape.heads * in.shape.head_size;
  const Index rows = in.q.rows;
  require(in.q.cols == cols && in.k.cols == cols && in.v.cols == cols && in.out.cols == cols &&
              in.k.rows == rows && in.v.rows == rows && in.out.rows == rows,
          "attention", "q, k, v and out [t, h*d]");
  require(!starts.empty() && starts.front() >= 0 && starts.back() <= rows &&
              std::is_sorted(starts.begin(), starts.end()),
          "attention", "starts from 0 to t, in order");
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
    plan.longest = std::max(plan.longest, length);
    plan.units += units_of(length) * shape.heads;
    plan.flops += 4.0 * static_cast<double>(length) * static_cast<double>(length) *
                  static_cast<double>(shape.heads * shape.head_size);
  }
  return plan;
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
  const MatrixView<float> scratch =
      workspace.matrix(lanes, table.attention_scratch(plan.longest, shape.head_size));
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
      run_unit(table, in, starts[i], starts[i + 1], within / parts, within % parts,
               scratch.row(lane).data());
    }
  });
}

}  // namespace attend::ops
