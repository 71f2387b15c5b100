// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What one call of attention is about: its rows, its keys and the place of its result.
#pragma once

#include <optional>
#include <span>

#include "attend/ops/attention.h"

namespace attend::ops {

struct AttentionCall : AttentionInput {
  const AttentionShape& shape;
  ComputeType compute;
  MatrixView<float> out;
  std::span<const KvPages> sequences = {};  // instead of k and v, in this layout
  std::optional<KvLayout> layout = {};
  ShownWeights shown = {};  // instead of `out`

  [[nodiscard]] bool has_bytes() const { return layout && layout->type == KvType::int8; }

  /// Heads of q that read one head of k.
  [[nodiscard]] Index group() const {
    return shape.heads == 0 ? 1 : shape.heads / shape.kv_heads();
  }
};

struct RowRange {
  Index begin;
  Index end;

  [[nodiscard]] Index size() const noexcept { return end - begin; }
};

inline RowRange rows_of(const AttentionCall& in, std::size_t sequence) {
  return {in.starts[sequence], in.starts[sequence + 1]};
}

// Its rows, or those whose weights are shown.
inline RowRange queries_of(const AttentionCall& in, std::size_t sequence) {
  const RowRange all = rows_of(in, sequence);
  if (in.shown.weights.rows == 0) return all;
  const Index begin = all.begin + in.shown.first;
  return {begin, begin + in.shown.weights.rows / in.shape.heads};
}

inline RowRange keys_of(const AttentionCall& in, std::size_t sequence) {
  if (!in.sequences.empty()) return {0, in.sequences[sequence].tokens};
  if (in.key_starts.empty()) return rows_of(in, sequence);
  return {in.key_starts[sequence], in.key_starts[sequence + 1]};
}

/// Throws: internal, before anything is computed.
void check_attention(const AttentionCall& in);

}  // namespace attend::ops
