// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// From the times of generation to what is compared: a step, and what beams cost.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/bench/bench.h"

namespace attend::cli::bench {

/// Medians over the rounds of a GenerationShape.
struct GenerationFigures {
  std::string shape;
  Index rows = 0;  ///< prompts
  double milliseconds = 0;
  double first_milliseconds = 0;
  GenerationCost cost;
  std::optional<double> step_milliseconds;  ///< nothing where there is one new token
  /// A step with beams by one without, of the same prompts and as many new tokens, where that was
  /// timed, too.
  std::optional<double> beam_cost;
};

/// Requires: all are GenerationShapes, with at least one round.
[[nodiscard]] std::vector<GenerationFigures> figures_of(std::span<const ShapeTimes> shapes);

}  // namespace attend::cli::bench
