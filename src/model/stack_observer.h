// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The observer of a model as one of its stacks takes it.
#pragma once

#include "attend/model/observer.h"

namespace attend {

/// The observer that is given must outlive this, and this the pass.
class StackObserver {
 public:
  StackObserver(StackKind stack, const PassObserver& observer) {
    if (observer.hidden_states) {
      layers_ = [stack, &observer](Index layer, MatrixView<const float> states) {
        observer.hidden_states({stack, layer, states});
      };
    }
    if (observer.attentions) {
      weights_ = [stack, &observer](AttentionWeights weights) {
        weights.stack = stack;
        observer.attentions(weights);
      };
    }
  }

  [[nodiscard]] const LayerObserver& layers() const noexcept { return layers_; }
  /// Null where nobody looks on.
  [[nodiscard]] const WeightObserver* weights() const noexcept {
    return weights_ ? &weights_ : nullptr;
  }

 private:
  LayerObserver layers_;
  WeightObserver weights_;
};

}  // namespace attend
