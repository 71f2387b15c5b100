// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Scaled dot-product attention over packed rows (Vaswani et al. 2017): every sequence attends to
// itself, padding does not exist, and no matrix of masks is ever made; of positions no more than
// those of a strip of queries are at hand at once.
//
// Distances are always those of columns: key column - query column.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/tensor.h"
#include "attend/core/workspace.h"
#include "attend/ops/compute_type.h"

namespace attend {

/// A value for each head and distance that is added to the scaled score (Raffel et al. 2019).
/// Distances beyond +-reach read the value at +-reach.
struct DistanceBias {
  MatrixView<const float> table = {};  ///< [h, 2 * reach + 1], column reach + distance; or empty
};

/// Disentangled attention (He et al. 2020; He et al. 2021): what the relative position adds to the
/// score of query i and key j before it is scaled,
///
///     q_i . keys[slot] + k_j . queries[slot],  slot = slots[reach + distance(i, j)],
///
/// distances beyond +-reach taken as +-reach. A reference that gathers both by i - j, as DeBERTa's
/// do, has slots[reach - (i - j)] = its index for i - j; that is all there is to the signs.
/// Both tables are constants of a layer; they are packed once, at load. Tables of one head are
/// those of every head: embeddings of the distance itself (Shaw et al. 2018).
class ATTEND_EXPORT DisentangledTables {
 public:
  DisentangledTables() = default;
  /// Shapes: keys, queries [p, h*d] or empty (that part of the score is absent then, but not of
  /// both), slots [2 * reach + 1], each in [0, p), never falling or never rising. Tables without
  /// values (null data) make a plan, as those of PackedLinear do.
  DisentangledTables(MatrixView<const float> keys, MatrixView<const float> queries,
                     std::span<const std::int32_t> slots, Index heads);

  /// One table in panels of 32 slots for each head, in the order in which its distances read it.
  struct Packed {
    Tensor panels;                   ///< [h, p / 32, d, 32], or nothing
    std::vector<std::int32_t> rows;  ///< by distance, never falling
    Index near = 0;                  ///< rows follow one another for distances up to +-near
  };
  [[nodiscard]] const Packed& keys() const noexcept { return keys_; }        ///< by key - query
  [[nodiscard]] const Packed& queries() const noexcept { return queries_; }  ///< by query - key
  /// Of the memory that they take, or that they would take if they had values.
  [[nodiscard]] std::uint64_t size_bytes() const noexcept;
  [[nodiscard]] Index slots() const noexcept { return slots_; }
  [[nodiscard]] Index heads() const noexcept { return heads_; }
  [[nodiscard]] Index head_size() const noexcept { return head_size_; }

 private:
  Index slots_ = 0;
  Index heads_ = 0;
  Index head_size_ = 0;
  Packed keys_;
  Packed queries_;
};

/// Which keys a query sees: a rule, not a matrix. Numbers are distances of columns.
struct AttentionMask {
  static constexpr Index unlimited = -1;
  Index behind = unlimited;  ///< keys up to so many columns before the query; negative: all
  Index ahead = unlimited;   ///< the same of keys after it; 0: causal
};

struct AttentionShape {
  Index heads = 0;
  Index key_heads = 0;  ///< heads of k and v, each for heads / key_heads of q (Ainslie et al.
                        ///< 2023); 0: as many
  Index head_size = 0;
  float scale = 1;  ///< scores are q.k * scale; usually 1 / sqrt(head_size)
  /// Scaled scores become cap * tanh(score / cap) (Gemma 2, 2024); 0: they do not.
  float soft_cap = 0;
  AttentionMask mask = {};
  /// Of each head, times the distance, join the scaled scores (Press et al. 2021). Shapes: [h] or
  /// empty.
  std::span<const float> slopes = {};
  DistanceBias distance_bias = {};
  const DisentangledTables* disentangled = nullptr;  ///< or null; must outlive the call
  /// What both products are computed in: bf16 for every type but f32. Kernels without products of
  /// bf16 stay with f32, which is faster there, and so do disentangled scores.
  ComputeType compute = ComputeType::f32;

  /// Of k and v, whether they are given or as many as of q.
  [[nodiscard]] constexpr Index kv_heads() const noexcept {
    return key_heads == 0 ? heads : key_heads;
  }
};

/// How keys and values of one layer are kept between calls: in pages of 32 tokens, so that what is
/// multiplied lies as it is read, and a sequence grows, forks and shrinks by its list of pages.
struct KvLayout {
  static constexpr Index page_tokens = 32;

  Index heads = 0;  ///< of keys
  Index head_size = 0;
  ComputeType compute = ComputeType::f32;  ///< f32, or bf16 where kernels multiply it as such
  KvType type = KvType::computed;
  Index at = 0;  ///< where in a page the layer begins, if others share it; a multiple of 64 bytes

