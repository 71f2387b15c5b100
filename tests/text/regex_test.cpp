// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Regular expressions: Ruby's meaning of patterns, bad patterns as errors, costs within limits.
#include "attend/text/regex.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "support/error_of.h"
#include "text/matches.h"

namespace attend {
namespace {

std::string nested(std::string_view before, std::string_view after, int depth) {
  std::string out;
  for (int i = 0; i < depth; ++i) out += before;
  out += 'a';
  for (int i = 0; i < depth; ++i) out += after;
  return out;
}

std::vector<std::string> matches(const std::string& pattern, std::string_view text) {
  std::vector<std::string> out;
  for_each_match(Regex(pattern), text, [&](std::size_t begin, std::size_t end) {
    out.emplace_back(text.substr(begin, end - begin));
  });
  return out;
}

using Strings = std::vector<std::string>;

TEST(Regex, FindsFromAByteOn) {
  const Regex regex("b+");
  EXPECT_EQ(regex.pattern(), "b+");
  EXPECT_EQ(regex.find("abbab", 0), (TextRange{1, 3}));
  EXPECT_EQ(regex.find("abbab", 3), (TextRange{4, 5}));
  EXPECT_EQ(regex.find("abbab", 5), std::nullopt);
  EXPECT_EQ(regex.find("", 0), std::nullopt);
  EXPECT_EQ(Regex("$").find("ab", 2), (TextRange{2, 2}));
  // What lies before `from` is seen, as in one search of the whole text.
  EXPECT_EQ(Regex("(?<=a)b").find("ab", 1), (TextRange{1, 2}));
  EXPECT_EQ(Regex("^b").find("ab", 1), std::nullopt);
}

// The classes of Unicode 16, whatever the system's Oniguruma has, by the matches of tokenizers
// 0.22.2 in a text of all code points. The hashed bytes (FNV-1a) are 1 for members, 0 for others.
TEST(Regex, ClassesOfEveryCodePoint) {
  struct Class {
    const char* pattern;
    std::size_t count;
    std::uint64_t hash;
  };
  constexpr Class classes[] = {
      {R"(\p{L})", 141028, 0xF98F7F61CD264039U},
      {R"(\p{Lu})", 1858, 0xAA338A4F905B726BU},
      {R"(\p{Ll})", 2258, 0x5FAE6E1237EC38CBU},
      {R"(\p{Lo})", 136477, 0x1D0718FDA3C5B94CU},
      {R"(\p{M})", 2501, 0xC771168CC7FC38C2U},
      {R"(\p{Mn})", 2020, 0xC5026596C0EEF5DFU},
      {R"(\p{N})", 1911, 0x3BE1EB8FD343984AU},
      {R"(\p{Nd})", 760, 0x1D0515B7A5728561U},
      {R"(\p{P})", 855, 0x476F200AE4409AA2U},
      {R"(\p{S})", 8514, 0x6F2CCC4B69A13983U},
      {R"(\p{Z})", 19, 0x339AA80D806E1354U},
      {R"(\p{C})", 957236, 0x3ADE8BA37B5F71E1U},
      {R"(\p{Cn})", 819533, 0x2EC83DEB061D5384U},
      {R"(\w)", 144671, 0x6488E55C404F5F8U},
      {R"(\d)", 760, 0x1D0515B7A5728561U},
      {R"([[:alpha:]])", 142759, 0x3D9B4A996AE158B6U},
      {R"([[:punct:]])", 9369, 0xC801F1753095FDCU},
      {R"([^[:^punct:]])", 9369, 0xC801F1753095FDCU},
      {R"([^\s\p{L}\p{N}])", 969100, 0xAA59F866D329960BU},
      {R"(\p{Han})", 99030, 0x577E743852E2AFA5U},
  };
  std::string all;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c < 0xD800 || c > 0xDFFF) append_utf8(c, all);
  }
  for (const auto& [pattern, count, hash] : classes) {
    std::size_t found = 0;
    std::size_t after = 0;
    std::uint64_t value = 0xCBF29CE484222325U;
    const auto add = [&](std::size_t end, unsigned char member) {
      for (; after < end; after += code_point_length(all, after)) {
        value = (value ^ member) * 0x100000001B3U;
      }
    };
    for_each_match(Regex(pattern), all, [&](std::size_t begin, std::size_t end) {
      add(begin, 0);
      add(end, 1);
      ++found;
    });
    add(all.size(), 0);
    EXPECT_EQ(found, count) << pattern;
    EXPECT_EQ(value, hash) << pattern;
  }
}

TEST(Regex, NamesInBracketsStayWhatTheyAre) {
  EXPECT_EQ(matches("[:punct:]", ":$p"), (Strings{":", "p"}));  // letters
  EXPECT_EQ(matches(R"(\[[[:punct:]])", "[$"), Strings{"[$"});
  EXPECT_EQ(matches(R"([\]a[:punct:]])", "]$b"), (Strings{"]", "$"}));
  EXPECT_EQ(matches("[[:alpha:][:punct:]]+", "a+ 1"), Strings{"a+"});
  EXPECT_EQ(matches("[][:punct:]]", "]$b"), (Strings{"]", "$"}));
  EXPECT_EQ(matches("[^][:punct:]]", "]$b"), Strings{"b"});
  EXPECT_EQ(matches(R"((?#[\))[:punct:])", ":$p"), (Strings{":", "p"}));
}

