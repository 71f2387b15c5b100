// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How keys and values join pages, and are attended to there.
#include <algorithm>
#include <string>

#include "attend/core/error.h"
#include "attend/model/attention.h"

namespace attend {
namespace {

constexpr Index page_tokens = KvLayout::page_tokens;
// A step of one token a sequence takes less time than a thread to wake up.
constexpr Index rows_worth_waking = 64;

// Rows join the last places of a sequence, page by page.
void append(MatrixView<const float> k, MatrixView<const float> v, const KvLayout& layout,
            const KvPages& to, ThreadPool& pool) {
  const Index begin = to.tokens - k.rows;
  const auto append_page = [&](Index page) {
    const Index first = std::max(begin, page * page_tokens);
    const Index rows = std::min(to.tokens, (page + 1) * page_tokens) - first;
    ops::append_to_pages(k.row_range(first - begin, rows), v.row_range(first - begin, rows), layout,
                         {.pages = to.pages, .tokens = first});
  };
  const Index first_page = begin / page_tokens;
  const Index pages = (to.tokens + page_tokens - 1) / page_tokens - first_page;
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
  if (context.kv == nullptr) return ops::attention(rows, shape, out, workspace);
  const KvRows& kv = *context.kv;
  const KvLayout& layout = kv.own_layouts[context.layer];
  append(rows.k, rows.v, rows.starts, kv.own, layout, workspace);
  ops::attention({.q = rows.q, .starts = rows.starts, .sequences = kv.own, .layout = layout}, shape,
                 out, workspace);
}

void keep_memory(MatrixView<const float> k, MatrixView<const float> v, const KvRows& to,
                 std::size_t layer, Workspace& workspace) {
  append(k, v, to.memory_starts, to.memories, to.memory_layouts[layer], workspace);
}

}  // namespace attend
