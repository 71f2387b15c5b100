// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Multi-head attention with its projections: of a stack to itself, and to the memory of another.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "attend/core/export.h"
#include "attend/model/block_options.h"
#include "attend/model/head_norms.h"
#include "attend/model/kv_cache.h"
#include "attend/model/layers.h"
#include "attend/model/observer.h"
#include "attend/model/score_bias.h"
#include "attend/ops/attention.h"
#include "attend/ops/rotary.h"

namespace attend {

/// The rows of another stack, sequence by sequence. Shapes: rows [s, m], starts [n + 1].
struct Memory {
  MatrixView<const float> rows;
  std::span<const Index> starts;
};

/// What attention needs to know of a batch besides its rows.
struct AttentionContext {
  std::span<const Index> starts;          ///< [n + 1]
  std::span<const std::int32_t> columns;  ///< [t] or empty, as Batch::columns
  MatrixView<const float> angles = {};    ///< [t, d], for a block with rotary positions
  Memory memory = {};                     ///< for a block with cross attention
  const KvRows* kv = nullptr;             ///< where keys, values and memory are, instead; or null
  std::size_t layer = 0;                  ///< among the layouts of `kv`
  const WeightObserver* weights = nullptr;  ///< who looks on; or null
};

/// How a decoder keeps keys and values of a layer with such attention. Throws: unsupported, unless
/// tokens see only those before them, and scores need no more than keys.
[[nodiscard]] ATTEND_EXPORT KvLayout kv_layout_of(const AttentionShape& shape, KvType type);

/// q, k and v of the rows to what they make of each other, or of the tokens before them, too, whose
/// keys and values they join. Shapes: as ops::AttentionInput and ops::attention().
ATTEND_EXPORT void attend_to_own(const ops::AttentionInput& rows, const AttentionShape& shape,
                                 const AttentionContext& context, MatrixView<float> out,
                                 Workspace& workspace);

/// q of the rows to what they make of a memory, which k and v are of where the context has no
/// pages. Shapes: as attend_to_own().
ATTEND_EXPORT void attend_to_memory(const ops::AttentionInput& rows, const AttentionShape& shape,
                                    const AttentionContext& context, MatrixView<float> out,
                                    Workspace& workspace);

/// Keys and values of a memory join its pages. Shapes: k, v [s, g*d].
ATTEND_EXPORT void keep_memory(MatrixView<const float> k, MatrixView<const float> v,
                               const KvRows& to, std::size_t layer, Workspace& workspace);

/// q, k and v of a block as one product. Shapes: [t, m] -> [t, (h + 2 * g) * d].
[[nodiscard]] ATTEND_EXPORT Linear load_qkv(const Loader& from, const std::string& name,
                                            const BlockOptions& options);

/// k and v of a memory as one product. Shapes: [s, m] -> [s, 2 * g * d].
[[nodiscard]] ATTEND_EXPORT Linear load_kv(const Loader& from, const std::string& name,
                                           const BlockOptions& options);

[[nodiscard]] inline AttentionShape attention_shape(const BlockOptions& options,
                                                    ComputeType compute) {
  return {.heads = options.heads,
          .key_heads = options.key_heads,
          .head_size = options.head_size,
          .scale = options.score_scale,
          .soft_cap = options.score_cap,
          .mask = options.mask,
          .compute = compute};
}

/// The product of what attention mixed.
[[nodiscard]] inline LinearShape attention_out_shape(const BlockOptions& options) {
  return {.out = options.width, .in = options.query_width(), .bias = options.attention_out_bias};
}

/// out = out(attention(q(y), k(y), v(y))) + residual.
class Attention {
 public:
  /// `bias` must outlive it, or move to where it lives on.
  Attention(const Loader& from, const std::string& name, const BlockOptions& options,
            const ScoreBias& bias)
      : qkv_(load_qkv(from, name, options)),
        out_(from, name + ".out", attention_out_shape(options)),
        queries_(options.query_width()),
        keys_(options.key_width()),
        shape_(attention_shape(options, from.compute)),
        disentangled_(bias.disentangled(from, name, options)) {
    shape_.distance_bias = bias.distance_bias();
    shape_.slopes = bias.slopes();
    if (options.query_key_norm) {
      const Index size = options.head_size;
      query_norm_.emplace(from, name + ".q_norm", queries_ / size, size, *options.query_key_norm);
      key_norm_.emplace(from, name + ".k_norm", keys_ / size, size, *options.query_key_norm);
    }
    if (options.rotary) pairs_ = options.rotary->pairs;
  }

