// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rotary positions: the table of angles, and the turning by the kernels.
#include "attend/ops/rotary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "kernels/registry.h"
#include "ops/row_chunks.h"
#include "ops/shape_check.h"

namespace attend::ops {
namespace {

using Frequencies = std::span<float>;

void plain_frequencies(float theta, float slowdown, Frequencies out) {
  const auto size = static_cast<float>(2 * out.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float exponent = static_cast<float>(2 * i) / size;
    out[i] = 1.0F / std::pow(theta, exponent) / slowdown;
  }
}

// As the reference computes it: in float once there is a number of tokens.
float theta_for(const NtkScaling& scaling, float theta, Index tokens, std::size_t pairs) {
  if (tokens <= scaling.trained) return theta;
  const auto size = static_cast<double>(2 * pairs);
  const float stretched =
      scaling.factor * static_cast<float>(tokens) / static_cast<float>(scaling.trained) -
      (scaling.factor - 1.0F);
  return theta * std::pow(stretched, static_cast<float>(size / (size - 2)));
}

// The pair that makes so many turns in `trained` tokens.
double pair_of_turns(double turns, const YarnScaling& scaling, double theta, double size) {
  const double length = static_cast<double>(scaling.trained) / (turns * 2 * std::numbers::pi);
  return size * std::log(length) / (2 * std::log(theta));
}

void scale(const YarnScaling& scaling, float theta, Frequencies out) {
  const auto size = static_cast<double>(2 * out.size());
  double low = pair_of_turns(static_cast<double>(scaling.fast), scaling, double{theta}, size);
  double high = pair_of_turns(static_cast<double>(scaling.slow), scaling, double{theta}, size);
  if (scaling.bounds == YarnScaling::Bounds::whole) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, size - 1);
  if (low == high) high += 0.001;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float ramp =
        (static_cast<float>(i) - static_cast<float>(low)) / static_cast<float>(high - low);
    const float kept = 1.0F - std::clamp(ramp, 0.0F, 1.0F);
    const float whole = std::pow(theta, static_cast<float>(2 * i) / static_cast<float>(size));
    out[i] = 1.0F / (scaling.factor * whole) * (1.0F - kept) + 1.0F / whole * kept;
  }
}

void scale(const LongScaling& scaling, float theta, Index tokens, Frequencies out) {
  const auto& divisors = tokens > scaling.trained ? scaling.beyond : scaling.within;
  const auto size = static_cast<float>(2 * out.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = 1.0F / (divisors[i] * std::pow(theta, static_cast<float>(2 * i) / size));
  }
}

void scale(const Llama3Scaling& scaling, Frequencies out) {
  const auto trained = static_cast<float>(scaling.trained);
  const float longest = trained / scaling.low;
  const float shortest = trained / scaling.high;
  for (float& frequency : out) {
    const float length = 2 * std::numbers::pi_v<float> / frequency;
    if (length < shortest) continue;
    if (length > longest) {
      frequency /= scaling.factor;
      continue;
    }
    const float smooth = (trained / length - scaling.low) / (scaling.high - scaling.low);
    frequency = (1.0F - smooth) * frequency / scaling.factor + smooth * frequency;
  }
}

bool depends_on_tokens(const RotaryOptions& options) {
  return std::holds_alternative<NtkScaling>(options.scaling) ||
         std::holds_alternative<LongScaling>(options.scaling);
}

// Of a sequence of so many tokens.
void frequencies_of(const RotaryOptions& options, Index tokens, Frequencies out) {
  float theta = options.theta;
  if (const auto* ntk = std::get_if<NtkScaling>(&options.scaling)) {
    theta = theta_for(*ntk, theta, tokens, out.size());
  }
  plain_frequencies(theta, options.slowdown, out);
  if (const auto* yarn = std::get_if<YarnScaling>(&options.scaling)) scale(*yarn, theta, out);
  if (const auto* by_pair = std::get_if<LongScaling>(&options.scaling)) {
    scale(*by_pair, theta, tokens, out);
  }
  if (const auto* llama = std::get_if<Llama3Scaling>(&options.scaling)) scale(*llama, out);
}

