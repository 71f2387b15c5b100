// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The columns at which packed rows stood in their padded input.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>

#include "attend/core/shape.h"

namespace attend::ops {

/// Whether there are none, or one for each row, ascending in every sequence.
inline bool columns_fit(std::span<const std::int32_t> columns, std::span<const Index> starts,
                        Index rows) {
  if (columns.empty()) return true;
  if (static_cast<Index>(columns.size()) != rows) return false;
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const auto end = columns.begin() + starts[i + 1];
    if (std::adjacent_find(columns.begin() + starts[i], end, std::greater_equal<>()) != end) {
      return false;
    }
  }
  return true;
}

}  // namespace attend::ops
