// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rotary positions (Su et al. 2021): queries and keys are turned by angles that grow with their
// position, so that their products depend on the distance alone.
#pragma once

#include <cstdint>
#include <span>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"

namespace attend {

struct RotaryOptions {
  float theta = 10000;  ///< pair i turns by position / theta^(2i / size) / slowdown
  Index size = 0;       ///< head size d, even
  float slowdown = 1;

  friend bool operator==(const RotaryOptions&, const RotaryOptions&) = default;
};

namespace ops {

/// Cosines (first d/2 columns) and sines (last d/2) of the angles of every position. Frequencies
/// and angles are rounded to float, as the reference computes them.
/// Shapes: positions [t] -> table [t, d].
/// Source: transformers 4.57 modeling_rope_utils.py, "default".
ATTEND_EXPORT void rotary_angles(std::span<const std::int32_t> positions,
                                 const RotaryOptions& options, MatrixView<float> table,
                                 Workspace& workspace);

/// Turns the pairs (i, i + d/2) of every head, in place: the half-split form.
/// Shapes: x [t, h*d], table [t, d].
ATTEND_EXPORT void rotate(MatrixView<float> x, MatrixView<const float> table, Workspace& workspace);

}  // namespace ops
}  // namespace attend
