// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Normalisation of rows.
#pragma once

#include <span>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"

namespace attend::ops {

/// Shapes: gain [m], bias [m] or empty for none.
struct LayerNormWeights {
  std::span<const float> gain;
  std::span<const float> bias;
  float eps = 0;
};

/// y = (x - mean) / sqrt(variance + eps) * gain + bias, row by row (Ba et al. 2016).
/// Shapes: x [t, m] -> y [t, m]; y may be x.
ATTEND_EXPORT void layer_norm(MatrixView<const float> x, const LayerNormWeights& weights,
                              MatrixView<float> y, Workspace& workspace);

/// Shapes: gain [m].
struct RmsNormWeights {
  std::span<const float> gain;
  float eps = 0;
};

/// y = x / sqrt(mean of x^2 + eps) * gain, row by row (Zhang and Sennrich 2019).
/// Shapes: x [t, m] -> y [t, m]; y may be x.
ATTEND_EXPORT void rms_norm(MatrixView<const float> x, const RmsNormWeights& weights,
                            MatrixView<float> y, Workspace& workspace);

/// Divides every row by max(its Euclidean length, 1e-12), as torch.nn.functional.normalize.
/// Shapes: x [n, m], in place. Throws: as activate().
ATTEND_EXPORT void l2_normalize(MatrixView<float> x);

}  // namespace attend::ops
