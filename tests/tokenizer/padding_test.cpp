// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Padding: lengths, sides, everything a token has, and what is refused. Recorded batches are in
// components_test.cpp.
#include "attend/tokenizer/padding.h"

#include <gtest/gtest.h>

#include <limits>

#include "attend/tokenizer/tokenizer.h"
#include "core/limits.h"
#include "support/error_of.h"
#include "support/families.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend {
namespace {

Tokenizer load() { return Tokenizer::load(test::tests_folder() / "golden" / "bert-fill-mask"); }

Encoding tokens(Index count) {
  const auto size = static_cast<std::size_t>(count);
  return {.ids = std::vector<TokenId>(size, 7),
          .type_ids = std::vector<std::int32_t>(size, 1),
          .offsets = std::vector<Range>(size, {2, 3}),
          .word_ids = std::vector<std::int32_t>(size, 4),
          .sequence_ids = std::vector<std::int32_t>(size, 0),
          .special_tokens_mask = std::vector<std::uint8_t>(size, 0),
          .matched_texts = {{0, "x"}}};
}

std::vector<Index> lengths(const std::vector<PaddedEncoding>& padded) {
  std::vector<Index> out;
  for (const PaddedEncoding& one : padded) out.push_back(one.encoding.size());
  return out;
}

TEST(Padding, Lengths) {
  const Tokenizer tokenizer = load();
  const auto padded = [&](const Padding& padding) {
    return lengths(tokenizer.pad({tokens(3), tokens(1), tokens(5)}, padding));
  };
  using Lengths = std::vector<Index>;
  EXPECT_EQ(padded({}), (Lengths{5, 5, 5}));
  EXPECT_EQ(padded({.pad_to_multiple_of = 4}), (Lengths{8, 8, 8}));
  EXPECT_EQ(padded({.pad_to_multiple_of = 5}), (Lengths{5, 5, 5}));
  EXPECT_EQ(padded({.length = 4}), (Lengths{4, 4, 5}));
  EXPECT_EQ(padded({.length = 6, .pad_to_multiple_of = 4}), (Lengths{8, 8, 8}));
  EXPECT_EQ(padded({.length = 0}), (Lengths{3, 1, 5}));
  EXPECT_TRUE(tokenizer.pad({}).empty());
}

TEST(Padding, EverythingOfAToken) {
  const Tokenizer tokenizer = load();
  const TokenId pad = *tokenizer.special_tokens().pad;
  auto right = tokenizer.pad({tokens(1)}, {.length = 3, .pad_type_id = 9})[0];
  EXPECT_EQ(right.encoding.ids, (std::vector<TokenId>{7, pad, pad}));
  EXPECT_EQ(right.encoding.type_ids, (std::vector<std::int32_t>{1, 9, 9}));
  EXPECT_EQ(right.encoding.offsets, (std::vector<Range>{{2, 3}, {0, 0}, {0, 0}}));
  EXPECT_EQ(right.encoding.word_ids, (std::vector<std::int32_t>{4, none, none}));
  EXPECT_EQ(right.encoding.sequence_ids, (std::vector<std::int32_t>{0, none, none}));
  EXPECT_EQ(right.encoding.special_tokens_mask, (std::vector<std::uint8_t>{0, 1, 1}));
  EXPECT_EQ(right.attention_mask, (std::vector<std::uint8_t>{1, 0, 0}));
  EXPECT_EQ(right.encoding.matched_texts[0].token, 0);

  auto left = tokenizer.pad({tokens(1)}, {.length = 3, .side = Side::left, .pad_id = 2})[0];
  EXPECT_EQ(left.encoding.ids, (std::vector<TokenId>{2, 2, 7}));
  EXPECT_EQ(left.encoding.type_ids, (std::vector<std::int32_t>{0, 0, 1}));
  EXPECT_EQ(left.attention_mask, (std::vector<std::uint8_t>{0, 0, 1}));
  EXPECT_EQ(left.encoding.matched_texts[0].token, 2);
  EXPECT_EQ(tokenizer.tokens(left.encoding)[2], "x");
}

TEST(Padding, Refusals) {
  const Tokenizer tokenizer = load();
  constexpr Index huge = std::numeric_limits<Index>::max();
  const struct {
    Padding padding;
    ErrorKind kind;
  } cases[] = {
      {{.length = -1}, ErrorKind::config_error},
      {{.pad_to_multiple_of = 0}, ErrorKind::config_error},
      {{.pad_to_multiple_of = -8}, ErrorKind::config_error},
      {{.length = huge}, ErrorKind::resource_limit},
      {{.length = huge, .pad_to_multiple_of = huge - 1}, ErrorKind::resource_limit},
      {{.pad_to_multiple_of = huge}, ErrorKind::resource_limit},
      {{.length = limits::padded_tokens / 2 + 1}, ErrorKind::resource_limit},
  };
  for (const auto& [padding, kind] : cases) {
    test::expect_error(kind, {"Tokenizer::pad"}, [&, &padding = padding] {
      return tokenizer.pad({tokens(3), tokens(1)}, padding);
    });
  }
}

// The class of XLNet pads type ids with its own segment.
TEST(Padding, TypeIdsOfXlnet) {
  const test::Families families;
  const Tokenizer tokenizer = families.load(families.set("XLNetTokenizer"));
  const auto check = [](const Tokenizer& of) {
    const auto padded = of.pad({tokens(3), tokens(1)});
    EXPECT_EQ(padded[1].encoding.type_ids,
              (std::vector<std::int32_t>{3, 3, tokens(1).type_ids.at(0)}));
  };
  check(tokenizer);
  const test::TemporaryFolder folder;
  tokenizer.save(folder.path());
  check(Tokenizer::load(folder.path()));
}

TEST(Padding, WithoutAPadToken) {
  const Tokenizer tokenizer = test::load_tokenizer({{"model",
                                                     {{"type", "WordPiece"},
                                                      {"unk_token", "u"},
                                                      {"continuing_subword_prefix", ""},
                                                      {"max_input_chars_per_word", 100},
                                                      {"vocab", {{"u", 0}}}}}});
  test::expect_error(ErrorKind::config_error, {"without a pad token", "pad_id"},
                     [&] { return tokenizer.pad({tokens(1)}); });
  EXPECT_EQ(tokenizer.pad({tokens(1)}, {.length = 2, .pad_id = 0})[0].encoding.ids,
            (std::vector<TokenId>{7, 0}));
}

}  // namespace
}  // namespace attend
