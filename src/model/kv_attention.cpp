// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How keys and values join pages, and are attended to there; and who looks on.
#include <algorithm>
#include <array>
#include <string>

#include "attend/core/error.h"
#include "attend/model/attention.h"
#include "attend/ops/attention_weights.h"

namespace attend {
namespace {

// A step of one token a sequence takes less time than a thread to wake up.
constexpr Index rows_worth_waking = 64;

// Rows join the last places of a sequence, page by page.
void append(MatrixView<const float> k, MatrixView<const float> v, const KvLayout& layout,
            const KvPages& to, ThreadPool& pool) {
  const Index begin = to.tokens - k.rows;
  const auto append_page = [&](Index page) {
    const Index first = std::max(begin, page * KvLayout::page_tokens);
    const Index rows = std::min(to.tokens, (page + 1) * KvLayout::page_tokens) - first;
    ops::append_to_pages(k.row_range(first - begin, rows), v.row_range(first - begin, rows), layout,
                         {.pages = to.pages, .tokens = first});
  };
  const Index first_page = begin / KvLayout::page_tokens;
  const Index pages = (to.tokens + KvLayout::page_tokens - 1) / KvLayout::page_tokens - first_page;
  if (k.rows < rows_worth_waking) {
    for (Index i = 0; i < pages; ++i) append_page(first_page + i);
  } else {
    pool.parallel_for(pages, [&](Index i) { append_page(first_page + i); });
  }
}

void append(MatrixView<const float> k, MatrixView<const float> v, std::span<const Index> starts,
            std::span<const KvPages> to, const KvLayout& layout, Workspace& workspace) {
  if (workspace.is_counting()) return;
  for (std::size_t i = 0; i < to.size(); ++i) {
    const Index count = starts[i + 1] - starts[i];
    append(k.row_range(starts[i], count), v.row_range(starts[i], count), layout, to[i],
           workspace.pool());
  }
}

// Shows the weights of every sequence, which weigh(sequence, queries, out) finds, to who looks on.
template <class KeyCount, class Weigh>
void show_weights(KeysOf keys, const AttentionContext& context, const AttentionShape& shape,
                  Workspace& workspace, const KeyCount& key_count, const Weigh& weigh) {
  for (std::size_t i = 0; i + 1 < context.starts.size(); ++i) {
    const Workspace::Scope scope(workspace);
    const Index rows = context.starts[i + 1] - context.starts[i];
    const auto out = workspace.matrix(shape.heads * rows, key_count(i));
    weigh(i, context.starts[i], rows, out);
    (*context.weights)(keys, static_cast<Index>(context.layer), static_cast<Index>(i), out);
  }
}

void show_weights(KeysOf keys, const ops::AttentionInput& all, const AttentionShape& shape,
                  const AttentionContext& context, Workspace& workspace) {
  const auto starts = all.key_starts.empty() ? all.starts : all.key_starts;
  const auto key_count = [&](std::size_t i) { return starts[i + 1] - starts[i]; };
  show_weights(keys, context, shape, workspace, key_count,
               [&](std::size_t i, Index begin, Index rows, MatrixView<float> out) {
                 const std::array<Index, 2> own{0, rows};
                 const std::array<Index, 2> others{0, out.cols};
                 ops::AttentionInput one{.q = all.q.row_range(begin, rows),
                                         .k = all.k.row_range(starts[i], out.cols),
                                         .v = {},
                                         .starts = own};
                 if (!all.columns.empty()) {
                   one.columns = all.columns.subspan(static_cast<std::size_t>(begin),
                                                     static_cast<std::size_t>(rows));
                 }
                 if (!all.key_starts.empty()) one.key_starts = others;
                 ops::attention_weights(one, shape, out, workspace);
               });
}

// Pages of a memory are those of neighbouring sequences.
void show_weights_of_memory(MatrixView<const float> q, const AttentionShape& shape,
                            const AttentionContext& context, Workspace& workspace) {
  const KvRows& kv = *context.kv;
  const auto memory_of = [&](std::size_t sequence) -> const KvPages& {
    const auto next = std::upper_bound(kv.memory_starts.begin(), kv.memory_starts.end(),
                                       context.starts[sequence]);
    return kv.memories[static_cast<std::size_t>(next - kv.memory_starts.begin()) - 1];
  };
  show_weights(
      KeysOf::memory, context, shape, workspace, [&](std::size_t i) { return memory_of(i).tokens; },
      [&](std::size_t i, Index begin, Index rows, MatrixView<float> out) {
        ops::attention_weights(q.row_range(begin, rows), memory_of(i),
                               kv.memory_layouts[context.layer], shape, out, workspace);
      });
}

[[noreturn]] void fail_layout(std::string what) {
  fail(ErrorKind::unsupported, {.where = "make_cache",
                                .what = "a model " + what,
                                .expected = "a decoder",
                                .hint = "run it on whole sequences"});
}

}  // namespace

KvLayout kv_layout_of(const AttentionShape& shape) {
  if (shape.mask.ahead != 0) fail_layout("whose tokens see those after them");
  if (shape.disentangled != nullptr) fail_layout("whose scores have embeddings of distances");
  return KvLayout::of(shape);
}

void attend_to_own(const ops::AttentionInput& rows, const AttentionShape& shape,
                   const AttentionContext& context, MatrixView<float> out, Workspace& workspace) {
  if (context.kv == nullptr) {
    ops::attention(rows, shape, out, workspace);
    if (context.weights != nullptr) show_weights(KeysOf::own, rows, shape, context, workspace);
    return;
  }
  const KvRows& kv = *context.kv;
  const KvLayout& layout = kv.own_layouts[context.layer];
  append(rows.k, rows.v, rows.starts, kv.own, layout, workspace);
  ops::attention({.q = rows.q, .starts = rows.starts, .sequences = kv.own, .layout = layout}, shape,
                 out, workspace);
  if (context.weights == nullptr) return;
  show_weights(
      KeysOf::own, context, shape, workspace, [&](std::size_t i) { return kv.own[i].tokens; },
      [&](std::size_t i, Index begin, Index count, MatrixView<float> weights) {
        ops::attention_weights(rows.q.row_range(begin, count), kv.own[i], layout, shape, weights,
                               workspace);
      });
}

void attend_to_memory(const ops::AttentionInput& rows, const AttentionShape& shape,
                      const AttentionContext& context, MatrixView<float> out,
                      Workspace& workspace) {
  if (context.kv == nullptr) {
    ops::attention(rows, shape, out, workspace);
    if (context.weights != nullptr) show_weights(KeysOf::memory, rows, shape, context, workspace);
    return;
  }
  ops::attention({.q = rows.q,
                  .starts = context.kv->memory_starts,
                  .sequences = context.kv->memories,
                  .layout = context.kv->memory_layouts[context.layer]},
                 shape, out, workspace);
  if (context.weights != nullptr) show_weights_of_memory(rows.q, shape, context, workspace);
}

void keep_memory(MatrixView<const float> k, MatrixView<const float> v, const KvRows& to,
                 std::size_t layer, Workspace& workspace) {
  append(k, v, to.memory_starts, to.memories, to.memory_layouts[layer], workspace);
}

}  // namespace attend
