// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The infinity of scores and logits.
#pragma once

#include <limits>

namespace attend {

inline constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace attend
