// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rotary positions (Su et al. 2021): queries and keys are turned by angles that grow with their
// position, so that their products depend on the distance alone.
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"

namespace attend {

/// theta grows with the tokens of a sequence beyond those of training.
/// Source: transformers 4.57 modeling_rope_utils.py, "dynamic".
struct NtkScaling {
  float factor = 1;
  Index trained = 0;  ///< tokens of a sequence in training
  friend bool operator==(const NtkScaling&, const NtkScaling&) = default;
};

/// Slow frequencies are divided, fast ones stay, those between are mixed. Source: Peng et al. 2023;
/// transformers 4.57 modeling_rope_utils.py, "yarn".
struct YarnScaling {
  float factor = 1;
  float fast = 32;  ///< turns in `trained` tokens from which frequencies stay
  float slow = 1;   ///< and up to which they are divided
  Index trained = 0;
  /// Whether the bounds of what is mixed are pairs, or lie between them.
  enum class Bounds : std::uint8_t { whole, exact } bounds = Bounds::whole;
  friend bool operator==(const YarnScaling&, const YarnScaling&) = default;
};

/// Every frequency has its divisor, and another one in sequences longer than those of training.
/// Source: Ding et al. 2024; transformers 4.57 modeling_rope_utils.py, "longrope".
struct LongScaling {
  std::vector<float> within;  ///< [size / 2]
  std::vector<float> beyond;  ///< [size / 2]
  Index trained = 0;
  friend bool operator==(const LongScaling&, const LongScaling&) = default;
};

/// As YarnScaling, by wave lengths. Source: transformers 4.57 modeling_rope_utils.py, "llama3".
struct Llama3Scaling {
  float factor = 1;
  float low = 1;   ///< `trained` / low: wave lengths from there on are multiplied
  float high = 4;  ///< `trained` / high: shorter ones stay
  Index trained = 0;
  friend bool operator==(const Llama3Scaling&, const Llama3Scaling&) = default;
};

/// How frequencies are changed for sequences longer than those of training.
using RotaryScaling =
    std::variant<std::monostate, NtkScaling, YarnScaling, LongScaling, Llama3Scaling>;

/// Which columns of a head are a pair.
enum class RotaryPairs : std::uint8_t {
  halves,       ///< i and i + size / 2
  interleaved,  ///< 2 i and 2 i + 1: GPT-J (Wang and Komatsuzaki 2021)
};

struct RotaryOptions {
  float theta = 10000;  ///< pair i turns by position / theta^(2i / size) / slowdown
  Index size = 0;       ///< columns of a head that turn: its first ones; even
  float slowdown = 1;
  RotaryScaling scaling = {};
  float amplitude = 1;  ///< of cosines and sines
  RotaryPairs pairs = RotaryPairs::halves;

  friend bool operator==(const RotaryOptions&, const RotaryOptions&) = default;
};

namespace ops {

/// Shapes: tokens [t], starts [n + 1], or empty for one sequence.
struct RotaryPositions {
  std::span<const std::int32_t> tokens;
  std::span<const Index> starts = {};
};

/// Cosines (first half of the columns) and sines of the angles of every position. Frequencies and
/// angles are rounded to float, as the reference computes them. Where frequencies depend on the
/// tokens of a sequence, those are one more than its largest position: of a sequence alone, so that
/// nothing depends on others (the reference takes the longest of a batch).
/// Shapes: positions of t tokens -> table [t, size].
/// Source: transformers 4.57 modeling_rope_utils.py.
ATTEND_EXPORT void rotary_angles(const RotaryPositions& positions, const RotaryOptions& options,
                                 MatrixView<float> table, Workspace& workspace);

/// Angles of every row, and the heads that they turn.
struct Rotation {
  MatrixView<const float> angles;  ///< [t, size]
  Index head_size = 0;             ///< d; 0: size
  RotaryPairs pairs = RotaryPairs::halves;
};

/// Turns the pairs of every head, in place. Shapes: x [t, h*d].
ATTEND_EXPORT void rotate(MatrixView<float> x, const Rotation& rotation, Workspace& workspace);

}  // namespace ops
}  // namespace attend
