// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Computed anew for every batch: some microseconds a token, and no table whose size a config.json
// would choose.
#include "attend/ops/sinusoids.h"

#include <algorithm>
#include <cmath>

#include "ops/shape_check.h"

namespace attend::ops {
namespace {

double angle_of(std::int32_t position, double frequency, AnglePrecision precision) {
  switch (precision) {
    case AnglePrecision::f64: break;
    case AnglePrecision::f32:
      return static_cast<double>(static_cast<float>(position) * static_cast<float>(frequency));
  }
  return position * frequency;
}

void add_row(const Sinusoids& sinusoids, std::int32_t position, std::span<float> row) {
  const std::size_t sines = sinusoids.frequencies.size();
  const std::size_t cosines = std::min(sines, row.size() - sines);
  for (std::size_t i = 0; i < sines; ++i) {
    const double angle = angle_of(position, sinusoids.frequencies[i], sinusoids.precision);
    row[i] += static_cast<float>(std::sin(angle));
    if (i < cosines) row[sines + i] += static_cast<float>(std::cos(angle));
  }
}

}  // namespace

void add_sinusoids(const Sinusoids& sinusoids, std::span<const std::int32_t> positions,
                   MatrixView<float> y, Workspace& workspace) {
  if (y.rows != static_cast<Index>(positions.size()) ||
      y.cols < static_cast<Index>(sinusoids.frequencies.size())) {
    fail_shapes("add_sinusoids", "positions [t], at most m frequencies, y [t, m]");
  }
  if (workspace.is_counting()) return;
  constexpr Index values_a_chunk = 1024;  // about ten microseconds
  const Index rows = std::max<Index>(1, values_a_chunk / std::max<Index>(1, y.cols));
  workspace.pool().parallel_for((y.rows + rows - 1) / rows, [&](Index chunk) {
    for (Index i = chunk * rows; i < std::min(y.rows, (chunk + 1) * rows); ++i) {
      const std::int32_t position = positions[static_cast<std::size_t>(i)];
      if (position != sinusoids.zero) add_row(sinusoids, position, y.row(i));
    }
  });
}

}  // namespace attend::ops
