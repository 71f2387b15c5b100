// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Picking indices by value; ties always go to the lowest index.
#pragma once

#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"

namespace attend::ops {

/// Index of the largest value; the first one on ties. Requires: x is not empty.
[[nodiscard]] ATTEND_EXPORT Index argmax(std::span<const float> x) noexcept;

/// Indices of the k largest values (all when k >= size), largest first, ties by lowest index.
[[nodiscard]] ATTEND_EXPORT std::vector<Index> top_k(std::span<const float> x, Index k);

/// The same into `out`, whose memory is used again. One pass over x while k is small beside it.
ATTEND_EXPORT void top_k(std::span<const float> x, Index k, std::vector<Index>& out);

/// Whether every value is finite.
[[nodiscard]] ATTEND_EXPORT bool all_finite(std::span<const float> x) noexcept;

}  // namespace attend::ops
