// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// When texts are finished. Stop strings against every way to cut a text into tokens; those of
// transformers are among the cases of search_test.cpp.
#include "attend/task/stopping.h"

#include <gtest/gtest.h>

#include <random>

#include "support/error_of.h"
#include "support/golden.h"

namespace attend::test {
namespace {

using Ids = std::vector<TokenId>;
using Strings = std::vector<std::string>;

TokenTexts texts_of(Strings texts) {
  return [texts = std::move(texts)](TokenId id) { return texts.at(static_cast<std::size_t>(id)); };
}

GenerationConfig config_of(std::optional<Index> max_length = {}) {
  GenerationConfig config;
  config.max_length = max_length;
  return config;
}

TEST(Stopping, ReasonsInOrder) {
  auto config = config_of(4);
  config.eos_token_id = Ids{2, 3};
  StoppingCriteria stopping(config);
  EXPECT_FALSE(stopping.check(Ids{2, 1}));
  EXPECT_EQ(stopping.check(Ids{1, 3}), FinishReason::eos);
  EXPECT_EQ(stopping.check(Ids{1, 1, 1, 1}), FinishReason::max_length);
  EXPECT_EQ(stopping.check(Ids{1, 1, 1, 2}), FinishReason::eos);
  EXPECT_FALSE(StoppingCriteria(config_of()).check(Ids(1000, 1)));
}

TEST(Stopping, TimeAndCriterion) {
  auto config = config_of();
  config.max_time = 0;
  EXPECT_EQ(StoppingCriteria(config).check(Ids{1}), FinishReason::max_time);
  config.max_time = 1e6;
  EXPECT_FALSE(StoppingCriteria(config).check(Ids{1}));
  StoppingCriteria own(config,
                       {.criterion = [](std::span<const TokenId> ids) { return ids.size() > 2; }});
  EXPECT_FALSE(own.check(Ids{1, 2}));
  EXPECT_EQ(own.check(Ids{1, 2, 3}), FinishReason::criterion);
}

TEST(Stopping, StringsNeedTexts) {
  auto config = config_of();
  config.stop_strings = Strings{"a"};
  expect_error(ErrorKind::config_error, {"stop_strings", "tokenizer"},
               [&] { return StoppingCriteria(config).check(Ids{1}); });
}

TEST(Stopping, StringsSpanTokens) {
  // "stop" may begin inside one token and end inside another.
  StopStrings stop({"stop"},
                   texts_of({"st", "op", "test", "ops", "stop", " stops", "s", "", "to", "p"}));
  EXPECT_TRUE(stop.end(Ids{0, 1}));
  EXPECT_TRUE(stop.end(Ids{2, 3}));
  EXPECT_TRUE(stop.end(Ids{4}));
  EXPECT_TRUE(stop.end(Ids{5}));
  EXPECT_TRUE(stop.end(Ids{6, 8, 9}));
  EXPECT_TRUE(stop.end(Ids{0, 7, 1}));
  EXPECT_FALSE(stop.end(Ids{4, 6}));  // it ended before the last token
  EXPECT_FALSE(stop.end(Ids{4, 7}));
  EXPECT_FALSE(stop.end(Ids{0, 6, 1}));
  EXPECT_FALSE(stop.end(Ids{1}));
  EXPECT_FALSE(stop.end({}));
}

// The text ends with it, but for characters of the last token behind it.
bool ends_by_text(const Strings& pieces, const std::string& stop) {
  std::string text;
  for (const auto& piece : pieces) text += piece;
  const std::size_t before = text.size() - pieces.back().size();
  for (std::size_t end = before + 1; end <= text.size(); ++end) {
    if (std::string_view(text).substr(0, end).ends_with(stop)) return true;
  }
  return false;
}

TEST(Stopping, StringsWhateverTheCut) {
  std::mt19937 random(3);
  int found = 0;
  for (int i = 0; i < 5000; ++i) {
    Strings pieces(1 + random() % 5);
    for (auto& piece : pieces) {
      for (std::size_t n = 1 + random() % 3; n > 0; --n) piece += "ab"[random() % 2];
    }
    std::string stop;
    for (std::size_t n = 1 + random() % 5; n > 0; --n) stop += "ab"[random() % 2];
    Ids ids(pieces.size());
    for (std::size_t j = 0; j < ids.size(); ++j) ids[j] = static_cast<TokenId>(j);
    const bool expected = ends_by_text(pieces, stop);
    found += expected ? 1 : 0;
    ASSERT_EQ(StopStrings({stop}, texts_of(pieces)).end(ids), expected) << stop;
  }
  EXPECT_GT(found, 500);
}

TEST(Stopping, TextsOfTokens) {
  const Tokenizer tokenizer = Tokenizer::load(golden("roberta-fill-mask"));
  const TokenTexts texts = token_texts(tokenizer);
  for (const std::string_view text : {"he", " he", ".", " a"}) {
    const auto ids = tokenizer.encode("x" + std::string(text), {.add_special_tokens = false}).ids;
    std::string all;
    for (const TokenId id : ids) all += texts(id);
    EXPECT_EQ(all, "x" + std::string(text));
  }
  EXPECT_EQ(texts(1 << 20), "");
}

}  // namespace
}  // namespace attend::test
