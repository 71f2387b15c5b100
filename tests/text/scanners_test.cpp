// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The scanners of well-known patterns against what tokenizers 0.22.2 finds. text/data/scanners.json
// holds the patterns as tokenizer files spell them, 40 texts (some written, most random, with many
// characters of Unicode 15 and 16) and, for each pattern, the begins and ends in code points of
// what pre_tokenizers.Split(Regex(pattern), "removed", invert=True) left of each text.
#include "text/scanners.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "attend/core/error.h"
#include "attend/text/regex.h"
#include "attend/text/utf8.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

const Json& recorded() {
  static const Json file = read_json_file(tests_folder() / "text" / "data" / "scanners.json");
  return file;
}

std::vector<std::string> patterns() {
  std::vector<std::string> out;
  for (const Json& row : recorded().at("patterns")) out.push_back(row.at("pattern"));
  return out;
}

// Everything that `find` finds, from one end to the next.
template <class Find>
std::vector<TextRange> matches(std::string_view text, Find&& find) {
  std::vector<TextRange> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::optional<TextRange> match = find(text, at);
    if (!match) break;
    out.push_back(*match);
    at = static_cast<std::size_t>(match->end);
  }
  return out;
}

// Random strings of few or many of these, which have all that the patterns ask for.
std::string random_text(std::mt19937& random) {
  // clang-format off
  static const std::vector<std::string> parts = {
      "'", "'", "'", "'s", "'S", "'\u017F", "'ll", "'lL", "'re", "'vE", "'T", "'d", "'M", "\u2019",
      "a", "b", "s", "t", "r", "e", "v", "l", "m", "d", "A", "S", "R", "E", "L", "Z",
      "hello", "zebras", "HTML", "wizardZEBRA", "@", "[", "`", "{",  // neighbours of a and z
      "\u00E9", "\u00C9", "\u00DF", "\u017F", "\u01C5", "\u1E9E", "\U0001D49C", "\U0001D4B6",
      "\u02B0", "\u00AA", "\u4E2D", "\u3072", "\u30A2", "\u9FA5", "\u9FA6", "\uD55C", "\u0627",
      "\U00020000", "\u24D0", "\U0001F130",  // the last two look like letters
      "\u0301", "\u0308", "\u05B4", "\u093E", "\u20DD", "\U000E0100",
      "1", "2", "23", "\u0663", "\u00BD", "\u2167", "\u00B2", "\u3280", "\U0001D7D7",
      ".", "!", "?", "/", "//", "-", "_", "$", "+", "^", "<|", "\u20AC", "\u3002", "\u3001",
      "<|startoftext|>", "<|endoftext|>",
      "\U0001F600", "\U0001F469\u200D\U0001F467", "\u200B", "\u00AD", "\uFEFF",
      " ", " ", " ", " ", "  ", "\t", "\n", "\n", "\r", "\r\n", "\v", "\f", "\u00A0", "\u1680",
      "\u2003", "\u2028", "\u202F", "\u3000", "\u0085", "\u180E",  // the last one is no blank
      std::string(1, '\0'), "\x1C", "\x7F", "\uFFFD", "\uE000", "\U0010FFFF"};
  // clang-format on
  const auto below = [&](std::size_t end) { return random() % end; };
  const std::size_t variety = below(3) == 0 ? 4 + below(8) : parts.size();
  const std::size_t first = below(parts.size());
  std::string out;
  for (std::size_t left = 1 + below(16); left > 0; --left) {
    out += parts[(first + below(variety)) % parts.size()];
  }
  return out;
}

TEST(Scanners, AreFoundByExactSpelling) {
  for (const std::string& pattern : patterns()) {
    EXPECT_NE(find_scanner(pattern), nullptr) << pattern;
    EXPECT_EQ(find_scanner("(?:" + pattern + ")"), nullptr) << pattern;
    EXPECT_EQ(find_scanner(pattern.substr(1)), nullptr) << pattern;
  }
  EXPECT_EQ(find_scanner(""), nullptr);
}

TEST(Scanners, FindWhatTheReferenceFinds) {
  std::size_t checked = 0;
  for (const Json& row : recorded().at("patterns")) {
    const Scanner scanner = find_scanner(row.at("pattern").get<std::string>());
    ASSERT_NE(scanner, nullptr);
    for (std::size_t i = 0; i < recorded().at("texts").size(); ++i, ++checked) {
      const std::string text = recorded().at("texts")[i];
      const CodePointIndex index(text);
      Json found = Json::array();
      for (const auto& [begin, end] : matches(text, scanner)) {
        found.push_back(index.code_points(begin));
        found.push_back(index.code_points(end));
      }
      EXPECT_EQ(found, row.at("matches")[i]) << row.at("pattern") << " in " << text;
    }
  }
  report_cases("scanners", checked);
}

