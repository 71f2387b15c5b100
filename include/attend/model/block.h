// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The one residual block: every architecture is a stack of these, told apart by BlockOptions.
#pragma once

#include <optional>
#include <string>

#include "attend/model/attention.h"
#include "attend/model/block_options.h"
#include "attend/model/feed_forward.h"
#include "attend/model/layers.h"

namespace attend {

/// The residual stream x with what its sublayers make of it: attention, cross attention where there
/// is one, and feed-forward, as NormPlace and BlockOrder have it. It is updated in place, so blocks
/// of any depth need the same memory.
class Block {
 public:
  Block(const Loader& from, const std::string& name, const BlockOptions& options,
        const ScoreBias& bias)
      : order_(options.order),
        place_(options.norm_place),
        attention_(from, name + ".attn", options, bias),
        feed_forward_(from, name + ".ffn", options) {
    if (options.attention_norm == BlockOptions::AttentionNorm::present) {
      attention_norms_ = Norms(from, name + ".attn", options);
    }
    if (order_ != BlockOrder::with_one_norm) {
      feed_forward_norms_ = Norms(from, name + ".ffn", options);
    }
    if (options.cross == BlockOptions::CrossAttention::present) {
      cross_.emplace(from, name + ".cross", options);
      cross_norms_ = Norms(from, name + ".cross", options);
    }
  }

  /// Shapes: x [t, m].
  void operator()(const AttentionContext& context, MatrixView<float> x,
                  Workspace& workspace) const {
    switch (order_) {
      case BlockOrder::in_turn: run_in_turn(context, x, workspace); break;
      case BlockOrder::side_by_side:
      case BlockOrder::with_one_norm: run_side_by_side(context, x, workspace); break;
    }
  }

  [[nodiscard]] const Attention& attention() const noexcept { return attention_; }
  /// Null where there is none.
  [[nodiscard]] const CrossAttention* cross() const noexcept { return cross_ ? &*cross_ : nullptr; }

 private:
  /// Of one sublayer: of what goes in, or in NormPlace::after_residual of the sum; and of what
  /// comes out.
  struct Norms {
    std::optional<Norm> in;
    std::optional<Norm> out;

    Norms() = default;
    Norms(const Loader& from, const std::string& name, const BlockOptions& options) {
      const NormPlace place = options.norm_place;
      if (place != NormPlace::after) in.emplace(from, name + ".norm", options.width, options.norm);
      if (place == NormPlace::after || place == NormPlace::around) {
        out.emplace(from, name + ".out_norm", options.width, options.norm);
      }
    }
  };

  void run_in_turn(const AttentionContext& context, MatrixView<float> x,
                   Workspace& workspace) const {
    sublayer(attention_norms_, x, workspace,
             [&](MatrixView<const float> y, const SublayerOutput& out) {
               attention_(y, context, out, workspace);
             });
    if (cross_) {
      sublayer(cross_norms_, x, workspace,
               [&](MatrixView<const float> y, const SublayerOutput& out) {
                 (*cross_)(y, context, out, workspace);
               });
    }
    sublayer(feed_forward_norms_, x, workspace,
             [&](MatrixView<const float> y, const SublayerOutput& out) {
               feed_forward_(y, out, workspace);
             });
  }

  // Both sublayers start from x.
  void run_side_by_side(const AttentionContext& context, MatrixView<float> x,
                        Workspace& workspace) const {
    const Workspace::Scope scope(workspace);
    const auto normed = workspace.matrix(x.rows, x.cols);
    (*attention_norms_.in)(x, normed, workspace);
    auto for_feed_forward = normed;
    if (feed_forward_norms_.in) {
      for_feed_forward = workspace.matrix(x.rows, x.cols);
      (*feed_forward_norms_.in)(x, for_feed_forward, workspace);
    }
    attention_(normed, context, {x, x}, workspace);
    feed_forward_(for_feed_forward, {x, x}, workspace);
  }

  // `make` puts what it makes of its first argument into the second; a sublayer may have no norm.
  template <class F>
  void sublayer(const Norms& norms, MatrixView<float> x, Workspace& workspace,
                const F& make) const {
    const Workspace::Scope scope(workspace);
    switch (place_) {
      case NormPlace::after_residual:
        make(x, {x, x});
        if (norms.in) (*norms.in)(x, workspace);
        break;
      case NormPlace::before: {
        if (!norms.in) return make(x, {x, x});
        const auto normed = workspace.matrix(x.rows, x.cols);
        (*norms.in)(x, normed, workspace);
        make(normed, {x, x});
        break;
      }
      case NormPlace::after:
      case NormPlace::around: {
        const auto made = workspace.matrix(x.rows, x.cols);
        if (norms.in) (*norms.in)(x, made, workspace);
        make(norms.in ? made : x, {made});
        (*norms.out)(made, workspace);
        ops::add(made, x, workspace);
        break;
      }
    }
  }

  BlockOrder order_;
  NormPlace place_;
  Attention attention_;
  Norms attention_norms_;
  std::optional<CrossAttention> cross_;
  Norms cross_norms_;
  FeedForward feed_forward_;
  Norms feed_forward_norms_;
};

}  // namespace attend
