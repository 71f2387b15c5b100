// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Assisted generation: guesses of several tokens, which the model checks in one step.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/task/random.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

struct PromptLookup {
  Index tokens = 10;      ///< prompt_lookup_num_tokens
  Index max_ngram = 2;    ///< max_matching_ngram_size
  Index max_length = 20;  ///< of the text; one token is left to the model
  std::span<const TokenId> eos = {};
  /// Whether a token may follow a text at all; a guess ends before one that may not.
  std::function<bool(std::span<const TokenId> ids, TokenId next)> allowed = {};
};

/// What followed the first earlier place of the text's last tokens, of as many as there is such a
/// place for; into `guess`, empty when there is none. It ends before an end of text.
/// Source: PromptLookupCandidateGenerator of transformers 4.57 (Saxena 2023), whose guesses may go
/// beyond max_length.
ATTEND_EXPORT void look_up_prompt(std::span<const TokenId> ids, const PromptLookup& options,
                                  std::vector<TokenId>& guess);

/// How many tokens of a guess are kept, and the token that comes behind them.
struct Accepted {
  Index guessed = 0;
  TokenId next = 0;
};

/// Without a draft's probabilities: as long as the guess is what the model chose itself.
/// Shapes: guess [n], chosen [n + 1].
[[nodiscard]] ATTEND_EXPORT Accepted accept_equal(std::span<const TokenId> guess,
                                                  std::span<const TokenId> chosen);

/// With them: every text is as likely as if the model had drawn all tokens. A token is kept with
/// probability p / q, and behind the last one max(p - q, 0) is drawn from.
/// Shapes: guess [n], draft q [n, v], model p [n + 1, v], both probabilities.
/// Throws: weight_value as draw().
/// Source: Leviathan et al. 2022, "Fast inference from transformers via speculative decoding",
/// algorithm 1.
[[nodiscard]] ATTEND_EXPORT Accepted accept_draft(std::span<const TokenId> guess,
                                                  MatrixView<const float> draft,
                                                  MatrixView<const float> model, Random& random);

}  // namespace attend
