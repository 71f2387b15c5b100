// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A convolution over neighbouring tokens, as a product of unfolded rows.
#pragma once

#include <string>

#include "attend/core/export.h"
#include "attend/model/attention.h"
#include "attend/model/block_options.h"
#include "attend/model/layers.h"
#include "attend/ops/unfold.h"

namespace attend {

/// x = norm(x + activation(convolution(y))).
class ATTEND_EXPORT Convolution {
 public:
  /// Shapes: weight [m, m, kernel], bias [m]. Throws: config_error for an even kernel.
  Convolution(const Loader& from, const std::string& name, Index width,
              const ConvolutionOptions& options);

  /// What the convolution needs of y, so that y may change. Shapes: y [t, m] -> [t, kernel * m].
  [[nodiscard]] MatrixView<const float> unfold(MatrixView<const float> y,
                                               const AttentionContext& context,
                                               Workspace& workspace) const {
    const auto out = workspace.matrix(y.rows, kernel_ * y.cols);
    ops::unfold({y, context.starts, context.columns}, kernel_, out, workspace);
    return out;
  }

  /// Shapes: unfolded y [t, kernel * m], x [t, m].
  void operator()(MatrixView<const float> unfolded, MatrixView<float> x,
                  Workspace& workspace) const {
    product_(unfolded, x, workspace, {.activation = activation_, .residual = x});
    norm_(x, workspace);
  }

 private:
  Index kernel_;
  Activation activation_;
  Linear product_;
  Norm norm_;
};

}  // namespace attend
