// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Softmax of rows.
#pragma once

#include <span>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"

namespace attend::ops {

/// exp(x - max) / sum, in place; the maximum is taken first, as the reference does.
/// Shapes: x [v].
ATTEND_EXPORT void softmax(std::span<float> x);
/// The same for every row. Shapes: x [t, v].
ATTEND_EXPORT void softmax(MatrixView<float> x);

/// x = cap * tanh(x / cap), in place (Gemma 2, 2024). Shapes: x [t, c].
ATTEND_EXPORT void soft_cap(MatrixView<float> x, float cap, Workspace& workspace);

}  // namespace attend::ops
