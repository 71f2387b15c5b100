// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How many outputs come of one panel of a weight.
#pragma once

#include "attend/ops/linear.h"
#include "kernels/layout.h"

namespace attend {

constexpr Index outputs_a_panel(LinearForm form) {
  return form == LinearForm::gated ? kernels::gate_columns : kernels::panel_columns;
}

}  // namespace attend
