// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Keys and values into pages, page by page and head by head.
#include <algorithm>

#include "attend/ops/attention.h"
#include "kernels/registry.h"
#include "ops/shape_check.h"

namespace attend::ops {

void append_to_pages(MatrixView<const float> k, MatrixView<const float> v, const KvLayout& layout,
                     const KvPages& to) {
  const kernels::KernelTable& table = kernels::active_table();
  const Index size = layout.head_size;
  if (layout.compute != ComputeType::f32 &&
      !(layout.compute == ComputeType::bf16 && table.has_bf16())) {
    fail_shapes("append_to_pages", "a layout that KvLayout::of() gives");
  }
  if (k.cols != layout.heads * size || v.cols != k.cols || v.rows != k.rows) {
    fail_shapes("append_to_pages", "k, v [n, g*d]");
  }
  const Index places = static_cast<Index>(to.pages.size()) * KvLayout::page_tokens;
  if (to.tokens < 0 || layout.at < 0 || to.tokens + k.rows > places) {
    fail_shapes("append_to_pages", "pages for all tokens");
  }
  for (Index row = 0; row < k.rows;) {
    const Index first = (to.tokens + row) % KvLayout::page_tokens;
    const Index rows = std::min(k.rows - row, KvLayout::page_tokens - first);
    const auto number = static_cast<std::size_t>((to.tokens + row) / KvLayout::page_tokens);
    std::byte* page = to.pages[number];
    for (Index head = 0; head < layout.heads; ++head) {
      table.append_to_page({.compute = layout.compute,
                            .k = k.data + row * k.stride + head * size,
                            .k_stride = k.stride,
                            .v = v.data + row * v.stride + head * size,
                            .v_stride = v.stride,
                            .rows = rows,
                            .head_size = size,
                            .first = first,
                            .as_bytes = layout.type == KvType::int8,
                            .keys = page + layout.keys_at(head),
                            .values = page + layout.values_at(head)});
    }
    row += rows;
  }
}

}  // namespace attend::ops