  /// For attention of this shape with the kernels in use: the only one of the type that they take.
  [[nodiscard]] ATTEND_EXPORT static KvLayout of(const AttentionShape& shape,
                                                 KvType type = KvType::computed);
  /// Of the keys and values of all heads; a multiple of 64.
  [[nodiscard]] ATTEND_EXPORT Index page_bytes() const noexcept;
  /// Where in a page the keys and the values of a head begin: first those of all heads are keys,
  /// then values. Of `heads` where they end.
  [[nodiscard]] ATTEND_EXPORT Index keys_at(Index head) const noexcept;
  [[nodiscard]] ATTEND_EXPORT Index values_at(Index head) const noexcept;
  /// Whether layers are kept the same way, wherever they are in a page.
  [[nodiscard]] bool same_form(const KvLayout& other) const noexcept {
    return heads == other.heads && head_size == other.head_size && compute == other.compute &&
           type == other.type;
  }
};

/// The tokens of one sequence. Pages hold page_bytes() from KvLayout::at on, and are aligned to 64
/// bytes; what is in them behind the tokens is of no matter, but for tokens that the count was
/// lowered by: their values were finite. Sequences may share pages that are
/// full; of the last one each that goes on needs its own copy.
struct KvPages {
  std::span<std::byte* const> pages;  ///< in order; enough for the tokens
  Index tokens = 0;
  /// [tokens], as AttentionInput::columns; empty counts from 0.
  std::span<const std::int32_t> columns = {};
};

namespace ops {

/// Sequence i has the rows [starts[i], starts[i + 1]) of q, k, v and the result. `columns` says
/// where each row stood in its padded input, ascending in every sequence; empty counts from 0.
/// With `key_starts` k and v are those of other sequences ("cross attention"): all rows of sequence
/// i see the rows [key_starts[i], key_starts[i + 1]) of them, and there is neither mask nor bias.
/// Shapes: q [t, h*d], k, v [t, g*d] with g key heads (column ranges of one fused matrix are fine;
/// k, v [s, g*d] with key_starts), starts, key_starts [n + 1], columns [t] or empty.
struct AttentionInput {
  MatrixView<const float> q;
  MatrixView<const float> k;
  MatrixView<const float> v;
  std::span<const Index> starts;
  std::span<const std::int32_t> columns = {};
  std::span<const Index> key_starts = {};
};

/// With limits on both sides the time grows with t times their sum, not with the squares of the
/// lengths.
/// Shapes: out [t, h*d]; out must not overlap the input.
ATTEND_EXPORT void attention(const AttentionInput& input, const AttentionShape& shape,
                             MatrixView<float> out, Workspace& workspace);

/// Keys and values join the pages of a sequence behind its tokens, whose count the caller raises,
/// and may lower again.
/// Shapes: k, v [n, g*d], pages for tokens + n.
ATTEND_EXPORT void append_to_pages(MatrixView<const float> k, MatrixView<const float> v,
                                   const KvLayout& layout, const KvPages& to);

/// Keys and values are in pages. Where a mask or a bias counts distances, queries are the last
/// tokens of their sequences, whose own keys are there, too. Shapes: q [t, h*d], starts [n + 1],
/// sequences [n].
struct PagedAttentionInput {
  MatrixView<const float> q;
  std::span<const Index> starts;
  std::span<const KvPages> sequences;
  KvLayout layout;  ///< in which they were appended: KvLayout::of(shape, any type)
};

/// For each query the same bits as attention() over whole sequences, if all values are finite and
/// pages hold what is computed with; of integers, over the keys and values that they stand for.
/// Disentangled scores are not offered.
/// Shapes: out [t, h*d]; out must not overlap the input.
ATTEND_EXPORT void attention(const PagedAttentionInput& input, const AttentionShape& shape,
                             MatrixView<float> out, Workspace& workspace);

/// How much of each key some neighbouring queries of a sequence take, for those who ask to see it.
/// Shapes: weights [h * r, s], the rows of one head behind those of another.
struct ShownWeights {
  Index first = 0;  ///< of the queries
  MatrixView<float> weights;
};

/// What attention() multiplies values by, before kernels of bf16 round it; 0 of keys that are not
/// seen. Values are not looked at. Shapes: one sequence.
ATTEND_EXPORT void attention_weights(const AttentionInput& input, const AttentionShape& shape,
                                     const ShownWeights& to, Workspace& workspace);
ATTEND_EXPORT void attention_weights(const PagedAttentionInput& input, const AttentionShape& shape,
                                     const ShownWeights& to, Workspace& workspace);

}  // namespace ops
}  // namespace attend
