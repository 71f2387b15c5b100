// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// From tokens to words and characters and back.
#include "attend/tokenizer/token_map.h"

#include <gtest/gtest.h>

#include "attend/tokenizer/tokenizer.h"
#include "support/error_of.h"
#include "support/paths.h"

namespace attend {
namespace {

// [CLS] caf #é ! [SEP] x é [SEP], where "#é" continues a word and é has two bytes.
Encoding encoding() {
  return {.ids = {1, 10, 11, 12, 2, 13, 14, 2},
          .type_ids = {},
          .offsets = {{0, 0}, {0, 3}, {3, 5}, {5, 6}, {0, 0}, {1, 2}, {2, 4}, {0, 0}},
          .word_ids = {none, 0, 0, 1, none, 0, 1, none},
          .sequence_ids = {none, 0, 0, 0, none, 1, 1, none},
          .special_tokens_mask = {},
          .matched_texts = {}};
}

constexpr auto second = Sequence::second;

TEST(TokenMap, FromCharacters) {
  const Encoding e = encoding();
  EXPECT_EQ(char_to_token(e, 0), 1);
  EXPECT_EQ(char_to_token(e, 4), 2);  // the second byte of a character
  EXPECT_EQ(char_to_token(e, 5), 3);
  EXPECT_EQ(char_to_token(e, 6), std::nullopt);
  EXPECT_EQ(char_to_token(e, -1), std::nullopt);
  EXPECT_EQ(char_to_token(e, 0, second), std::nullopt);
  EXPECT_EQ(char_to_token(e, 1, second), 5);
  EXPECT_EQ(char_to_word(e, 3), 0);
  EXPECT_EQ(char_to_word(e, 2, second), 1);
  EXPECT_EQ(char_to_word(e, 9), std::nullopt);
}

TEST(TokenMap, FromWords) {
  const Encoding e = encoding();
  EXPECT_EQ(word_to_tokens(e, 0), (Range{1, 3}));
  EXPECT_EQ(word_to_tokens(e, 1), (Range{3, 4}));
  EXPECT_EQ(word_to_tokens(e, 2), std::nullopt);
  EXPECT_EQ(word_to_tokens(e, none), std::nullopt);
  EXPECT_EQ(word_to_tokens(e, 1, second), (Range{6, 7}));
  EXPECT_EQ(word_to_chars(e, 0), (Range{0, 5}));
  EXPECT_EQ(word_to_chars(e, 0, second), (Range{1, 2}));
  EXPECT_EQ(word_to_chars(e, 7, second), std::nullopt);
}

TEST(TokenMap, IdsAloneSayNothing) {
  Encoding e;
  e.ids = {1, 2, 3};
  e.type_ids = {0, 0, 0};
  EXPECT_EQ(char_to_token(e, 0), std::nullopt);
  EXPECT_EQ(char_to_word(e, 0), std::nullopt);
  EXPECT_EQ(word_to_tokens(e, 0), std::nullopt);
  EXPECT_EQ(word_to_chars(e, 0), std::nullopt);
  EXPECT_EQ(token_to_sequence(e, 0), std::nullopt);
  EXPECT_EQ(token_to_word(e, 0), std::nullopt);
  EXPECT_EQ(token_to_chars(e, 0), std::nullopt);
  const CodePointIndex text("abc");
  EXPECT_EQ(code_point_offsets(e, {&text, 1}, {}), std::vector<Range>(3));
}

TEST(TokenMap, FromTokens) {
  const Encoding e = encoding();
  EXPECT_EQ(token_to_sequence(e, 1), Sequence::first);
  EXPECT_EQ(token_to_sequence(e, 6), second);
  EXPECT_EQ(token_to_word(e, 2), (TokenWord{Sequence::first, 0}));
  EXPECT_EQ(token_to_word(e, 6), (TokenWord{second, 1}));
  EXPECT_EQ(token_to_chars(e, 2), (TokenChars{Sequence::first, {3, 5}}));
  for (const Index token : {-1, 0, 4, 7, 8}) {
    EXPECT_EQ(token_to_sequence(e, token), std::nullopt);
    EXPECT_EQ(token_to_word(e, token), std::nullopt);
    EXPECT_EQ(token_to_chars(e, token), std::nullopt);
  }
}

TEST(TokenMap, CodePoints) {
  const CodePointIndex text("caf\xC3\xA9!");
  const CodePointIndex pair(" x\xC3\xA9");
  EXPECT_EQ(code_point_offsets(encoding(), {&text, 1}, {&pair, 1}),
            (std::vector<Range>{{0, 0}, {0, 3}, {3, 4}, {4, 5}, {0, 0}, {1, 2}, {2, 3}, {0, 0}}));
  const CodePointIndex words[] = {CodePointIndex("\xC3\xA9\xC3\xA9"), CodePointIndex("xy")};
  const Encoding of_words{.ids = {1, 2},
                          .type_ids = {},
                          .offsets = {{2, 4}, {1, 2}},
                          .word_ids = {0, 1},
                          .sequence_ids = {0, 0},
                          .special_tokens_mask = {},
                          .matched_texts = {}};
  EXPECT_EQ(code_point_offsets(of_words, words), (std::vector<Range>{{1, 2}, {1, 2}}));
  test::expect_error(ErrorKind::config_error, {"number of indices", "found 0"},
                     [&] { return code_point_offsets(of_words, {}); });
}

// A gap of Code Llama makes a second text of the end of the first.
TEST(TokenMap, CodePointsOfOneTextThatBecameTwo) {
  const CodePointIndex text("caf\xC3\xA9!");
  Encoding e = encoding();
  e.offsets[5] = {5, 6};
  EXPECT_EQ(code_point_offsets(e, {&text, 1})[5], (Range{4, 5}));
}

TEST(TokenMap, EveryTokenFindsItselfAgain) {
  const Tokenizer tokenizer = Tokenizer::load(test::tests_folder() / "golden" / "bert-fill-mask");
  const Encoding e =
      tokenizer.encode_pair("The caf\xC3\xA9's unbelievable!", "A [MASK] transformer");
  for (Index token = 0; token < e.size(); ++token) {
    const auto chars = token_to_chars(e, token);
    if (!chars) continue;
    const auto word = token_to_word(e, token);
    ASSERT_TRUE(word);
    EXPECT_EQ(char_to_token(e, chars->bytes.begin, chars->sequence), token);
    EXPECT_EQ(char_to_word(e, chars->bytes.end - 1, chars->sequence), word->word);
    const auto tokens = word_to_tokens(e, word->word, word->sequence);
    ASSERT_TRUE(tokens);
    EXPECT_LE(tokens->begin, token);
    EXPECT_GT(tokens->end, token);
  }
}

}  // namespace
}  // namespace attend
