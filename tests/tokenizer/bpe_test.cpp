// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// BPE: against merging by hand, one option at a time, and over very long words.
#include "attend/tokenizer/bpe.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "support/cost.h"
#include "support/error_of.h"
#include "support/sanitized.h"

namespace attend::test {
namespace {

using Merges = std::vector<std::pair<std::string, std::string>>;

struct Model {
  Model(const std::vector<std::string>& tokens, const Merges& merges, BpeOptions options = {}) {
    for (const std::string& token : tokens) {
      vocabulary.add(token, static_cast<TokenId>(vocabulary.size()));
    }
    const std::vector<Merge> views = [&] {
      std::vector<Merge> out;
      for (const auto& [left, right] : merges) out.push_back({left, right});
      return out;
    }();
    bpe.emplace(std::move(options), views, vocabulary);
  }

  [[nodiscard]] std::vector<Piece> pieces(std::string_view word) const {
    ModelScratch scratch;
    std::vector<Piece> out;
    bpe->tokenize(word, vocabulary, scratch, out);
    return out;
  }
  // "token[begin,end] ..."
  [[nodiscard]] std::string cut(std::string_view word) const {
    std::string out;
    for (const Piece& piece : pieces(word)) {
      if (!out.empty()) out += ' ';
      out += std::string(*vocabulary.token(piece.id)) + '[' + std::to_string(piece.bytes.begin) +
             ',' + std::to_string(piece.bytes.end) + ']';
    }
    return out;
  }

