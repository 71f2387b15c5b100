// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Embeddings of positions that are computed (Vaswani et al. 2017, section 3.5).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"

namespace attend {

/// In which precision an angle, position * frequency, goes into its sine and its cosine.
enum class AnglePrecision : std::uint8_t { f64, f32 };

/// A row is the sines of all angles, then as many cosines as there is room for, then zeros.
struct Sinusoids {
  std::span<const double> frequencies;  ///< at most m
  AnglePrecision precision = AnglePrecision::f64;
  std::optional<std::int32_t> zero = {};  ///< a position that has zeros only
};

namespace ops {

/// y[i] += the row of positions[i]. Shapes: positions [t], y [t, m].
ATTEND_EXPORT void add_sinusoids(const Sinusoids& sinusoids,
                                 std::span<const std::int32_t> positions, MatrixView<float> y,
                                 Workspace& workspace);

}  // namespace ops
}  // namespace attend
