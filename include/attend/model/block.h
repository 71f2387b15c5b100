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

/// x = norm(x + f(x)), or x + f(norm(x)), for f = attention, cross attention where there is one,
/// and feed-forward. The residual stream is updated in place, so a block of any depth needs the
/// same memory.
class Block {
 public:
  Block(const Loader& from, const std::string& name, const BlockOptions& options,
        const ScoreBias& bias)
      : place_(options.norm_place),
        attention_(from, name + ".attn", options, bias),
        feed_forward_(from, name + ".ffn", options),
        feed_forward_norm_(from, name + ".ffn.norm", options.width, options.norm) {
    if (options.attention_norm == BlockOptions::AttentionNorm::present) {
      attention_norm_.emplace(from, name + ".attn.norm", options.width, options.norm);
    }
    if (options.cross == BlockOptions::CrossAttention::present) {
      cross_.emplace(from, name + ".cross", options);
      cross_norm_.emplace(from, name + ".cross.norm", options.width, options.norm);
    }
  }

  /// Shapes: x [t, m].
  void operator()(const AttentionContext& context, MatrixView<float> x,
                  Workspace& workspace) const {
    const auto attend_to_self = [&](MatrixView<const float> y) {
      attention_(y, context, x, workspace);
    };
    const auto attend_to_memory = [&](MatrixView<const float> y) {
      (*cross_)(y, context, x, workspace);
    };
    sublayer(attention_norm_ ? &*attention_norm_ : nullptr, x, workspace, attend_to_self);
    if (cross_) sublayer(&*cross_norm_, x, workspace, attend_to_memory);
    sublayer(&feed_forward_norm_, x, workspace,
             [&](MatrixView<const float> y) { feed_forward_(y, x, workspace); });
  }

  [[nodiscard]] const Attention& attention() const noexcept { return attention_; }
  /// Null where there is none.
  [[nodiscard]] const CrossAttention* cross() const noexcept { return cross_ ? &*cross_ : nullptr; }

 private:
  // `add` adds what it makes of its argument to x; a sublayer may have no norm.
  template <class F>
  void sublayer(const Norm* norm, MatrixView<float> x, Workspace& workspace, const F& add) const {
    switch (norm == nullptr ? NormPlace::after_residual : place_) {
      case NormPlace::after_residual:
        add(x);
        if (norm != nullptr) (*norm)(x, workspace);
        break;
      case NormPlace::before: {
        const Workspace::Scope scope(workspace);
        const auto normed = workspace.matrix(x.rows, x.cols);
        (*norm)(x, normed, workspace);
        add(normed);
        break;
      }
    }
  }

  NormPlace place_;
  Attention attention_;
  std::optional<Norm> attention_norm_;
  std::optional<CrossAttention> cross_;
  std::optional<Norm> cross_norm_;
  FeedForward feed_forward_;
  Norm feed_forward_norm_;
};

}  // namespace attend
