// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a decoder reads when it is to look at a whole text at once.
#pragma once

#include <cstdint>
#include <span>

#include "attend/batch/batch.h"
#include "attend/core/workspace.h"
#include "attend/model/architecture.h"

namespace attend {

/// How texts are shifted.
struct Shift {
  DecoderInput first;
  PositionRule positions;
  const ModelConfig& config;
};

/// Shapes: all [t].
struct ShiftedTokens {
  std::span<const TokenId> ids;
  std::span<const std::int32_t> positions;
};

/// The batch's ids one token later in each sequence, with their positions; they live in `workspace`
/// until the caller's Scope ends. In a padded input of the reference padding moves, too: results
/// agree where it stands on the right, where no token comes after it.
/// `positions` are those of the batch. Requires: the batch was checked.
/// Throws: config_error (nothing that a text could begin with).
/// Source: transformers 4.57 modeling_bart.py, modeling_mbart.py (shift_tokens_right).
[[nodiscard]] ShiftedTokens shifted_right(const Batch& batch,
                                          std::span<const std::int32_t> positions,
                                          const Shift& shift, Workspace& workspace);

}  // namespace attend
