// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Merges of BPE for files that have none, only tokens in the order in which they were learned: a
// merge is any way to cut a token into two tokens.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "attend/tokenizer/bpe.h"
#include "attend/tokenizer/vocabulary.h"
#include "tokenizer/slow_files.h"

namespace attend {

struct ScoredToken {
  std::string_view text;
  double score = 0;
};

/// Merges of SentencePiece tokens: best score first, then the longest left part, then the longest
/// right one. `parts` has the tokens that a merge may be made of; the tokens and it must outlive
/// the result.
/// Throws: resource_limit, when tokens are so long that the work has no end in sight.
/// Source: generate_merges of transformers 4.57, convert_slow_tokenizer.py.
[[nodiscard]] std::vector<Merge> merges_of_scores(std::span<const ScoredToken> tokens,
                                                  const Vocabulary& parts);

/// Merges of ranked byte strings, by rank; the id of a rank is `first_id` + rank.
/// Throws: tokenizer_error, when a byte string or a rank is there twice; resource_limit, as above.
/// Source: TikTokenConverter in the same file.
[[nodiscard]] std::vector<IdMerge> merges_of_ranks(std::span<const RankedToken> tokens,
                                                   TokenId first_id);

}  // namespace attend
