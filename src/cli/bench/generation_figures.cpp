// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Medians of times, and ratios of them.
#include "cli/bench/generation_figures.h"

#include <algorithm>
#include <utility>

namespace attend::cli::bench {
namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::optional<double> step_milliseconds(const ShapeTimes& times, const GenerationShape& shape) {
  if (shape.new_tokens < 2) return std::nullopt;
  std::vector<double> steps;
  for (std::size_t i = 0; i < times.milliseconds.size(); ++i) {
    steps.push_back((times.milliseconds[i] - times.first_milliseconds[i]) /
                    static_cast<double>(shape.new_tokens - 1));
  }
  return median(std::move(steps));
}

const GenerationShape& shape_of(const ShapeTimes& times) {
  return std::get<GenerationShape>(times.shape.shape);
}

bool is_without_beams(const GenerationShape& one, const GenerationShape& other) {
  return one.beams == 1 && one.prompts.lengths == other.prompts.lengths &&
         one.new_tokens == other.new_tokens;
}

}  // namespace

std::vector<GenerationFigures> figures_of(std::span<const ShapeTimes> shapes) {
  std::vector<GenerationFigures> all;
  for (const ShapeTimes& times : shapes) {
    const GenerationShape& shape = shape_of(times);
    all.push_back({.shape = times.shape.name,
                   .rows = static_cast<Index>(shape.prompts.lengths.size()),
                   .milliseconds = median(times.milliseconds),
                   .first_milliseconds = median(times.first_milliseconds),
                   .cost = times.cost.value_or(GenerationCost()),
                   .step_milliseconds = step_milliseconds(times, shape),
                   .beam_cost = std::nullopt});
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const GenerationShape& shape = shape_of(shapes[i]);
    if (shape.beams == 1 || !all[i].step_milliseconds) continue;
    const auto greedy = std::find_if(shapes.begin(), shapes.end(), [&](const ShapeTimes& times) {
      return is_without_beams(shape_of(times), shape);
    });
    if (greedy == shapes.end()) continue;
    const auto at = static_cast<std::size_t>(greedy - shapes.begin());
    all[i].beam_cost = *all[i].step_milliseconds / *all[at].step_milliseconds;
  }
  return all;
}

}  // namespace attend::cli::bench
