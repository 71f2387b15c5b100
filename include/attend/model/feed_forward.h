// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The position-wise feed-forward network.
#pragma once

#include <string>

#include "attend/core/export.h"
#include "attend/model/block_options.h"
#include "attend/model/layers.h"

namespace attend {

/// `up` of a block, gated where there is a gate. Shapes: [t, m] -> [t, f].
[[nodiscard]] ATTEND_EXPORT Linear load_up(const Loader& from, const std::string& name,
                                           const BlockOptions& options);

/// out = down(activation(up(y))) + residual, or its gated form.
class FeedForward {
 public:
  FeedForward(const Loader& from, const std::string& name, const BlockOptions& options)
      : up_(load_up(from, name, options)),
        down_(from, name + ".down",
              {.out = options.width, .in = options.ffn_width, .bias = options.ffn_down_bias}),
        activation_(from.activation(name + ".activation", options.activation)) {}

  /// Shapes: y [t, m] -> out [t, m]; y may be out.
  void operator()(MatrixView<const float> y, const SublayerOutput& out,
                  Workspace& workspace) const {
    const Workspace::Scope scope(workspace);
    const auto wide = workspace.matrix(y.rows, up_.out_features());
    up_(y, wide, workspace, {.activation = activation_});
    down_(wide, out.rows, workspace, {.residual = out.residual});
  }

 private:
  Linear up_;
  Linear down_;
  ActivationFunction activation_;
};

}  // namespace attend
