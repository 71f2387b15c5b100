// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Added tokens as the Python classes find them: what tokenize() of transformers 4.57 gives for a
// class whose model leaves texts whole.
#include "tokenizer/python_tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "attend/core/error.h"
#include "support/error_of.h"

namespace attend::test {
namespace {

struct Flagged {
  std::string content;
  std::string flags = {};  // l: lstrip, r: rstrip, s: single_word
};

AddedTokens added_tokens(const std::vector<Flagged>& tokens) {
  AddedTokens added;
  TokenId id = 0;
  for (const auto& [content, flags] : tokens) {
    const auto has = [&, flags = flags](char flag) {
      return flags.find(flag) != std::string::npos;
    };
    added.add_at({.content = content,
                  .single_word = has('s'),
                  .lstrip = has('l'),
                  .rstrip = has('r'),
                  .normalized = false},
                 id++);
  }
  return added;
}

PythonTokens tokens_of(const std::vector<Flagged>& tokens) {
  return PythonTokens(added_tokens(tokens));
}

TEST(PythonTokens, PartsOfTexts) {
  struct Case {
    std::vector<Flagged> tokens;
    std::string text;
    std::vector<std::string> parts;
  };
  const std::vector<Case> cases = {
      {{{"[CLS]"}, {"extra_id_1"}, {"extra_id_100"}},
       "[CLS] This is a extra_id_100",
       {"[CLS]", " This is a ", "extra_id_100"}},
      {{{"blowing"}, {"lower"}}, "a blower blowing", {"a b", "lower", " ", "blowing"}},
      {{{"abcd"}, {"bc"}}, "abcd abc xbcd", {"abcd", " a", "bc", " x", "bc", "d"}},
      {{{"abcd"}, {"bc"}}, "abcxd", {"abcxd"}},  // x counts as the d that the longer one lacks
      {{{"aab"}, {"ab"}, {"b"}}, "aaab", {"a", "aab"}},
      {{{"<x>", "l"}}, "a \t<x> b", {"a", "<x>", " b"}},
      {{{"<x>", "r"}}, "a <x> \x1c\nb<x>", {"a ", "<x>", "b", "<x>"}},
      {{{"<x>", "lr"}, {"<y>"}}, "<y> <x> <y>", {"<y>", "<x>", "<y>"}},
      {{{"<x>", "s"}}, "a<x> <x>b c <x> d", {"a<x>", " ", "<x>b c ", "<x>", " d"}},
      {{{"<x>", "sl"}}, "a\t<x> b", {"a<x>", " b"}},
      {{{"<x>", "sr"}}, "a <x>\tb", {"a ", "<x>b"}},
      {{{"<x>", "s"}, {"<y>"}}, "<y><x><y>", {"<y><x>", "<y>"}},
      {{{"é"}, {"éa", "l"}}, "né éab", {"n", "é", "éa", "b"}},
      {{{" "}}, "a  b", {"a", " ", " ", "b"}},
      {{{"a b", "s"}}, "xa b a b", {"xa b", " ", "a b"}}};
  for (const auto& [flagged, text, expected] : cases) {
    SCOPED_TRACE(text);
    const PythonTokens tokens = tokens_of(flagged);
    std::vector<std::string> found;
    for (const auto& [ranges, id] : tokens.split(text)) {
      found.push_back(join_ranges(text, ranges));
      EXPECT_EQ(id, tokens.find(found.back()).value_or(none));
    }
    EXPECT_EQ(found, expected);
    EXPECT_TRUE(tokens.may_stand_in(text));
  }
}

TEST(PythonTokens, TextsWithoutThem) {
  PythonTokens tokens = tokens_of({{"<x>"}});
  EXPECT_FALSE(tokens.may_stand_in("abc"));
  EXPECT_FALSE(PythonTokens().may_stand_in("<x>"));
  AddedTokens ignored = added_tokens({{"<x>"}});
  ignored.ignore_special_tokens();
  tokens.update(ignored);
  EXPECT_FALSE(tokens.may_stand_in("<x>"));
  EXPECT_EQ(tokens.find("<x>"), 0);
}

// One that loses its id is found all the same, with the id and the flags of the other one; but not
// where it never had an id of its own.
TEST(PythonTokens, TokensThatLoseTheirIds) {
  AddedTokens added = added_tokens({{"<x>"}});
  PythonTokens tokens(added);
  added.add_at({.content = "<y>", .lstrip = true}, 0);
  tokens.update(added);
  const auto parts = tokens.split("a <x>");
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].ranges.back().end, 1);
  EXPECT_EQ(parts[1].id, 0);
  EXPECT_EQ(PythonTokens(added).split("a <x>").size(), 1U);
  EXPECT_EQ(PythonTokens(added).find("<x>"), 0);
}

TEST(PythonTokens, LongContentsAreRefused) {
  const auto error = error_of([] { return tokens_of({{std::string(257, 'a')}}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::resource_limit);
}

}  // namespace
}  // namespace attend::test
