// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What followed once may follow again.
#include "attend/task/speculation.h"

#include <algorithm>

namespace attend {
namespace {

// How many tokens in front of each place from the end are those in front of the end; of the end
// itself nothing is said. Time and memory: the text's.
// Source: the Z algorithm (Gusfield 1997, 1.3) of the text read backwards.
void match_with_end(std::span<const TokenId> ids, std::vector<TokenId>& lengths) {
  const auto size = static_cast<Index>(ids.size());
  const auto from_end = [&](Index i) { return ids[static_cast<std::size_t>(size - 1 - i)]; };
  lengths.assign(ids.size(), 0);
  Index begin = 0;  // of the known match that goes furthest
  Index end = 0;
  for (Index i = 1; i < size; ++i) {
    Index length = 0;
    if (i < end) length = std::min(end - i, Index{lengths[static_cast<std::size_t>(i - begin)]});
    while (i + length < size && from_end(length) == from_end(i + length)) ++length;
    lengths[static_cast<std::size_t>(i)] = static_cast<TokenId>(length);
    if (i + length > end) {
      begin = i;
      end = i + length;
    }
  }
}

}  // namespace

void look_up_prompt(std::span<const TokenId> ids, const PromptLookup& options,
                    std::vector<TokenId>& guess) {
  guess.clear();
  const auto size = static_cast<Index>(ids.size());
  const Index room = std::min(options.tokens, options.max_length - size - 1);
  if (room <= 0) return;
  match_with_end(ids, guess);  // in memory that is there
  Index longest = 0;
  Index behind = 0;  // tokens that follow the first place of the longest
  for (Index i = 1; i < size; ++i) {
    const Index length = std::min(options.max_ngram, Index{guess[static_cast<std::size_t>(i)]});
    if (length == 0 || length < longest) continue;
    longest = length;
    behind = i;
  }
  const auto found = ids.last(static_cast<std::size_t>(behind))
                         .first(static_cast<std::size_t>(std::min(room, behind)));
  const auto end =
      std::find_first_of(found.begin(), found.end(), options.eos.begin(), options.eos.end());
  guess.assign(found.begin(), end);
}

}  // namespace attend
