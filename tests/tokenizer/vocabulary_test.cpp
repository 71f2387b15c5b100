// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The vocabulary: look-ups of tokens and of prefix + rest, gaps, what is taken already.
#include "attend/tokenizer/vocabulary.h"

#include <gtest/gtest.h>

namespace attend {
namespace {

TEST(Vocabulary, ManyTokensThereAndBack) {
  Vocabulary vocabulary;
  for (TokenId id = 0; id < 50'000; ++id) {
    ASSERT_TRUE(vocabulary.add("token " + std::to_string(id * 7), id));
  }
  EXPECT_EQ(vocabulary.size(), 50'000);
  for (TokenId id = 0; id < 50'000; ++id) {
    const std::string token = "token " + std::to_string(id * 7);
    ASSERT_EQ(vocabulary.find(token), id);
    ASSERT_EQ(vocabulary.token(id), token);
  }
  EXPECT_EQ(vocabulary.find("token 1"), std::nullopt);
  EXPECT_EQ(vocabulary.token(50'000), std::nullopt);
  EXPECT_EQ(vocabulary.token(-1), std::nullopt);
}

TEST(Vocabulary, GapsAndWhatIsTaken) {
  Vocabulary vocabulary;
  EXPECT_TRUE(vocabulary.add("a", 5));
  EXPECT_FALSE(vocabulary.add("a", 6));
  EXPECT_TRUE(vocabulary.add("", 2));
  EXPECT_EQ(vocabulary.size(), 2);
  EXPECT_EQ(vocabulary.id_end(), 6);
  EXPECT_EQ(vocabulary.token(4), std::nullopt);
  EXPECT_EQ(vocabulary.token(2), "");
  EXPECT_EQ(vocabulary.find("b"), std::nullopt);
}

TEST(Vocabulary, TokensWithOneId) {
  Vocabulary vocabulary;
  EXPECT_TRUE(vocabulary.add("a", 5));
  EXPECT_TRUE(vocabulary.add("b", 5));
  EXPECT_EQ(vocabulary.find("a"), 5);
  EXPECT_EQ(vocabulary.find("b"), 5);
  EXPECT_EQ(vocabulary.token(5), "b");
  EXPECT_EQ(vocabulary.size(), 2);
}

TEST(Vocabulary, TokenWithTwoIds) {
  Vocabulary vocabulary;
  EXPECT_TRUE(vocabulary.add_again("a", 0));
  EXPECT_TRUE(vocabulary.add_again("b", 1));
  EXPECT_TRUE(vocabulary.add_again("a", 2));
  EXPECT_FALSE(vocabulary.add_again("c", 1));
  for (TokenId id = 3; id < 1'000; ++id) ASSERT_TRUE(vocabulary.add(std::to_string(id), id));
  EXPECT_EQ(vocabulary.find("a"), 2);  // also after the table has grown
  EXPECT_EQ(vocabulary.token(0), "a");
  EXPECT_EQ(vocabulary.token(2), "a");
  EXPECT_EQ(vocabulary.size(), 1'000);
  EXPECT_FALSE(vocabulary.add("a", 1'000));
}

TEST(Vocabulary, PrefixAndRest) {
  Vocabulary vocabulary;
  vocabulary.add("##ing", 0);
  vocabulary.add("ing", 1);
  Vocabulary::Hash hash = vocabulary.start();
  for (const char byte : std::string_view("##ing")) hash = Vocabulary::extend(hash, byte);
  EXPECT_EQ(vocabulary.find(hash, "##", "ing"), 0);
  EXPECT_EQ(vocabulary.find(hash, "#", "#ing"), 0);
  EXPECT_EQ(vocabulary.find(hash, "##", "ink"), std::nullopt);
  EXPECT_EQ(vocabulary.longest(), 5U);
}

}  // namespace
}  // namespace attend