  /// Shapes: y [t, m] -> out [t, m]; y may be out.
  void operator()(MatrixView<const float> y, const AttentionContext& context,
                  const SublayerOutput& out, Workspace& workspace) const {
    const Workspace::Scope scope(workspace);
    const auto qkv = workspace.matrix(y.rows, queries_ + 2 * keys_);
    const auto mixed = workspace.matrix(y.rows, queries_);
    qkv_(y, qkv, workspace);
    if (query_norm_) {
      (*query_norm_)(qkv.col_range(0, queries_), workspace);
      (*key_norm_)(qkv.col_range(queries_, keys_), workspace);
    }
    if (context.angles.data != nullptr) {
      ops::rotate(qkv.col_range(0, queries_ + keys_), {context.angles, shape_.head_size, pairs_},
                  workspace);
    }
    AttentionShape shape = shape_;
    if (disentangled_.slots() > 0) shape.disentangled = &disentangled_;
    attend_to_own({.q = qkv.col_range(0, queries_),
                   .k = qkv.col_range(queries_, keys_),
                   .v = qkv.col_range(queries_ + keys_, keys_),
                   .starts = context.starts,
                   .columns = context.columns},
                  shape, context, mixed, workspace);
    out_(mixed, out.rows, workspace, {.residual = out.residual});
  }

  /// Throws: unsupported, as kv_layout_of().
  [[nodiscard]] KvLayout kv_layout(KvType type) const {
    AttentionShape shape = shape_;
    if (disentangled_.slots() > 0) shape.disentangled = &disentangled_;
    return kv_layout_of(shape, type);
  }
  [[nodiscard]] bool counts_columns() const noexcept {
    return shape_.mask.behind >= 0 || shape_.distance_bias.table.rows > 0;
  }

 private:
  Linear qkv_;
  Linear out_;
  Index queries_;  // columns of q
  Index keys_;     // of k, and of v
  std::optional<HeadNorms> query_norm_;
  std::optional<HeadNorms> key_norm_;
  RotaryPairs pairs_ = RotaryPairs::halves;
  AttentionShape shape_;  // without a pointer to `disentangled_`, which moves
  DisentangledTables disentangled_;
};

/// out = out(attention(q(y), k(memory), v(memory))) + residual. Source: Vaswani et al. 2017,
/// section 3.2.3.
class CrossAttention {
 public:
  CrossAttention(const Loader& from, const std::string& name, const BlockOptions& options)
      : q_(from, name + ".q",
           {.out = options.query_width(), .in = options.width, .bias = options.qkv_bias}),
        kv_(load_kv(from, name, options)),
        out_(from, name + ".out", attention_out_shape(options)),
        queries_(options.query_width()),
        keys_(options.key_width()),
        shape_(attention_shape(options, from.compute)) {
    shape_.mask = {};
  }

  /// Shapes: y [t, m] -> out [t, m]; y may be out.
  void operator()(MatrixView<const float> y, const AttentionContext& context,
                  const SublayerOutput& out, Workspace& workspace) const {
    const Workspace::Scope scope(workspace);
    const auto q = workspace.matrix(y.rows, queries_);
    const auto mixed = workspace.matrix(y.rows, queries_);
    q_(y, q, workspace);
    ops::AttentionInput rows{.q = q, .k = {}, .v = {}, .starts = context.starts};
    if (context.kv == nullptr) {
      const auto kv = workspace.matrix(context.memory.rows.rows, 2 * keys_);
      kv_(context.memory.rows, kv, workspace);
      rows.k = kv.col_range(0, keys_);
      rows.v = kv.col_range(keys_, keys_);
      rows.key_starts = context.memory.starts;
    }
    attend_to_memory(rows, shape_, context, mixed, workspace);
    out_(mixed, out.rows, workspace, {.residual = out.residual});
  }

  /// Keys and values of a memory, computed once for all passes that look at it.
  /// Shapes: memory [s, m].
  void keep(MatrixView<const float> memory, const KvRows& to, std::size_t layer,
            Workspace& workspace) const {
    const Workspace::Scope scope(workspace);
    const auto kv = workspace.matrix(memory.rows, 2 * keys_);
    kv_(memory, kv, workspace);
    keep_memory(kv.col_range(0, keys_), kv.col_range(keys_, keys_), to, layer, workspace);
  }
  [[nodiscard]] KvLayout kv_layout(KvType type) const { return KvLayout::of(shape_, type); }

 private:
  Linear q_;
  Linear kv_;
  Linear out_;
  Index queries_;  // columns of q
  Index keys_;     // of k, and of v
  AttentionShape shape_;
};

}  // namespace attend
