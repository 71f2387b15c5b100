// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Guesses from the text itself.
#include "attend/task/speculation.h"

#include <gtest/gtest.h>

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
