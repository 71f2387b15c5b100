// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What fill-mask does around the model: which tokens compete, and how the logits of masks become
// filled texts.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "attend/task/fill_mask.h"
#include "task/run_items.h"

namespace attend {

/// Ids of the targets, sorted, each once: a token of the vocabulary, else the first token of the
/// word. Throws: config_error when no target has a token.
[[nodiscard]] std::vector<TokenId> target_ids(const Tokenizer& tokenizer,
                                              std::span<const std::string> targets);

/// The masks among the tokens, in their order.
[[nodiscard]] std::vector<Index> mask_positions(std::span<const TokenId> ids, TokenId mask);

/// Which tokens compete for a mask, and how many of them win.
struct FillCandidates {
  std::span<const TokenId> targets;  ///< empty: all tokens
  Index top_k;
};

/// The best fills of every mask of the window, whose matrix are the masks' logits.
/// Shapes: [masks, v], overwritten. Requires: targets and the encoding's masks are in v.
[[nodiscard]] std::vector<FilledMask> fill_masks(const Tokenizer& tokenizer, WindowOutput& window,
                                                 const FillCandidates& candidates);

}  // namespace attend
