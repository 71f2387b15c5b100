// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Multi-head self-attention with its projections. Queries, keys and values are one product.
#pragma once

#include <cmath>
#include <span>
#include <string>

#include "attend/model/block_options.h"
#include "attend/model/layers.h"
#include "attend/ops/attention.h"

namespace attend {

/// x += out(attention(q(x), k(x), v(x))).
class Attention {
 public:
  Attention(const Loader& from, const std::string& name, const BlockOptions& options)
      : qkv_(from, {name + ".q", name + ".k", name + ".v"}, options.width, options.width),
        out_(from, {name + ".out"}, options.width, options.width),
        shape_{.heads = options.heads,
               .head_size = options.head_size,
               .scale = 1.0F / std::sqrt(static_cast<float>(options.head_size))} {}

  /// Shapes: x [t, m], starts [n + 1].
  void operator()(MatrixView<float> x, std::span<const Index> starts, Workspace& workspace) const {
    const Workspace::Scope scope(workspace);
    const auto qkv = workspace.matrix(x.rows, 3 * x.cols);
    const auto mixed = workspace.matrix(x.rows, x.cols);
    qkv_(x, qkv, workspace);
    ops::attention({qkv.col_range(0, x.cols), qkv.col_range(x.cols, x.cols),
                    qkv.col_range(2 * x.cols, x.cols), starts},
                   shape_, mixed, workspace);
    out_(mixed, x, workspace, {.residual = x});
  }

 private:
  Linear qkv_;
  Linear out_;
  AttentionShape shape_;
};

}  // namespace attend
