// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Who looks on while a pass runs: at hidden states, and at what attention weighs.
#pragma once

#include <cstdint>
#include <functional>

#include "attend/core/matrix.h"

namespace attend {

enum class StackKind : std::uint8_t { encoder, decoder };

/// A hidden state on its way. Shapes: states [t, m].
struct HiddenState {
  StackKind stack = StackKind::encoder;
  Index layer = 0;  ///< 0 = embeddings, i = output of layer i
  MatrixView<const float> states;
};

/// Whose keys the queries of a layer look at: those of their own stack, or of the other's memory.
enum class KeysOf : std::uint8_t { own, memory };

/// How much of each key some neighbouring queries of a sequence take, the rows of one head behind
/// those of another: long sequences come in parts. Shapes: weights [h * r, s].
struct AttentionWeights {
  StackKind stack = StackKind::encoder;
  KeysOf keys = KeysOf::own;
  Index layer = 0;     ///< from 0
  Index sequence = 0;  ///< of the batch
  Index heads = 0;     ///< h
  Index first = 0;     ///< of the queries, in the sequence
  MatrixView<const float> weights;
};

/// Each is called in order, or empty. Weights take the time of ops::attention() once more.
struct PassObserver {
  std::function<void(const HiddenState&)> hidden_states = {};
  std::function<void(const AttentionWeights&)> attentions = {};
};

// As a stack has them, which does not know which one it is.

/// 0 = embeddings, i = output of layer i. Shapes: [t, m].
using LayerObserver = std::function<void(Index, MatrixView<const float>)>;
/// It fills in the stack.
using WeightObserver = std::function<void(AttentionWeights weights)>;

}  // namespace attend
