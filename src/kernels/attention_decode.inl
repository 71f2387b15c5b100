// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Attention of single queries over the pages of their sequence. It waits for memory, so heads are
// taken together, page by page: in the order in which keys and values lie there. The bits are those
// of attention.inl, with its parts.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

// Where the parts of the scratch memory of one task begin; all are multiples of a cache line.
struct DecodeScratch {
  Extent panels;  // of one page of integers
  Extent scores;  // [queries, score_stride()]
  Extent packed;  // [queries, s or head_size]: queries, then weights
  Extent chain;   // [queries, head_size]: see ValueSums
  Extent total;   // the same
  Extent line;    // [s]
  Extent size;
  Extent packed_stride;
  Extent value_stride;
};

DecodeScratch decode_lay_out(const Attention& task) {
  const Extent stride = whole_panels(task.keys);
  DecodeScratch at{};
  at.value_stride = whole_panels(task.head_size);
  at.packed_stride = stride > at.value_stride ? stride : at.value_stride;
  const Extent key_bytes = page_key_bytes(ComputeType::f32, task.head_size);
  const Extent value_bytes = page_value_bytes(ComputeType::f32, task.head_size);
  const Extent most_bytes = key_bytes > value_bytes ? key_bytes : value_bytes;
  at.scores = task.pages_hold_bytes ? most_bytes / word_bytes : 0;
  at.packed = at.scores + task.queries * score_stride(task);
  at.chain = at.packed + task.queries * at.packed_stride;
  at.total = at.chain + task.queries * at.value_stride;
  at.line = at.total + task.queries * at.value_stride;
  at.size = at.line + (task.bias != nullptr ? stride : 0);
  return at;
}

Extent attention_decode_scratch(const Attention& task) noexcept {
  return decode_lay_out(task).size;
}

// A block of a head's rows: those of one query, of all heads that share the keys.
struct DecodeRows {
  const Attention* task;
  QueryBlock queries;
  DecodeScratch at;
  ValueSums sums;

  [[nodiscard]] float* scores() const {
    return task->scratch + at.scores + queries.begin * score_stride(*task);
  }
  [[nodiscard]] std::byte* packed() const {
    return bytes(task->scratch + at.packed + queries.begin * at.packed_stride);
  }
  [[nodiscard]] std::byte* panels() const { return bytes(task->scratch + at.panels); }
  // Bytes of a step, as the pages hold it.
  template <class Product>
  [[nodiscard]] Extent next_step() const {
    return task->pages_hold_bytes ? BytePage<Product>::step_integers : step_bytes;
  }
  // Keys that are there in a page.
  [[nodiscard]] Extent keys_in(Extent page) const {
    const Extent left = task->keys - page * page_keys;
    return left < page_keys ? left : page_keys;
  }
};

// Rows that are taken together.
struct DecodeHeads {
  static constexpr Extent most = 16;
  DecodeRows rows[most];
  Extent count = 0;

  // Calls f(rows, page, the rows and the page that come next but one), page by page. All see the
  // same keys.
  template <class F>
  ATTEND_INLINE void for_each_page(const F& f) const {
    const QueryBlock& queries = rows[0].queries;
    for (Extent page = queries.first_page(); page < queries.last_page(); ++page) {
      for (Extent i = 0; i < count; ++i) {
        const Extent next = (page - queries.first_page()) * count + i + 2;
        const Extent next_page = queries.first_page() + next / count;
        const bool is_there = next_page < queries.last_page();
        f(rows[i], page, rows[is_there ? next % count : i], is_there ? next_page : page);
      }
    }
  }
};

// The begin of what comes soon: a core sees late that one run has ended and where the next goes on.
ATTEND_INLINE void fetch_begin(const std::byte* next) { fetch_lines<2>(next, 1024); }

template <class Product>
inline void score_page(const DecodeRows& of, Extent page, const DecodeRows& soon,
                       Extent next_page) {
  const Attention& task = *of.task;
  const std::byte* panel = task.pages[page] + task.place.keys;
  const std::byte* next = soon.task->pages[next_page] + soon.task->place.keys;
  fetch_begin(next);
  if (task.pages_hold_bytes) {
    expand_keys<Product>(panel, of.keys_in(page), task.head_size, of.panels());
    panel = of.panels();
  }
  tiles<Product, Fetch::pages>.of[of.queries.rows - 1](
      {of.packed(), step_count<Product>(task.head_size), panel, of.scores() + page * page_keys,
       score_stride(task), next, of.next_step<Product>()});
}

template <class Product>
inline void add_page(const DecodeRows& of, Extent page, const DecodeRows& soon, Extent next_page) {
  const Attention& task = *of.task;
  const std::byte* panels = task.pages[page] + task.place.values;
  const std::byte* next = soon.task->pages[next_page] + soon.task->place.values;
  fetch_begin(next);
  if (task.pages_hold_bytes) {
    expand_values<Product>(panels, of.keys_in(page), task.head_size, of.panels());
    panels = of.panels();
  }
  add_values<Product>(of.sums, {page, 1, &panels, 0, of.at.value_stride / panel_columns, next,
                                of.next_step<Product>()});
}

template <class Product>
inline void decode_together(DecodeHeads& heads) {
  float inverse[DecodeHeads::most][tile_rows];
  for (Extent i = 0; i < heads.count; ++i) {
    const DecodeRows& of = heads.rows[i];
    pack_block<Product>({of.task->q + of.queries.begin * of.task->q_stride, of.task->q_stride,
                         of.queries.rows, of.task->head_size},
                        of.packed());
  }
  heads.for_each_page(score_page<Product>);
  for (Extent i = 0; i < heads.count; ++i) {
    DecodeRows& of = heads.rows[i];
    const Attention& task = *of.task;
    weigh_block<Product>(task, of.queries, of.scores(), task.scratch + of.at.line, inverse[i]);
    of.sums = pack_weights<Product>(task, of.queries, of.scores(), of.packed());
    of.sums.stride = of.at.value_stride;
    of.sums.chain = task.scratch + of.at.chain + of.queries.begin * of.sums.stride;
    of.sums.total = task.scratch + of.at.total + of.queries.begin * of.sums.stride;
  }
  heads.for_each_page(add_page<Product>);
  for (Extent i = 0; i < heads.count; ++i) {
    const DecodeRows& of = heads.rows[i];
    write_columns(*of.task, of.queries, of.sums.total, of.sums.stride, 0, inverse[i]);
  }
}

template <class Product>
inline void decode_in(const Attention* tasks, Extent count) {
  DecodeHeads heads;
  for (Extent i = 0; i < count; ++i) {
    const Attention& task = tasks[i];
    const DecodeScratch at = decode_lay_out(task);
    for (Extent b = 0; b < block_count(task.queries, Product::tile.rows); ++b) {
      if (heads.count == DecodeHeads::most) {
        decode_together<Product>(heads);
        heads.count = 0;
      }
      const Block block = block_at(task.queries, Product::tile.rows, b);
      heads.rows[heads.count++] = {&task, queries_at(task, block), at, {}};
    }
  }
  if (heads.count > 0) decode_together<Product>(heads);
}

void attention_decode(const Attention* tasks, Extent count) noexcept {
  if constexpr (Bf16Product::words == 1) {
    if (tasks[0].compute == ComputeType::bf16) return decode_in<Bf16Product>(tasks, count);
  }
  decode_in<F32Product>(tasks, count);
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
