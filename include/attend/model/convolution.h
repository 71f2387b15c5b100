// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A convolution over neighbouring tokens, as products of unfolded rows.
#pragma once

#include <string>
#include <vector>

#include "attend/core/export.h"
#include "attend/model/attention.h"
#include "attend/model/block_options.h"
#include "attend/model/layers.h"
#include "attend/ops/unfold.h"

namespace attend {

/// x = norm(x + activation(convolution(y))).
class ATTEND_EXPORT Convolution {
 public:
  /// Shapes: weight [m, m / groups, kernel], bias [m]. Throws: config_error for an even kernel, and
  /// for groups that do not divide m.
  Convolution(const Loader& from, const std::string& name, Index width,
              const ConvolutionOptions& options);

  /// What the convolution needs of y, so that y may change: the columns of a group side by side.
  /// Shapes: y [t, m] -> [t, kernel * m].
  [[nodiscard]] MatrixView<const float> unfold(MatrixView<const float> y,
                                               const AttentionContext& context,
                                               Workspace& workspace) const {
    const auto out = workspace.matrix(y.rows, kernel_ * y.cols);
    const Index size = y.cols / groups();
    for (Index i = 0; i < groups(); ++i) {
      ops::unfold({y.col_range(i * size, size), context.starts, context.columns}, kernel_,
                  out.col_range(i * kernel_ * size, kernel_ * size), workspace);
    }
    return out;
  }

  /// Shapes: unfolded y [t, kernel * m], x [t, m].
  void operator()(MatrixView<const float> unfolded, MatrixView<float> x,
                  Workspace& workspace) const {
    const Index size = x.cols / groups();
    for (Index i = 0; i < groups(); ++i) {
      const auto y = x.col_range(i * size, size);
      products_[static_cast<std::size_t>(i)](unfolded.col_range(i * kernel_ * size, kernel_ * size),
                                             y, workspace,
                                             {.activation = activation_, .residual = y});
    }
    norm_(x, workspace);
  }

 private:
  [[nodiscard]] Index groups() const noexcept { return static_cast<Index>(products_.size()); }

  Index kernel_;
  Activation activation_;
  std::vector<Linear> products_;  // one a group
  Norm norm_;
};

}  // namespace attend
