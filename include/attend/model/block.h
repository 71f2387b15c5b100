// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The one residual block: every architecture is a stack of these, told apart by BlockOptions.
#pragma once

#include <span>
#include <string>

#include "attend/model/attention.h"
#include "attend/model/block_options.h"
#include "attend/model/feed_forward.h"
#include "attend/model/layers.h"

namespace attend {

/// x = norm(x + attention(x)); x = norm(x + ffn(x)). The residual stream is updated in place, so a
/// block of any depth needs the same memory.
class Block {
 public:
  Block(const Loader& from, const std::string& name, const BlockOptions& options)
      : attention_(from, name + ".attn", options),
        attention_norm_(from, name + ".attn.norm", options.width, options.norm_eps),
        feed_forward_(from, name + ".ffn", options),
        feed_forward_norm_(from, name + ".ffn.norm", options.width, options.norm_eps) {}

  /// Shapes: x [t, m], starts [n + 1].
  void operator()(MatrixView<float> x, std::span<const Index> starts, Workspace& workspace) const {
    attention_(x, starts, workspace);
    attention_norm_(x, workspace);
    feed_forward_(x, workspace);
    feed_forward_norm_(x, workspace);
  }

 private:
  Attention attention_;
  Norm attention_norm_;
  FeedForward feed_forward_;
  Norm feed_forward_norm_;
};

}  // namespace attend
