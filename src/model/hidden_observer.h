// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The observer of a model as one of its stacks takes it.
#pragma once

#include "attend/model/model.h"
#include "attend/model/stack.h"

namespace attend {

/// `observer` must outlive what is returned.
inline LayerObserver observer_of(StackKind stack, const HiddenStateObserver& observer) {
  if (!observer) return {};
  return [stack, &observer](Index layer, MatrixView<const float> states) {
    observer({stack, layer, states});
  };
}

}  // namespace attend
