// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Guesses from the text itself, and how many of their tokens are kept.
#include "attend/task/speculation.h"

#include <gtest/gtest.h>

#include <cmath>

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
  // A guess that may not begin is passed over for the next place.
  const Ids twice = {1, 2, 3, 1, 2, 4, 1, 2};
  const auto not_three = [](std::span<const TokenId>, TokenId next) { return next != 3; };
  EXPECT_EQ(guess_of(twice, {.tokens = 2, .max_length = 100, .allowed = not_three}), (Ids{4, 1}));
}

TEST(Speculation, EqualTokens) {
  const Ids guess = {4, 5, 6};
  EXPECT_EQ(accept_equal(guess, Ids{4, 5, 6, 7}).guessed, 3);
  EXPECT_EQ(accept_equal(guess, Ids{4, 5, 6, 7}).next, 7);
  EXPECT_EQ(accept_equal(guess, Ids{4, 1, 6, 7}).guessed, 1);
  EXPECT_EQ(accept_equal(guess, Ids{4, 1, 6, 7}).next, 1);
  EXPECT_EQ(accept_equal({}, Ids{3}).next, 3);
}

// Whatever the draft is, the first token has the model's probabilities.
TEST(Speculation, DraftsDoNotChangeProbabilities) {
  const std::vector<float> p = {0.5F, 0.2F, 0.2F, 0.1F, 0.25F, 0.25F, 0.25F, 0.25F};
  const std::vector<float> q = {0.1F, 0.6F, 0.0F, 0.3F};
  Random random(4);
  constexpr int count = 20'000;
  std::vector<int> times(4);
  for (int i = 0; i < count; ++i) {
    const auto draft = static_cast<TokenId>(draw(q, random));
    const Accepted kept = accept_draft(Ids{draft}, {q.data(), 1, 4}, {p.data(), 2, 4}, random);
    const TokenId first = kept.guessed == 1 ? draft : kept.next;
    ++times[static_cast<std::size_t>(first)];
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    EXPECT_NEAR(times[i], count * static_cast<double>(p[i]), 5 * std::sqrt(count * 0.25)) << i;
  }
}

}  // namespace
}  // namespace attend::test
