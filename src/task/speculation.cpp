// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Guesses and how many of their tokens are kept.
#include "attend/task/speculation.h"

#include <algorithm>

namespace attend {
namespace {

// The tokens before one that may not stand there.
std::size_t allowed_tokens(std::span<const TokenId> ids, std::span<const TokenId> guess,
                           const PromptLookup& options) {
  if (!options.allowed) return guess.size();
  std::vector<TokenId> text(ids.begin(), ids.end());
  for (std::size_t i = 0; i < guess.size(); ++i) {
    if (!options.allowed(text, guess[i])) return i;
    text.push_back(guess[i]);
  }
  return guess.size();
}

}  // namespace

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
      const auto kept = found.first(allowed_tokens(ids, found, options));
      if (kept.empty()) continue;
      const auto end =
          std::find_first_of(kept.begin(), kept.end(), options.eos.begin(), options.eos.end());
      guess.assign(kept.begin(), end);
      return;
    }
  }
}

Accepted accept_equal(std::span<const TokenId> guess, std::span<const TokenId> chosen) {
  const auto differs = std::mismatch(guess.begin(), guess.end(), chosen.begin()).first;
  const auto kept = differs - guess.begin();
  return {kept, chosen[static_cast<std::size_t>(kept)]};
}

Accepted accept_draft(std::span<const TokenId> guess, MatrixView<const float> draft,
                      MatrixView<const float> model, Random& random) {
  const auto size = static_cast<Index>(guess.size());
  for (Index i = 0; i < size; ++i) {
    const Index token = guess[static_cast<std::size_t>(i)];
    const double ratio =
        static_cast<double>(model(i, token)) / static_cast<double>(draft(i, token));
    if (random.uniform() <= ratio) continue;
    std::vector<float> rest(model.row(i).begin(), model.row(i).end());
    for (std::size_t j = 0; j < rest.size(); ++j) {
      rest[j] = std::max(rest[j] - draft.row(i)[j], 0.0F);
    }
    return {i, static_cast<TokenId>(draw(rest, random))};
  }
  return {size, static_cast<TokenId>(draw(model.row(size), random))};
}

}  // namespace attend
