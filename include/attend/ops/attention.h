// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Scaled dot-product attention over packed rows (Vaswani et al. 2017): every sequence attends to
// itself, padding does not exist, and no matrix of masks is ever made.
#pragma once

#include <span>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"

namespace attend {

struct AttentionShape {
  Index heads = 0;
  Index head_size = 0;
  float scale = 1;  ///< scores are q.k * scale; usually 1 / sqrt(head_size)
};

namespace ops {

/// Sequence i has the rows [starts[i], starts[i + 1]) of q, k, v and the result.
/// Shapes: q, k, v [t, h*d] (column ranges of one fused matrix are fine), starts [n + 1].
struct AttentionInput {
  MatrixView<const float> q;
  MatrixView<const float> k;
  MatrixView<const float> v;
  std::span<const Index> starts;
};

/// Shapes: out [t, h*d]; out must not overlap the input.
ATTEND_EXPORT void attention(const AttentionInput& input, const AttentionShape& shape,
                             MatrixView<float> out, Workspace& workspace);

}  // namespace ops
}  // namespace attend
