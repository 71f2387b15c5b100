// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The position-wise feed-forward network.
#pragma once

#include <string>

#include "attend/model/block_options.h"
#include "attend/model/layers.h"

namespace attend {

/// x += down(activation(up(x))).
class FeedForward {
 public:
  FeedForward(const Loader& from, const std::string& name, const BlockOptions& options)
      : up_(from, {name + ".up"}, options.ffn_width, options.width),
        down_(from, {name + ".down"}, options.width, options.ffn_width),
        activation_(options.activation) {}

  /// Shapes: x [t, m].
  void operator()(MatrixView<float> x, Workspace& workspace) const {
    const Workspace::Scope scope(workspace);
    const auto wide = workspace.matrix(x.rows, up_.out_features());
    up_(x, wide, workspace, {.activation = activation_});
    down_(wide, x, workspace, {.residual = x});
  }

 private:
  Linear up_;
  Linear down_;
  Activation activation_;
};

}  // namespace attend
