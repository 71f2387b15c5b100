// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Guesses from the text itself.
#include "attend/task/speculation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace attend::test {
namespace {

using Ids = std::vector<TokenId>;

Ids guess_of(const Ids& ids, PromptLookup options = {.tokens = 3, .max_length = 100}) {
  Ids guess = {99};
  look_up_prompt(ids, options, guess);
  return guess;
}

TEST(Speculation, PromptLookup) {
  EXPECT_EQ(guess_of({1, 2, 3, 4, 1, 2}), (Ids{3, 4, 1}));
  // The longer n-gram first, and of several places the first.
  EXPECT_EQ(guess_of({7, 2, 5, 1, 2, 3, 1, 2, 4, 1, 2}), (Ids{3, 1, 2}));
  EXPECT_EQ(guess_of({7, 2, 5, 6, 2}), (Ids{5, 6, 2}));
  EXPECT_EQ(guess_of({5, 5}), Ids{5});
  EXPECT_EQ(guess_of({1, 2, 3}), Ids{});
  EXPECT_EQ(guess_of({1}), Ids{});
  EXPECT_EQ(guess_of({}), Ids{});
}

// Every n-gram at every place, as the reference goes about it.
Ids found_slowly(const Ids& ids, const PromptLookup& options) {
  const auto size = static_cast<Index>(ids.size());
  for (Index n = std::min(options.max_ngram, size - 1); n > 0; --n) {
    for (Index at = 0; at + n < size; ++at) {
      if (!std::equal(ids.end() - n, ids.end(), ids.begin() + at)) continue;
      const auto begin = ids.begin() + at + n;
      return {begin, begin + std::min(options.tokens, size - at - n)};
    }
  }
  return {};
}

TEST(Speculation, PromptLookupFindsTheFirstPlaceOfTheLongestNgram) {
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    Ids text(random() % 24);
    for (TokenId& id : text) id = static_cast<TokenId>(random() % 3);
    const PromptLookup options{.tokens = static_cast<Index>(1 + random() % 5),
                               .max_ngram = static_cast<Index>(1 + random() % 9),
                               .max_length = 100};
    EXPECT_EQ(guess_of(text, options), found_slowly(text, options));
  }
}

// N-grams as long as the text take no longer than the text: the slow way takes hours for this one.
TEST(Speculation, PromptLookupOfLongTexts) {
  Ids text(1'000'000);
  text[500'003] = 1;
  const PromptLookup options{.tokens = 3, .max_ngram = Index{1} << 30U, .max_length = 2'000'000};
  EXPECT_EQ(guess_of(text, options), (Ids{0, 0, 0}));
}

TEST(Speculation, PromptLookupLimits) {
  const Ids text = {1, 2, 3, 4, 5, 1, 2};
  EXPECT_EQ(guess_of(text, {.tokens = 9, .max_length = 10}), (Ids{3, 4}));  // one for the model
  EXPECT_EQ(guess_of(text, {.tokens = 9, .max_length = 8}), Ids{});
  EXPECT_EQ(guess_of(text, {.tokens = 1, .max_length = 100}), Ids{3});
  const Ids eos = {4};
  EXPECT_EQ(guess_of(text, {.tokens = 9, .max_length = 100, .eos = eos}), Ids{3});
}

}  // namespace
}  // namespace attend::test