TEST(Regex, MeansWhatRubyMeans) {
  EXPECT_EQ(matches("^.", "a\nb"), (Strings{"a", "b"}));           // lines
  EXPECT_EQ(matches(R"(\h)", "xfg"), Strings{"f"});                // hexadecimal digits
  EXPECT_EQ(matches("a{1,2}+", "aaaaa"), Strings{"aaaaa"});        // not possessive
  EXPECT_EQ(matches("a?+a", "a"), Strings{});                      // possessive
  EXPECT_EQ(matches("[a-z&&[^b]]+", "abc"), (Strings{"a", "c"}));  // sets in sets
  EXPECT_EQ(matches("(?i:s)", "S\u017F"), (Strings{"S", "\u017F"}));
  EXPECT_EQ(matches(R"(\p{Han}+|\p{Lu})", "Aa\u4E2D\u6587"), (Strings{"A", "\u4E2D\u6587"}));
}

TEST(Regex, EmptyMatches) {
  EXPECT_EQ(matches("x*", "aaxxb"), (Strings{"", "", "xx", ""}));
  EXPECT_EQ(matches("", "\u00E9a"), (Strings{"", "", ""}));
  EXPECT_EQ(matches("x*", ""), Strings{});
}

TEST(Regex, BadPatterns) {
  const auto expect = [](ErrorKind kind, const std::string& pattern, const char* words) {
    test::expect_error(kind, {"pattern", words}, [&] { Regex regex(pattern); });
  };
  expect(ErrorKind::tokenizer_error, "(a", "end pattern with unmatched parenthesis");
  expect(ErrorKind::tokenizer_error, "[z-a]", "empty range in char class");
  expect(ErrorKind::tokenizer_error, R"(\p{IsHan})", "invalid character property name {IsHan}");
  test::expect_error(ErrorKind::invalid_utf8, {"byte 1"}, [] { Regex regex("a\xFF"); });
  expect(ErrorKind::resource_limit, std::string(Regex::max_pattern_bytes + 1, 'a'), "65537");
  expect(ErrorKind::resource_limit, nested("(", ")", 5000), "at most 100");
  expect(ErrorKind::resource_limit, nested("[", "]", 5000), "at most 100");
  expect(ErrorKind::resource_limit, nested("(?i)", "", 5000), "at most 100");
  expect(ErrorKind::resource_limit, nested("", "{1,2}", 5000), "at most");
  expect(ErrorKind::resource_limit, nested("", "*", 5000), "at most 100");
  expect(ErrorKind::resource_limit, nested("(?:", "){99}", 10), "steps");
  expect(ErrorKind::resource_limit, "(?x)(a{9999} # )\n){9999}", "steps");
  expect(ErrorKind::resource_limit, R"(([)(]b{9999}\M-)c){9999})", "steps");
  expect(ErrorKind::unsupported, R"((?<a>b|\g<a>c))", "calls of groups");
}

TEST(Regex, OddPatternsThatAreGood) {
  for (const char* pattern : {"[]a]{3}", "[^]]", "[[:alpha:]{}()]", "a{,3}", "a{x}", "{", "a{,}",
                              "(?#(a)b?", R"(\x{41}{3})", R"(\p{^L}{2,3})", R"([\]\[(]{2})",
                              "(?x: a {3} # ((\n)", "(?m-ix:a)(?i)b", R"(\c({3})"}) {
    EXPECT_NO_THROW(Regex{pattern}) << pattern;
  }
}

TEST(Regex, CatastrophesEnd) {
  for (const char* pattern : {"(a+)+$", R"((\w+\s?)*[^!a])"}) {
    test::expect_error(ErrorKind::resource_limit, {"pattern", "retry-limit"}, [&] {
      for_each_match(Regex(pattern), std::string(100, 'a') + "!", [](std::size_t, std::size_t) {});
    });
  }
  // Each search reads the whole text and hardly steps back.
  test::expect_error(ErrorKind::resource_limit, {"(?>a*)b|a", "too much time"}, [] {
    for_each_match(Regex("(?>a*)b|a"), std::string(100'000, 'a'), [](std::size_t, std::size_t) {});
  });
}

TEST(Regex, TenMegabytesTakeLinearTime) {
  const std::string text(10'000'000, 'a');
  EXPECT_EQ(matches(R"(\p{L}+| ?[^\s]+)", text), Strings{text});
  const std::string blanks = std::string(10'000'000, ' ') + 'a';
  EXPECT_EQ(matches(R"(\s*[\r\n]+|\s+(?!\S)|\s+)", blanks).size(), 2U);
}

TEST(Regex, ThreadsShareAPattern) {
  const Regex regex(R"(\p{L}+|\s+)");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&regex, i] {
      const Regex copy = regex;
      const std::string word(static_cast<std::size_t>(i + 1), 'x');
      for (int round = 0; round < 1000; ++round) {
        EXPECT_EQ(copy.find(" " + word, 1), (TextRange{1, i + 2}));
        EXPECT_NO_THROW(Regex("[a-z" + std::to_string(i) + "]+"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace attend
