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

/// x = norm(x + attention(x)); x = norm(x + ffn(x)), or with the norms before their sublayers. The
/// residual stream is updated in place, so a block of any depth needs the same memory.
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
  }

  /// Shapes: x [t, m].
  void operator()(const AttentionContext& context, MatrixView<float> x,
                  Workspace& workspace) const {
    switch (place_) {
      case NormPlace::after_residual:
        attention_(x, context, x, workspace);
        if (attention_norm_) (*attention_norm_)(x, workspace);
        feed_forward_(x, x, workspace);
        feed_forward_norm_(x, workspace);
        break;
      case NormPlace::before: {
        const Workspace::Scope scope(workspace);
        const auto normed = workspace.matrix(x.rows, x.cols);
        if (attention_norm_) (*attention_norm_)(x, normed, workspace);
        attention_(attention_norm_ ? normed : x, context, x, workspace);
        feed_forward_norm_(x, normed, workspace);
        feed_forward_(normed, x, workspace);
        break;
      }
    }
  }

 private:
  NormPlace place_;
  Attention attention_;
  std::optional<Norm> attention_norm_;
  FeedForward feed_forward_;
  Norm feed_forward_norm_;
};

}  // namespace attend
