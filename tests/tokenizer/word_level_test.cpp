// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// WordLevel: known, unknown, and unknown without a token for it.
#include "attend/tokenizer/word_level.h"

#include <gtest/gtest.h>

#include "support/error_of.h"

namespace attend::test {
namespace {

TEST(WordLevel, OneTokenAWord) {
  Vocabulary vocabulary;
  vocabulary.add("[UNK]", 7);
  vocabulary.add("word", 3);
  ModelScratch scratch;
  std::vector<Piece> out;
  const WordLevel model({.unk_token = "[UNK]"});
  model.tokenize("word", vocabulary, scratch, out);
  model.tokenize("words", vocabulary, scratch, out);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].id, 3);
  EXPECT_EQ(out[0].bytes, (Range{0, 4}));
  EXPECT_EQ(out[1].id, 7);
  EXPECT_EQ(out[1].bytes, (Range{0, 5}));
  EXPECT_FALSE(out[1].is_own_spelling);

  const WordLevel strict({.unk_token = "<unk>"});
  strict.tokenize("word", vocabulary, scratch, out);
  EXPECT_EQ(out.back().id, 3);
  expect_error(ErrorKind::tokenizer_error, {"\"words\"", "<unk>"}, [&] {
    strict.tokenize("words", vocabulary, scratch, out);
    return 0;
  });
}

}  // namespace
}  // namespace attend::test
