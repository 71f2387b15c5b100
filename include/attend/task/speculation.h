// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Assisted generation: guesses of several tokens from the text itself, which the model checks in
// one step.
#pragma once

#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

struct PromptLookup {
  Index tokens = 10;      ///< prompt_lookup_num_tokens
  Index max_ngram = 2;    ///< max_matching_ngram_size
  Index max_length = 20;  ///< of the text; one token is left to the model
  std::span<const TokenId> eos = {};
};

/// What followed the first earlier place of the text's last tokens, of as many as there is such a
/// place for; into `guess`, empty when there is none. It ends before an end of text. Takes the time
/// of one pass over the text, however long the n-grams.
/// Source: PromptLookupCandidateGenerator of transformers 4.57 (Saxena 2023), whose guesses may go
/// beyond max_length.
ATTEND_EXPORT void look_up_prompt(std::span<const TokenId> ids, const PromptLookup& options,
                                  std::vector<TokenId>& guess);

}  // namespace attend
