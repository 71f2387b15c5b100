// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How keys and values join pages, and are attended to there; and who looks on.
#include <algorithm>
#include <string>

#include "attend/core/error.h"
#include "attend/model/attention.h"

namespace attend {
namespace {

// A step of one token a sequence takes less time than a thread to wake up.
constexpr Index rows_worth_waking = 64;
// Weights that are shown at once: of a megabyte, unless so many queries have more.
constexpr Index shown_values = Index{1} << 18U;
constexpr Index fewest_shown = 16;

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

// Shows the weights of every sequence, some queries at a time, which weigh(sequence, strip) finds,
// to who looks on.
template <class KeyCount, class Weigh>
void show_weights(KeysOf keys, const AttentionContext& context, const AttentionShape& shape,
                  Workspace& workspace, const KeyCount& key_count, const Weigh& weigh) {
  for (std::size_t i = 0; i + 1 < context.starts.size(); ++i) {
    const Index queries = context.starts[i + 1] - context.starts[i];
    const Index row_values = shape.heads * key_count(i);
    const Index most = std::max(shown_values / std::max<Index>(1, row_values), fewest_shown);
    for (Index first = 0; first < queries; first += most) {
      const Workspace::Scope scope(workspace);
      workspace.throw_if_stopped();
      const Index count = std::min(most, queries - first);
      const auto weights = workspace.matrix(shape.heads * count, key_count(i));
      weigh(i, ops::ShownWeights{first, weights});
      (*context.weights)({.keys = keys,
                          .layer = static_cast<Index>(context.layer),
                          .sequence = static_cast<Index>(i),
                          .heads = shape.heads,
                          .first = first,
                          .weights = weights});
    }
  }
}

void show_weights(KeysOf keys, const ops::AttentionInput& all, const AttentionShape& shape,
                  const AttentionContext& context, Workspace& workspace) {
  const auto key_starts = all.key_starts.empty() ? all.starts : all.key_starts;
  const auto key_count = [&](std::size_t i) { return key_starts[i + 1] - key_starts[i]; };
  const auto weigh = [&](std::size_t i, const ops::ShownWeights& to) {
    ops::AttentionInput one = all;
    one.starts = all.starts.subspan(i, 2);
    if (!all.key_starts.empty()) one.key_starts = all.key_starts.subspan(i, 2);
    ops::attention_weights(one, shape, to, workspace);
  };
  show_weights(keys, context, shape, workspace, key_count, weigh);
}

// `pages_of` a sequence.
template <class PagesOf>
void show_weights_in_pages(KeysOf keys, const ops::PagedAttentionInput& all,
                           const AttentionShape& shape, const AttentionContext& context,
                           Workspace& workspace, const PagesOf& pages_of) {
  const auto weigh = [&](std::size_t i, const ops::ShownWeights& to) {
    ops::PagedAttentionInput one = all;
    one.starts = context.starts.subspan(i, 2);
    one.sequences = {&pages_of(i), 1};
    ops::attention_weights(one, shape, to, workspace);
  };
  show_weights(
      keys, context, shape, workspace, [&](std::size_t i) { return pages_of(i).tokens; }, weigh);
}

[[noreturn]] void fail_layout(std::string what) {
  fail(ErrorKind::unsupported, {.where = "make_cache",
                                .what = "a model " + what,
                                .expected = "a decoder",
                                .hint = "run it on whole sequences"});
}

}  // namespace

KvLayout kv_layout_of(const AttentionShape& shape, KvType type) {
  if (shape.mask.ahead != 0) fail_layout("whose tokens see those after them");
  if (shape.disentangled != nullptr) fail_layout("whose scores have embeddings of distances");
  return KvLayout::of(shape, type);
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
  const ops::PagedAttentionInput paged{rows.q, rows.starts, kv.own, layout};
  ops::attention(paged, shape, out, workspace);
  if (context.weights == nullptr) return;
  const auto pages_of = [&](std::size_t i) -> const KvPages& { return kv.own[i]; };
  show_weights_in_pages(KeysOf::own, paged, shape, context, workspace, pages_of);
}

void attend_to_memory(const ops::AttentionInput& rows, const AttentionShape& shape,
                      const AttentionContext& context, MatrixView<float> out,
                      Workspace& workspace) {
  if (context.kv == nullptr) {
    ops::attention(rows, shape, out, workspace);
    if (context.weights != nullptr) show_weights(KeysOf::memory, rows, shape, context, workspace);
    return;
  }
  const KvRows& kv = *context.kv;
  const ops::PagedAttentionInput paged{rows.q, kv.memory_starts, kv.memories,
                                       kv.memory_layouts[context.layer]};
  ops::attention(paged, shape, out, workspace);
  if (context.weights == nullptr) return;
  // Pages of a memory are those of neighbouring sequences.
  const auto pages_of = [&](std::size_t i) -> const KvPages& {
    const auto next =
        std::upper_bound(kv.memory_starts.begin(), kv.memory_starts.end(), context.starts[i]);
    return kv.memories[static_cast<std::size_t>(next - kv.memory_starts.begin()) - 1];
  };
  show_weights_in_pages(KeysOf::memory, paged, shape, context, workspace, pages_of);
}

void keep_memory(MatrixView<const float> k, MatrixView<const float> v, const KvRows& to,
                 std::size_t layer, Workspace& workspace) {
  append(k, v, to.memory_starts, to.memories, to.memory_layouts[layer], workspace);
}

}  // namespace attend
