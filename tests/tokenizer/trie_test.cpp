// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The trie against a sorted map, over tokens with every byte.
#include "attend/tokenizer/trie.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <string>

#include "support/cost.h"
#include "support/sanitized.h"

namespace attend::test {
namespace {

using Tokens = std::map<std::string, TokenId>;

Trie build(const Tokens& tokens) {
  std::vector<Trie::Entry> entries;
  for (const auto& [token, id] : tokens) entries.push_back({token, id});
  std::shuffle(entries.begin(), entries.end(), std::mt19937(7));
  return Trie(std::move(entries));
}

// Ids of all prefixes of a text that are tokens, shortest first.
std::vector<TokenId> prefixes(const Trie& trie, std::string_view text) {
  std::vector<TokenId> out;
  Trie::Node node = trie.root();
  if (node.id() != none) out.push_back(node.id());
  for (const char byte : text) {
    if (!trie.step(node, byte)) break;
    if (node.id() != none) out.push_back(node.id());
  }
  return out;
}

TEST(Trie, EmptySetsAndEmptyTokens) {
  EXPECT_TRUE(prefixes(build({}), "abc").empty());
  EXPECT_TRUE(prefixes(build({}), std::string(256, '\0')).empty());
  EXPECT_EQ(prefixes(build({{"", 5}}), "abc"), (std::vector<TokenId>{5}));
  EXPECT_EQ(prefixes(build({{"", 5}, {"ab", 0}}), "abc"), (std::vector<TokenId>{5, 0}));
}

TEST(Trie, LargerIdOfTwoEqualTokens) {
  const Trie trie({{"a", 3}, {"a", 9}, {"a", 4}});
  EXPECT_EQ(prefixes(trie, "a"), (std::vector<TokenId>{9}));
}

TEST(Trie, EqualsAMap) {
  std::mt19937 random(3);
  for (const unsigned alphabet : {2U, 5U, 60U, 256U}) {
    Tokens tokens;
    std::vector<std::string> texts;
    for (TokenId id = 0; id < 5000; ++id) {
      std::string token;
      for (std::size_t size = random() % 12; size > 0; --size) {
        token += static_cast<char>(random() % alphabet);
      }
      tokens[token] = (1 << 24) - 1 - id;  // the largest id there is
      texts.push_back(token + static_cast<char>(random() % alphabet));
      texts.push_back(token.substr(0, token.size() / 2) + static_cast<char>(random() % 256));
    }
    const Trie trie = build(tokens);
    for (const std::string& text : texts) {
      std::vector<TokenId> expected;
      for (std::size_t size = 0; size <= text.size(); ++size) {
        const auto found = tokens.find(text.substr(0, size));
        if (found != tokens.end()) expected.push_back(found->second);
      }
      ASSERT_EQ(prefixes(trie, text), expected);
    }
  }
}

TEST(Trie, ManyTokensTakeNoTime) {
  std::mt19937 random(5);
  std::vector<std::string> tokens;
  for (int i = 0; i < 250'000; ++i) {
    tokens.push_back("\xE2\x96\x81");
    for (std::size_t size = 1 + random() % 10; size > 0; --size) {
      tokens.back() += static_cast<char>('a' + random() % 26);
    }
  }
  std::vector<Trie::Entry> entries;
  for (const std::string& token : tokens) entries.push_back({token, 1});
  const auto start = work_time();
  const Trie trie(std::move(entries));
  EXPECT_LT(work_time() - start, 2 * time_allowed);
  EXPECT_FALSE(prefixes(trie, tokens.back()).empty());
}

}  // namespace
}  // namespace attend::test
