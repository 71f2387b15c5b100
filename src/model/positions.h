// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The positions of a batch: the caller's, or counted by the architecture's rule.
#pragma once

#include <cstdint>
#include <span>

#include "attend/batch/batch.h"
#include "attend/core/workspace.h"

namespace attend {

/// Positions of all tokens; counted ones live in `workspace` until the caller's Scope ends.
/// Requires: the batch's starts were checked. Shapes: [t].
[[nodiscard]] std::span<const std::int32_t> positions_of(const Batch& batch,
                                                         const PositionRule& rule,
                                                         Workspace& workspace);

}  // namespace attend
