// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// ModelOptions::check_finite, for every checkpoint that belongs to a model.
#pragma once

#include "attend/checkpoint/checkpoint.h"

namespace attend {

/// Throws: weight_value that names the tensor and the file, when a value is NaN or infinite.
void check_finite(const Checkpoint& checkpoint);

}  // namespace attend
