// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One vector from the rows of each sequence.
#pragma once

#include <cstdint>
#include <span>

#include "attend/core/export.h"
#include "attend/core/matrix.h"

namespace attend {

/// Pooling modes. Source: sentence-transformers 5 models/Pooling.py.
enum class Pooling : std::uint8_t {
  cls,            ///< the first row
  mean,           ///< sum / max(rows, 1e-9)
  max,            ///< largest value of each column
  mean_sqrt_len,  ///< sum / sqrt(rows)
  weighted_mean,  ///< row r (from 1) weighs r
  last_token,     ///< the last row
};

namespace ops {

/// Shapes: x [t, m], starts [n + 1] -> y [n, m]. Requires: no sequence is empty.
/// Throws: as activate().
ATTEND_EXPORT void pool(Pooling pooling, MatrixView<const float> x, std::span<const Index> starts,
                        MatrixView<float> y);

}  // namespace ops
}  // namespace attend
