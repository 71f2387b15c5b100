// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The position-wise feed-forward network.
#pragma once

#include <string>

#include "attend/core/export.h"
#include "attend/model/block_options.h"
#include "attend/model/layers.h"
#include "attend/ops/gate.h"

namespace attend {

/// `up` of a block, below its `gate` where there is one, as one product.
/// Shapes: [t, m] -> [t, f] or [t, 2 * f].
[[nodiscard]] ATTEND_EXPORT Linear load_up(const Loader& from, const std::string& name,
                                           const BlockOptions& options);

/// out = down(activation(up(y))) + residual, or its gated form.
class FeedForward {
 public:
  FeedForward(const Loader& from, const std::string& name, const BlockOptions& options)
      : up_(load_up(from, name, options)),
        down_(from, name + ".down",
              {.out = options.width, .in = options.ffn_width, .bias = options.ffn_down_bias}),
        kind_(options.ffn),
        activation_(from.activation(name + ".activation", options.activation)),
        width_(options.ffn_width) {}

  /// Shapes: y [t, m] -> out [t, m]; y may be out.
  void operator()(MatrixView<const float> y, const SublayerOutput& out,
                  Workspace& workspace) const {
    const Workspace::Scope scope(workspace);
    const auto wide = workspace.matrix(y.rows, up_.out_features());
    switch (kind_) {
      case FeedForwardKind::plain: up_(y, wide, workspace, {.activation = activation_}); break;
      case FeedForwardKind::gated: {
        up_(y, wide, workspace);
        const auto half = wide.col_range(0, width_);
        ops::gate({half, wide.col_range(width_, width_), activation_}, half, workspace);
        break;
      }
    }
    down_(wide.col_range(0, width_), out.rows, workspace, {.residual = out.residual});
  }

 private:
  Linear up_;
  Linear down_;
  FeedForwardKind kind_;
  ActivationFunction activation_;
  Index width_;
};

}  // namespace attend
