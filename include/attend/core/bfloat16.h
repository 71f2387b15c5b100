// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rounding to bfloat16, value by value; kernels have their own for whole vectors.
#pragma once

#include "attend/core/export.h"

namespace attend {

/// To the nearest value that is a bfloat16, ties to even; NaN stays NaN.
[[nodiscard]] ATTEND_EXPORT float rounded_to_bf16(float value) noexcept;

}  // namespace attend