// Oniguruma is asked by a pattern that means the same and is not known. The texts have only
// characters that it and the reference's newer one agree about.
TEST(Scanners, FindWhatOnigurumaFinds) {
  std::mt19937 random(1);
  std::size_t checked = 0;
  for (const std::string& pattern : patterns()) {
    const Scanner scanner = find_scanner(pattern);
    const Regex oniguruma("(?:" + pattern + ")");
    for (int i = 0; i < 20'000; ++i, ++checked) {
      const std::string text = random_text(random);
      ASSERT_EQ(matches(text, scanner),
                matches(text, [&](std::string_view all,
                                  std::size_t from) { return oniguruma.find(all, from); }))
          << pattern << " in " << quote(text);
    }
  }
  report_cases("scanners against Oniguruma", checked);
}

// A Regex of a known pattern is its scanner: the system's Oniguruma may be too old for the letter
// and the number of Unicode 16.
TEST(Scanners, StandInForOniguruma) {
  const std::string text = "a1\U00010D50\u4E2D!\U0001CCF0 ";
  for (const std::string& pattern : patterns()) {
    const Regex regex(pattern);
    EXPECT_EQ(regex.pattern(), pattern);
    EXPECT_EQ(
        matches(text, [&](std::string_view all, std::size_t at) { return regex.find(all, at); }),
        matches(text, find_scanner(pattern)))
        << pattern;
  }
}

// From anywhere, not only where a match ended.
TEST(Scanners, FindTheSameFromEveryBegin) {
  std::mt19937 random(2);
  for (const std::string& pattern : patterns()) {
    const Scanner scanner = find_scanner(pattern);
    for (int i = 0; i < 300; ++i) {
      const std::string text = random_text(random);
      for (std::size_t at = 0; at < text.size();) {
        const std::string rest = text.substr(at);
        const std::optional<TextRange> here = scanner(text, at);
        const std::optional<TextRange> alone = scanner(rest, 0);
        ASSERT_EQ(here.has_value(), alone.has_value()) << pattern << " in " << rest;
        if (here) {
          EXPECT_EQ(here->begin, alone->begin + static_cast<Index>(at)) << pattern;
          EXPECT_EQ(here->end, alone->end + static_cast<Index>(at)) << pattern << " in " << rest;
        }
        at += static_cast<std::size_t>(decode_utf8(rest).length);
      }
    }
  }
}

TEST(Scanners, MostPatternsLeaveNothingOut) {
  std::mt19937 random(3);
  std::size_t complete = 0;
  for (const std::string& pattern : patterns()) {
    if (pattern.find(R"(\p{N}]+)") == pattern.npos || pattern.find(R"(|\s)") == pattern.npos)
      continue;  // it has no alternative for what is neither letter nor number, or none for blanks
    ++complete;
    for (int i = 0; i < 2'000; ++i) {
      const std::string text = random_text(random);
      Index end = 0;
      for (const TextRange match : matches(text, find_scanner(pattern))) {
        ASSERT_EQ(match.begin, end) << pattern << " in " << text;
        ASSERT_GT(match.end, match.begin);
        end = match.end;
      }
      ASSERT_EQ(end, static_cast<Index>(text.size())) << pattern << " in " << text;
    }
  }
  EXPECT_EQ(complete, 12U);
}

// The text is promised to be valid; when it is not, the matches are of no use, but they stay inside
// and come to an end.
TEST(Scanners, StayInsideMalformedText) {
  std::mt19937 random(4);
  const std::vector<std::string> bytes = {"\x80",  "\xBF", "\xC3", "\xE2\x80", "\xF0\x9F\x98",
                                          "\xF8",  "\xFF", " ",    "a",        "'",
                                          "'\xC5", "1",    "\n",   "<|end",    "\xED\xA0\x80"};
  for (const std::string& pattern : patterns()) {
    for (int i = 0; i < 2'000; ++i) {
      std::string mixed;
      for (std::size_t left = 1 + random() % 12; left > 0; --left) {
        mixed += bytes[random() % bytes.size()];
      }
      const std::vector<char> text(mixed.begin(), mixed.end());  // ends where its memory ends
      Index end = 0;
      for (const TextRange match : matches({text.data(), text.size()}, find_scanner(pattern))) {
        ASSERT_GE(match.begin, end);
        ASSERT_GT(match.end, match.begin);
        end = match.end;
      }
      ASSERT_LE(end, static_cast<Index>(text.size()));
    }
  }
}

// In quadratic time each of these would take a minute.
TEST(Scanners, LongRunsTakeLinearTime) {
  for (const std::string part : {"a", "A", "Aa", "\u3042A", " ", "\n", " \n", "\t ", "\u3000", "'",
                                 "!", "1", "\u0301", "\u0301A", "!\n", "<|startoftext|"}) {
    for (const std::string ending : {"", "x"}) {
      std::string text;
      while (text.size() < 200'000) text += part;
      text += ending;
      for (const std::string& pattern : patterns()) {
        EXPECT_LE(matches(text, find_scanner(pattern)).size(), text.size()) << pattern;
      }
    }
  }
}

}  // namespace
}  // namespace attend::test
