// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Values of a one for one key each come out of attention() as the weight of that key: head_size
// keys at a time.
#include "attend/ops/attention_weights.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "kernels/kernels.h"
#include "ops/shape_check.h"

namespace attend::ops {
namespace {

// Key first + i has a one in column i of every head. Shapes: v [s, g*d].
void name_keys(Index first, Index size, MatrixView<float> v) {
  for (Index key = 0; key < v.rows; ++key) {
    const auto row = v.row(key);
    std::fill(row.begin(), row.end(), 0.0F);
    if (key < first || key >= first + size) continue;
    for (Index at = key - first; at < v.cols; at += size) row[static_cast<std::size_t>(at)] = 1;
  }
}

// Calls attend(v, mixed) for every block of keys. Shapes: mixed [t, h*d].
template <class Attend>
void by_blocks(const AttentionShape& shape, MatrixView<float> out, Workspace& workspace,
               const Attend& attend) {
  const Index size = shape.head_size;
  const Index queries = out.rows / shape.heads;
  const auto v = workspace.matrix(out.cols, shape.kv_heads() * size);
  const auto mixed = workspace.matrix(queries, shape.heads * size);
  for (Index first = 0; first < out.cols; first += size) {
    name_keys(first, size, v);
    attend(v, mixed);
    const Index count = std::min(size, out.cols - first);
    for (Index head = 0; head < shape.heads; ++head) {
      for (Index i = 0; i < queries; ++i) {
        const auto from = mixed.col_range(head * size, count).row(i);
        std::copy(from.begin(), from.end(),
                  out.col_range(first, count).row(head * queries + i).begin());
      }
    }
  }
}

void require(bool fits) {
  if (!fits) fail_shapes("attention_weights", "one sequence, out [h * t, s]");
}

}  // namespace

void attention_weights(const AttentionInput& input, const AttentionShape& shape,
                       MatrixView<float> out, Workspace& workspace) {
  require(input.starts.size() == 2 && out.rows == shape.heads * input.q.rows &&
          out.cols == input.k.rows);
  const Workspace::Scope scope(workspace);
  by_blocks(shape, out, workspace, [&](MatrixView<const float> v, MatrixView<float> mixed) {
    AttentionInput named = input;
    named.v = v;
    attention(named, shape, mixed, workspace);
  });
}

// The keys of the pages, with other values.
void attention_weights(MatrixView<const float> q, const KvPages& keys, const KvLayout& layout,
                       const AttentionShape& shape, MatrixView<float> out, Workspace& workspace) {
  require(out.rows == shape.heads * q.rows && out.cols == keys.tokens);
  const Workspace::Scope scope(workspace);
  KvLayout own = layout;
  own.at = 0;
  const auto count =
      static_cast<std::size_t>((keys.tokens + KvLayout::page_tokens - 1) / KvLayout::page_tokens);
  const auto page_bytes = static_cast<std::size_t>(own.page_bytes());
  std::byte* const memory = workspace.bytes(count * page_bytes);
  const std::span pages(reinterpret_cast<std::byte**>(workspace.bytes(count * sizeof(std::byte*))),
                        count);
  for (std::size_t i = 0; i < count; ++i) pages[i] = memory + i * page_bytes;
  const auto heads = static_cast<std::size_t>(layout.heads);
  const auto key_bytes =
      static_cast<std::size_t>(kernels::panel_bytes(layout.compute, layout.head_size));
  const std::array<Index, 2> starts{0, q.rows};
  const KvPages named{.pages = pages, .tokens = keys.tokens, .columns = keys.columns};
  by_blocks(shape, out, workspace, [&](MatrixView<const float> v, MatrixView<float> mixed) {
    append_to_pages(v, v, own, {.pages = pages, .tokens = 0});
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t head = 0; head < heads; ++head) {
        const std::size_t at = head * page_bytes / heads;
        std::memcpy(pages[i] + at, keys.pages[i] + layout.at + at, key_bytes);
      }
    }
    attention({.q = q, .starts = starts, .sequences = {&named, 1}, .layout = own}, shape, mixed,
              workspace);
  });
}

}  // namespace attend::ops
