// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The frequencies of positions that are computed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/workspace.h"
#include "attend/model/block_options.h"
#include "attend/model/loader.h"
#include "attend/ops/sinusoids.h"

namespace attend {

class ATTEND_EXPORT SinusoidalPositions {
 public:
  /// Throws: config_error (a width that has no frequencies).
  SinusoidalPositions(const Loader& from, Index width, const SinusoidOptions& options);

  /// Shapes: positions [t], y [t, m].
  void add(std::span<const std::int32_t> positions, MatrixView<float> y,
           Workspace& workspace) const {
    ops::add_sinusoids({frequencies_, precision_, zero_}, positions, y, workspace);
  }

 private:
  std::vector<double> frequencies_;
  AnglePrecision precision_;
  std::optional<std::int32_t> zero_;
};

}  // namespace attend
