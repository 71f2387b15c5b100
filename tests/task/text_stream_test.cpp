// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Where generated text is cut: after lines, words and ideographs.
#include "attend/task/text_stream.h"

#include <gtest/gtest.h>

#include "support/golden.h"

namespace attend::test {
namespace {

std::vector<std::string> pieces_of(const Tokenizer& tokenizer, std::string_view text) {
  TextStream stream(tokenizer);
  std::vector<std::string> pieces;
  for (const TokenId id : tokenizer.encode(text, {.add_special_tokens = false}).ids) {
    pieces.push_back(stream.push(id));
  }
  pieces.push_back(stream.finish());
  std::erase(pieces, "");
  return pieces;
}

TEST(TextStream, WordsLinesAndIdeographs) {
  const Tokenizer tokenizer = Tokenizer::load(golden("roberta-fill-mask"));  // bytes
  using Pieces = std::vector<std::string>;
  EXPECT_EQ(pieces_of(tokenizer, "one two\nthree 四五 six"),
            (Pieces{"one ", "two\n", "three ", "四", "五", " ", "six"}));
  EXPECT_EQ(pieces_of(tokenizer, "한국 x"), (Pieces{"한국 ", "x"}));
  EXPECT_EQ(pieces_of(tokenizer, ""), Pieces{});
  std::string all;
  const std::string text = "Zoë said: “naïve”,  then 🙂 left.\n\n";
  for (const auto& piece : pieces_of(tokenizer, text)) all += piece;
  EXPECT_EQ(all, text);
}

}  // namespace
}  // namespace attend::test
