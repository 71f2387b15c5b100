// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What followed once may follow again.
#include "attend/task/speculation.h"

#include <algorithm>

namespace attend {

void look_up_prompt(std::span<const TokenId> ids, const PromptLookup& options,
                    std::vector<TokenId>& guess) {
  guess.clear();
  const auto size = static_cast<Index>(ids.size());
  const Index room = std::min(options.tokens, options.max_length - size - 1);
  if (room <= 0) return;
  for (Index n = std::min(options.max_ngram, size - 1); n > 0; --n) {
    const auto last = ids.last(static_cast<std::size_t>(n));
    for (Index at = 0; at + n < size; ++at) {
      const auto begin = ids.begin() + at;
      if (!std::equal(last.begin(), last.end(), begin)) continue;
      const Index count = std::min(room, size - at - n);
      const auto found =
          ids.subspan(static_cast<std::size_t>(at + n), static_cast<std::size_t>(count));
      const auto end =
          std::find_first_of(found.begin(), found.end(), options.eos.begin(), options.eos.end());
      guess.assign(found.begin(), end);
      return;
    }
  }
}

}  // namespace attend
