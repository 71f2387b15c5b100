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

// A metaspace tokenizer writes no blank in front of the first word, and special tokens not at all.
TEST(TextStream, PiecesOfMetaspaceAreTheText) {
  const Tokenizer tokenizer = Tokenizer::load(golden("llama-text-generation-sentencepiece"));
  const std::string text = "and thus answer'd: the 한 house";
  const auto ids = tokenizer.encode(text).ids;
  TextStream stream(tokenizer, {.skip_special_tokens = true});
  std::string all;
  for (const TokenId id : ids) all += stream.push(id);
  all += stream.finish();
  EXPECT_EQ(all, tokenizer.decode(ids, {.skip_special_tokens = true}));
  EXPECT_EQ(all, text);
  // Behind a prompt the blank is the first word's.
  TextStream rest(tokenizer, {.skip_special_tokens = true});
  const auto half = std::span<const TokenId>(ids).first(ids.size() / 2);
  rest.skip(half);
  std::string added;
  for (std::size_t i = half.size(); i < ids.size(); ++i) added += rest.push(ids[i]);
  added += rest.finish();
  EXPECT_EQ(tokenizer.decode(half, {.skip_special_tokens = true}) + added, all);
}

}  // namespace
}  // namespace attend::test
