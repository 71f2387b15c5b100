// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Clusters of characters: what can be seen of them in tokenizers 0.22.2, through a charsmap with a
// few rules of one character each, whose texts replace short clusters whole (data/clusters.json).
#include "text/grapheme.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <utility>

#include "attend/text/base64.h"
#include "attend/text/normalizer.h"
#include "attend/text/utf8.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

using Strings = std::vector<std::string>;

Strings clusters(std::string_view text) {
  Strings out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = grapheme_end(text, at);
    out.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

class Rules {
 public:
  explicit Rules(const Json& file)
      : normalizer_({Precompiled{std::make_shared<Charsmap>(
            Charsmap::parse(decode_base64(file["charsmap"].get<std::string>()).value()))}}) {}

  [[nodiscard]] std::string operator()(std::string_view text) const {
    NormalizedText out(text);
    normalizer_(out);
    return out.text();
  }

 private:
  Normalizer normalizer_;
};

Json recorded() { return read_json_file(tests_folder() / "text" / "data" / "clusters.json"); }

// Clusters of long characters, which no charsmap shows, too.
TEST(Graphemes, RulesOfTheAnnex) {
  EXPECT_EQ(clusters("a\r\nb\n\rc"), (Strings{"a", "\r\n", "b", "\n", "\r", "c"}));
  EXPECT_EQ(clusters("a\u0301\u0302b"), (Strings{"a\u0301\u0302", "b"}));
  EXPECT_EQ(clusters("\n\u0301"), (Strings{"\n", "\u0301"}));
  EXPECT_EQ(clusters("\u1100\u1161\u11A8\u11A8\u1161"),
            (Strings{"\u1100\u1161\u11A8\u11A8", "\u1161"}));
  EXPECT_EQ(clusters("\uAC00\u11A8\uAC01\u1161"), (Strings{"\uAC00\u11A8", "\uAC01", "\u1161"}));
  EXPECT_EQ(clusters("\u0600a\u0600\n"), (Strings{"\u0600a", "\u0600", "\n"}));
  EXPECT_EQ(clusters("\U0001F1E6\U0001F1E7\U0001F1E8\U0001F1E9\U0001F1EA"),
            (Strings{"\U0001F1E6\U0001F1E7", "\U0001F1E8\U0001F1E9", "\U0001F1EA"}));
  EXPECT_EQ(clusters("\U0001F468\u200D\U0001F469\U0001F3FB\u200D\U0001F466\U0001F466"),
            (Strings{"\U0001F468\u200D\U0001F469\U0001F3FB\u200D\U0001F466", "\U0001F466"}));
  EXPECT_EQ(clusters("a\u200D\U0001F466"), (Strings{"a\u200D", "\U0001F466"}));
  EXPECT_EQ(clusters("\u0915\u094D\u0937\u093F\u0915\u0937"),
            (Strings{"\u0915\u094D\u0937\u093F", "\u0915", "\u0937"}));
  EXPECT_EQ(clusters("\u0915\u093C\u200D\u094D\u0937"), Strings{"\u0915\u093C\u200D\u094D\u0937"});
  EXPECT_EQ(clusters("\u0915\u094D\u200C\u0937"), (Strings{"\u0915\u094D\u200C", "\u0937"}));
}

TEST(Graphemes, RecordedTexts) {
  const Json file = recorded();
  const Rules rules(file);
  for (const Json& one_case : file["cases"]) {
    EXPECT_EQ(rules(one_case[0].get<std::string>()), one_case[1]) << one_case;
  }
  EXPECT_EQ(file["cases"].size(), 240U);
}

// Each code point of the planes in use between neighbours that show its class.
TEST(Graphemes, EveryCodePoint) {
  const Rules rules(recorded());
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  std::size_t size = 0;
  const auto add = [&](char32_t code_point) {
    std::string c;
    append_utf8(code_point, c);
    std::string text;
    for (const auto& [before, after] : std::initializer_list<std::pair<const char*, const char*>>{
             {"a", ""},
             {"", "a\u0301"},
             {"\u00A9", "\u200D\u00A9\u0301"},
             {"", "\u200D\u00A9\u0301"},
             {"\u0915\u094D", "\u0915\u0301"},
             {"", "\u094D\u0915\u0301"},
             {"\u0915", "\u0915\u0301"},
             {"", "\u1161\u0301"},
             {"", "\u11A8\u0301"},
             {"", "\uAC00\u0301"},
             {"\u0600", "\u0301"}}) {
      if (!text.empty()) text += '\n';
      text += before + c + after;
    }
    const std::string found = rules(text);
    for (const char byte : found) {
      hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
    }
    size += found.size();
  };
  for (char32_t c = 0; c < 0x20000; ++c) {
    if (c < 0xD800 || c > 0xDFFF) add(c);
  }
  for (char32_t c = 0xE0000; c < 0xE1000; ++c) add(c);
  EXPECT_EQ(size, 10'231'783U);
  EXPECT_EQ(hash, 0x28FAD20D6E74635AU);
}

// The reference looks back over the whole cluster for each of its characters.
TEST(Graphemes, AMillionCharactersInOneCluster) {
  const Rules rules(recorded());
  const auto repeated = [](std::string_view unit) {
    std::string out;
    for (int i = 0; i < 1'000'000; ++i) out += unit;
    return out;
  };
  for (const char* const unit :
       {"\u0301", "\u0915\u094D", "\U0001F466\u200D", "\u0600", "\u1100", "\U0001F1E6"}) {
    const std::string text = repeated(unit);
    const std::string found = rules(text + "a");
    EXPECT_TRUE(found.ends_with('X') || found.ends_with('a')) << unit;
    EXPECT_GE(found.size(), 1'000'000U);
  }
  EXPECT_EQ(clusters("a" + repeated("\u0301")).size(), 1U);
  EXPECT_EQ(clusters(repeated("\U0001F466\u200D")).size(), 1U);
  EXPECT_EQ(clusters(repeated("\U0001F1E6")).size(), 500'000U);
}

}  // namespace
}  // namespace attend::test