bool has_divisors(const RotaryOptions& options) {
  const auto* by_pair = std::get_if<LongScaling>(&options.scaling);
  const auto half = static_cast<std::size_t>(options.size / 2);
  return by_pair == nullptr || (by_pair->within.size() == half && by_pair->beyond.size() == half);
}

void write_angles(const RotaryOptions& options, std::int32_t at, std::span<const float> frequencies,
                  std::span<float> out) {
  const auto position = static_cast<float>(at);
  const std::size_t half = frequencies.size();
  for (std::size_t i = 0; i < half; ++i) {
    const float angle = position * frequencies[i];
    // In double, so that they are right to the last bit whatever the libraries' float versions.
    // There is no kernel for it: its bits would be others, and a pass needs them once for all
    // layers.
    out[i] = static_cast<float>(std::cos(double{angle})) * options.amplitude;
    out[half + i] = static_cast<float>(std::sin(double{angle})) * options.amplitude;
  }
}

}  // namespace

void rotary_angles(const RotaryPositions& positions, const RotaryOptions& options,
                   MatrixView<float> table, Workspace& workspace) {
  const auto tokens = static_cast<Index>(positions.tokens.size());
  const std::array whole{Index{0}, tokens};
  const std::span<const Index> starts = positions.starts.empty() ? whole : positions.starts;
  if (!(options.size >= 0 && options.size % 2 == 0 && table.cols == options.size &&
        table.rows == tokens && has_divisors(options))) {
    fail_shapes("rotary_angles", "positions [t], size even, table [t, size], a divisor a pair");
  }
  if (starts.front() != 0 || starts.back() != tokens) {
    fail_shapes("rotary_angles", "starts from 0 to t");
  }
  const Workspace::Scope scope(workspace);
  const bool each = depends_on_tokens(options);
  const Index sequences = each ? static_cast<Index>(starts.size()) - 1 : std::min<Index>(1, tokens);
  const MatrixView<float> frequencies = workspace.matrix(sequences, options.size / 2);
  if (workspace.is_counting()) return;
  for (Index i = 0; i < sequences; ++i) {
    const auto at = static_cast<std::size_t>(i);
    std::int32_t last = -1;
    for (Index row = starts[at]; row < starts[at + 1]; ++row) {
      last = std::max(last, positions.tokens[static_cast<std::size_t>(row)]);
    }
    frequencies_of(options, Index{last} + 1, frequencies.row(i));
  }
  // A sine costs a hundred times what for_row_chunks counts for a value.
  for_row_chunks(table.rows, 100 * table.cols, workspace.pool(), [&](Index begin, Index count) {
    for (Index r = begin; r < begin + count; ++r) {
      const Index sequence =
          each ? std::upper_bound(starts.begin(), starts.end(), r) - starts.begin() - 1 : 0;
      write_angles(options, positions.tokens[static_cast<std::size_t>(r)],
                   frequencies.row(sequence), table.row(r));
    }
  });
}

void rotate(MatrixView<float> x, const Rotation& rotation, Workspace& workspace) {
  const MatrixView<const float>& angles = rotation.angles;
  const Index head_size = rotation.head_size == 0 ? angles.cols : rotation.head_size;
  if (!(angles.rows == x.rows && angles.cols % 2 == 0 && angles.cols <= head_size &&
        (x.cols == 0 || (head_size > 0 && x.cols % head_size == 0)))) {
    fail_shapes("rotate", "x [t, h*d], angles [t, size], size even and at most d");
  }
  if (x.cols == 0 || workspace.is_counting()) return;
  const kernels::KernelTable& kernels = kernels::active_table();
  for_row_chunks(x.rows, x.cols, workspace.pool(), [&](Index begin, Index count) {
    kernels.rotate({.x = x.data + begin * x.stride,
                    .stride = x.stride,
                    .rows = count,
                    .heads = x.cols / head_size,
                    .head_size = head_size,
                    .size = angles.cols,
                    .is_interleaved = rotation.pairs == RotaryPairs::interleaved,
                    .angles = angles.data + begin * angles.stride,
                    .angles_stride = angles.stride});
  });
}

}  // namespace attend::ops
