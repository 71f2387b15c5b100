// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a decoder reads when it is to look at a whole text at once.
#pragma once

#include <span>

#include "attend/batch/batch.h"
#include "attend/core/workspace.h"

namespace attend {

/// The batch's ids one token later in each sequence, after `first`; they live in `workspace` until
/// the caller's Scope ends. In a padded input of the reference padding moves, too: results agree
/// where it stands on the right, where no token comes after it. Shapes: [t].
/// Requires: the batch's starts were checked.
/// Source: transformers 4.57 modeling_bart.py (shift_tokens_right).
[[nodiscard]] std::span<const TokenId> shifted_right(const Batch& batch, TokenId first,
                                                     Workspace& workspace);

}  // namespace attend
