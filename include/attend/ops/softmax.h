// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Softmax of rows.
#pragma once

#include <span>

#include "attend/core/export.h"
#include "attend/core/matrix.h"

namespace attend::ops {

/// exp(x - max) / sum, in place; the maximum is taken first, as the reference does.
/// Shapes: x [v].
ATTEND_EXPORT void softmax(std::span<float> x);
/// The same for every row. Shapes: x [t, v].
ATTEND_EXPORT void softmax(MatrixView<float> x);

}  // namespace attend::ops
