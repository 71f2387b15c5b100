// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Texts that are no texts, and texts that are made to take long: each kind of tokenizer refuses the
// first with the byte that is wrong, and takes the others in linear time and memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "attend/text/utf8.h"
#include "support/cost.h"
#include "support/error_of.h"
#include "support/families.h"
#include "support/paths.h"
#include "support/sanitized.h"

namespace attend::test {
namespace {

// One of each way from a text to tokens.
constexpr const char* families_of_models[] = {
    "BertTokenizer",       "GPT2Tokenizer", "Qwen2Tokenizer",  "CLIPTokenizer",
    "XLMRobertaTokenizer", "T5Tokenizer",   "AlbertTokenizer", "LlamaTokenizer",
    "llama not legacy",    "ranks",         "MarianTokenizer"};

std::string repeated(std::string_view part, std::size_t bytes) {
  std::string out;
  out.reserve(bytes + part.size());
  while (out.size() < bytes) out += part;
  return out;
}

struct Invalid {
  const char* name;
  std::string_view text;
  std::string_view byte;
};

constexpr Invalid invalid_texts[] = {
    {"a byte that no character has", "abc\xFF", "byte 3"},
    {"a cut character", "abc\xE4\xB8", "byte 3"},
    {"a cut character before another", "\xF0\x9F\x98 x", "byte 0"},
    {"a continuation alone", "ab\x80", "byte 2"},
    {"an overlong blank", "a\xC0\xA0", "byte 1"},
    {"an overlong NUL", "a\xC0\x80", "byte 1"},
    {"an overlong character of three bytes", "\xE0\x80\xAF", "byte 0"},
    {"an overlong character of four bytes", "x\xF0\x80\x80\xAF", "byte 1"},
    {"a surrogate", "ab\xED\xA0\x80", "byte 2"},
    {"two surrogates", "\xED\xA0\xBD\xED\xB8\x80", "byte 0"},
    {"beyond U+10FFFF", "\xF4\x90\x80\x80", "byte 0"},
};

TEST(HostileTexts, InvalidOnesAreRefusedWithTheirByte) {
  const Families families;
  for (const char* family : families_of_models) {
    SCOPED_TRACE(family);
    const Tokenizer tokenizer = families.load(families.set(family));
    for (const auto& [name, text, byte] : invalid_texts) {
      SCOPED_TRACE(name);
      const std::string_view texts[] = {"a", text};
      const CostLimit limit;
      expect_error(ErrorKind::invalid_utf8, {byte},
                   [&, text = text] { return tokenizer.encode(text); });
      expect_error(ErrorKind::invalid_utf8, {byte},
                   [&, text = text] { return tokenizer.encode_pair("a", text); });
      expect_error(ErrorKind::invalid_utf8, {byte}, [&] { return tokenizer.encode(texts); });
      expect_error(ErrorKind::invalid_utf8, {byte}, [&] { return tokenizer.encode_words(texts); });
    }
  }
}

// Each has ids for what it holds, and offsets within it.
TEST(HostileTexts, OddOnesAreTexts) {
  using namespace std::string_view_literals;
  constexpr std::string_view texts[] = {
      "",
      " ",
      " \t\n\r\u00A0\u3000 ",
      "\0"sv,
      "a\0b"sv,
      "\uFEFFa",
      "\uFFFD",
      "\uFFFE\uFFFF\U0010FFFF",
      "\u200D",
      "\u202E\u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627",
      "[SEP] [CLS] </s> <s> <|im_end|> <|endoftext|> <pad>",
      "\u0301\u0301"};
  const Families families;
  for (const char* family : families_of_models) {
    SCOPED_TRACE(family);
    const Tokenizer tokenizer = families.load(families.set(family));
    for (const std::string_view text : texts) {
      SCOPED_TRACE(quote(text));
      const Encoding found = tokenizer.encode(text);
      EXPECT_EQ(tokenizer.encode(text, {.add_special_tokens = false}).size() +
                    tokenizer.template_tokens(),
                found.size());
      for (const Range range : found.offsets) {
        EXPECT_LE(static_cast<std::size_t>(range.end), text.size());
      }
      (void)tokenizer.decode(found.ids);
    }
  }
}

struct Hostile {
  const char* name;
  std::string text;
};

std::vector<Hostile> hostile_texts(std::size_t bytes) {
  return {{"one word", std::string(bytes, 'a')},
          {"one word of two letters", repeated("ab", bytes)},
          {"blanks", std::string(bytes, ' ')},
          {"combining marks", "a" + repeated("\u0301\u0323", bytes)},
          {"nearly special tokens", repeated("[MAS<pa</", bytes)},
          {"ideographs", repeated("\u4E2D", bytes)},
          {"joined emoji", repeated("\U0001F469\u200D", bytes)},
          {"words of 100 letters", repeated(std::string(100, 'i') + ' ', bytes)},
          {"punctuation", repeated("!", bytes)},
          {"line feeds", repeated("\n", bytes)},
          {"digits", repeated("1", bytes)},
          {"no characters", repeated("\U0010FFFF", bytes)}};
}

// The limits are far above what linear time and memory need in a debug build, and far below what
// quadratic ones would take.
void check_costs(const Tokenizer& tokenizer, const std::vector<Hostile>& texts) {
  for (const auto& [name, text] : texts) {
    SCOPED_TRACE(name);
    const CostLimit limit({.time = 20 * time_allowed, .memory_kib = 2'000'000});
    const Encoding found = tokenizer.encode(text);
    if (!found.offsets.empty()) {
      EXPECT_LE(static_cast<std::size_t>(found.offsets.back().end), text.size());
    }
  }
}

TEST(HostileTexts, TenMegabytes) {
  auto texts = hostile_texts(10'000'000);
  texts.resize(4);
  check_costs(Tokenizer::load(tests_folder() / "golden/bert-fill-mask"), texts);
  texts = hostile_texts(20 * long_text_bytes);
  texts.resize(1);  // for every kind of model one word, which nothing cuts
  const Families families;
  for (const char* family : families_of_models) {
    SCOPED_TRACE(family);
    check_costs(families.load(families.set(family)), texts);
  }
}

TEST(HostileTexts, EveryKindOfTokenizer) {
  const Families families;
  const auto texts = hostile_texts(long_text_bytes);
  for (const char* family : families_of_models) {
    SCOPED_TRACE(family);
    check_costs(families.load(families.set(family)), texts);
  }
}

}  // namespace
}  // namespace attend::test