  Vocabulary vocabulary;
  std::optional<Bpe> bpe;
};

TEST(Bpe, LowestRankFirstThenLeftmost) {
  const Model model({"a", "b", "c", "ab", "bc", "abc", "aa", "aaa"},
                    {{"b", "c"}, {"a", "b"}, {"a", "a"}, {"aa", "a"}, {"a", "bc"}});
  EXPECT_EQ(model.cut("abc"), "abc[0,3]");
  EXPECT_EQ(model.cut("aab"), "a[0,1] ab[1,3]");
  EXPECT_EQ(model.cut("aaaaa"), "aa[0,2] aaa[2,5]");
  EXPECT_EQ(model.cut(""), "");
}

TEST(Bpe, LastOfTwoEqualMergesCounts) {
  const Model model({"a", "b", "c", "ab", "bc"}, {{"a", "b"}, {"b", "c"}, {"a", "b"}});
  EXPECT_EQ(model.cut("abc"), "a[0,1] bc[1,3]");
}

TEST(Bpe, PrefixAndSuffix) {
  const Model model({"a", "b</w>", "##b", "##b</w>", "ab", "ab</w>", "a</w>"},
                    {{"a", "##b"}, {"a", "##b</w>"}},
                    {.continuing_subword_prefix = "##", .end_of_word_suffix = "</w>"});
  EXPECT_EQ(model.cut("ab"), "ab</w>[0,2]");
  EXPECT_EQ(model.cut("abb"), "ab[0,2] ##b</w>[2,3]");
  EXPECT_EQ(model.cut("a"), "a</w>[0,1]");
  expect_error(ErrorKind::tokenizer_error, {"merge 0", "\"##\""}, [] {
    return Model({"a", "b", "ab"}, {{"a", "b"}}, {.continuing_subword_prefix = "##"});
  });
  expect_error(ErrorKind::resource_limit, {"continuing_subword_prefix", "16"}, [] {
    return Model({"a"}, {}, {.continuing_subword_prefix = std::string(17, '#')});
  });
}

TEST(Bpe, UnknownCharacters) {
  const std::vector<std::string> tokens = {"<unk>", "a", "b", "ab"};
  const Merges merges = {{"a", "b"}};
  EXPECT_EQ(Model(tokens, merges, {.unk_token = "<unk>"}).cut("axyb"),
            "a[0,1] <unk>[1,2] <unk>[2,3] b[3,4]");
  EXPECT_EQ(Model(tokens, merges, {.unk_token = "<unk>", .fuse_unk = true}).cut("xyab"),
            "<unk>[0,2] ab[2,4]");
  // Without a token for them they vanish before the merges, and count no more.
  EXPECT_EQ(Model(tokens, merges)
                .cut("a\xC3\xA9"
                     "ba"),
            "ab[0,3] a[1,3]");
  const Model none(tokens, merges, {.unk_token = "<none>"});
  EXPECT_EQ(none.cut("ab"), "ab[0,2]");
  expect_error(ErrorKind::tokenizer_error, {"<none>", "\"ax\""}, [&] { return none.cut("ax"); });
}

TEST(Bpe, ByteFallback) {
  const Model model({"<unk>", "a", "<0xC3>", "<0xA9>", "<0x78>"}, {},
                    {.unk_token = "<unk>", .byte_fallback = true});
  EXPECT_EQ(model.cut("a\xC3\xA9x"), "a[0,1] <0xC3>[1,3] <0xA9>[1,3] <0x78>[3,4]");
  // Bytes overtake the unknown token that waits for others to fuse with.
  EXPECT_EQ(model.cut("yx"), "<0x78>[0,1] <unk>[1,2]");
  // One byte without a token: the whole character is unknown.
  EXPECT_EQ(model.cut("\xC3\xA8"), "<unk>[0,2]");
}

TEST(Bpe, WholeWordsFirst) {
  const std::vector<std::string> tokens = {"a", "b", "aba", "ab"};
  const Merges merges = {{"a", "b"}};
  EXPECT_EQ(Model(tokens, merges, {.ignore_merges = true}).cut("aba"), "aba[0,3]");
  EXPECT_EQ(Model(tokens, merges, {.ignore_merges = true}).cut("abab"), "ab[0,2] ab[2,4]");
  EXPECT_EQ(Model(tokens, merges).cut("aba"), "ab[0,2] a[2,3]");
}

TEST(Bpe, MergesThatTheVocabularyLacks) {
  const auto refuse = [](const Merges& merges, std::string_view token) {
    expect_error(ErrorKind::tokenizer_error, {"merge 1", token, "tokens of the vocabulary"}, [&] {
      return Model({"a", "b", "ab"}, merges);
    });
  };
  refuse({{"a", "b"}, {"z", "b"}}, "no token \"z\"");
  refuse({{"a", "b"}, {"b", "z"}}, "no token \"z\"");
  refuse({{"a", "b"}, {"b", "a"}}, "no token \"ba\"");
}

// The definition: as long as some merge applies, join the leftmost pair of the lowest rank.
std::vector<std::string> merge_by_hand(std::string_view word, const Merges& merges) {
  std::vector<std::string> parts;
  for (const char c : word) parts.emplace_back(1, c);
  for (;;) {
    bool merged = false;
    for (const auto& [left, right] : merges) {
      for (std::size_t i = 0; i + 1 < parts.size() && !merged; ++i) {
        if (parts[i] != left || parts[i + 1] != right) continue;
        parts[i] += parts[i + 1];
        parts.erase(parts.begin() + static_cast<Index>(i) + 1);
        merged = true;
      }
      if (merged) break;
    }
    if (!merged) return parts;
  }
}

TEST(Bpe, EqualsMergingByHand) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t end) { return random() % end; };
  std::size_t words = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<std::string> tokens = {"a", "b", "c"};
    Merges merges;
    while (merges.size() < 1 + below(25)) {
      const std::string left = tokens[below(tokens.size())];
      const std::string right = tokens[below(tokens.size())];
      if (std::find(merges.begin(), merges.end(), std::pair(left, right)) != merges.end()) break;
      merges.emplace_back(left, right);
      tokens.push_back(left + right);
    }
    std::shuffle(merges.begin(), merges.end(), random);
    const Model model(tokens, merges);
    for (std::size_t i = 0; i < 20; ++i, ++words) {
      std::string word;  // both the scan and the queue
      for (std::size_t size = below(i < 10 ? 33 : 120); size > 0; --size) {
        word += static_cast<char>('a' + below(3));
      }
      std::vector<std::string> found;
      for (const Piece& piece : model.pieces(word)) {
        found.emplace_back(*model.vocabulary.token(piece.id));
        EXPECT_EQ(word.substr(static_cast<std::size_t>(piece.bytes.begin),
                              static_cast<std::size_t>(piece.bytes.size())),
                  found.back());
      }
      ASSERT_EQ(found, merge_by_hand(word, merges)) << word;
    }
  }
  EXPECT_EQ(words, 1200U);
}

TEST(Bpe, WordOfMegabytes) {
  std::vector<std::string> tokens = {"a", "b", "<unk>"};
  Merges merges;
  for (std::string token = "a"; token.size() < 64; token += token) {
    merges.emplace_back(token, token);
    tokens.push_back(token + token);
  }
  const Model model(tokens, merges, {.unk_token = "<unk>"});
  ModelScratch scratch;
  for (const std::string_view pattern : {"a", "ab", "aax", "\xF0\x9F\x98\x80"}) {
    std::string word;
    while (word.size() < 2'000'000) word += pattern;
    std::vector<Piece> out;
    const auto start = work_time();
    model.bpe->tokenize(word, model.vocabulary, scratch, out);
    EXPECT_LT(work_time() - start, 8 * time_allowed) << pattern;
    EXPECT_EQ(out.back().bytes.end, static_cast<Index>(word.size()));
    EXPECT_LT(scratch.symbols.capacity() + scratch.queue.capacity(), 1'000'000U);
  }
}

}  // namespace
}  // namespace attend::test
