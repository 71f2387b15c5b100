// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Gated linear units (Shazeer 2020): one projection lets the other through.
#pragma once

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"
#include "attend/ops/activation.h"

namespace attend::ops {

/// What goes through a gate. Shapes: x, gate [t, f] (column ranges of one matrix are fine).
struct GateInput {
  MatrixView<const float> x;
  MatrixView<const float> gate;
  ActivationFunction activation;
};

/// y = activation(x) * gate, element by element.
/// Shapes: input -> y [t, f]; y may be input.x.
ATTEND_EXPORT void gate(const GateInput& input, MatrixView<float> y, Workspace& workspace);

}  // namespace attend::ops
