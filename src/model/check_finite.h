// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Values that are no numbers: ModelOptions::check_finite, for every checkpoint that belongs to a
// model, and recorded outputs.
#pragma once

#include "attend/checkpoint/checkpoint.h"

namespace attend {

/// Whether a model will see neither a NaN nor an infinity; integers are finite.
[[nodiscard]] bool is_finite(const TensorRef& tensor);

/// Throws: weight_value that names the tensor and the file, when a value is NaN or infinite.
void check_finite(const Checkpoint& checkpoint);

}  // namespace attend
