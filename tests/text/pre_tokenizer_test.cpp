// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Cutting into words: what becomes of delimiters, classes of characters, one step after another.
#include "attend/text/pre_tokenizer.h"

#include <gtest/gtest.h>

#include <string>

namespace attend {
namespace {

std::vector<std::string> words(std::string_view text, std::vector<PreTokenizerStep> steps) {
  NormalizedText normalized(text);
  std::vector<TextRange> pieces;
  if (!text.empty()) pieces.push_back({0, static_cast<Index>(text.size())});
  PreTokenizer(std::move(steps))(normalized, pieces);
  std::vector<std::string> out;
  for (const TextRange piece : pieces) out.emplace_back(normalized.text(piece));
  return out;
}

using Words = std::vector<std::string>;

TEST(PreTokenizer, Behaviors) {
  // Source: the reference, on its own example.
  const std::string text = "the-final--countdown-";
  const auto cut = [&](SplitBehavior behavior) { return words(text, {Split{U'-', behavior}}); };
  EXPECT_EQ(cut(SplitBehavior::removed), (Words{"the", "final", "countdown"}));
  EXPECT_EQ(cut(SplitBehavior::isolated), (Words{"the", "-", "final", "-", "-", "countdown", "-"}));
  EXPECT_EQ(cut(SplitBehavior::merged_with_previous), (Words{"the-", "final-", "-", "countdown-"}));
  EXPECT_EQ(cut(SplitBehavior::merged_with_next), (Words{"the", "-final", "-", "-countdown", "-"}));
  EXPECT_EQ(cut(SplitBehavior::contiguous), (Words{"the", "-", "final", "--", "countdown", "-"}));
}

TEST(PreTokenizer, InvertKeepsTheDelimiters) {
  const Split split{std::string("--"), SplitBehavior::removed, true};
  EXPECT_EQ(words("a--b---c", {split}), (Words{"--", "--"}));
}

TEST(PreTokenizer, Bert) {
  EXPECT_EQ(words(" don't\u3000stop\u2014$5 \u20AC6!\u00A0", bert_pre_tokenizer()),
            (Words{"don", "'", "t", "stop", "\u2014", "$", "5", "\u20AC6", "!"}));
  EXPECT_EQ(words("", bert_pre_tokenizer()), Words{});
  EXPECT_EQ(words(" \n\t", bert_pre_tokenizer()), Words{});
}

TEST(PreTokenizer, WordsAndSymbols) {
  EXPECT_EQ(words("Hey, caf\u00E9_1 -->\u20AC\n!", {SplitWordsAndSymbols{}}),
            (Words{"Hey", ",", "caf\u00E9_1", "-->\u20AC", "!"}));
}

TEST(PreTokenizer, StepsApplyInTurn) {
  EXPECT_EQ(words("a12 b3\u00BD", {Split{CharacterClass::white_space, SplitBehavior::removed},
                                   Split{CharacterClass::numeric, SplitBehavior::contiguous}}),
            (Words{"a", "12", "b", "3\u00BD"}));
  EXPECT_EQ(words("as is", {}), Words{"as is"});
}

}  // namespace
}  // namespace attend
