// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// UTF-8: every code point there and back, every malformed kind of sequence, offsets.
#include "attend/text/utf8.h"

#include <gtest/gtest.h>

#include "support/error_of.h"

namespace attend {
namespace {

TEST(Utf8, EveryCodePointThereAndBack) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(c, text);
    const CodePoint decoded = decode_utf8(text);
    ASSERT_EQ(decoded.value, c);
    ASSERT_EQ(static_cast<std::size_t>(decoded.length), text.size());
    ASSERT_EQ(first_invalid_utf8(text), text.size());
    ASSERT_EQ(count_code_points(text), 1);
  }
}

TEST(Utf8, WhatIsNoCodePointIsReplaced) {
  for (const char32_t c : {char32_t{0xD800}, char32_t{0xDFFF}, char32_t{0x110000}}) {
    std::string text;
    append_utf8(c, text);
    EXPECT_EQ(text, "\xEF\xBF\xBD");
  }
}

TEST(Utf8, MalformedSequences) {
  for (const std::string_view bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x80\x80", "\xE0\x9F\xBF",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF", "\xF0\x9F\x98"}) {
    EXPECT_EQ(decode_utf8(bad).length, 0);
    for (const std::size_t before : {0U, 1U, 7U, 8U, 9U, 31U}) {  // the fast path takes 8 bytes
      const std::string text = std::string(before, 'a') + std::string(bad) + "b";
      EXPECT_EQ(first_invalid_utf8(text), before);
    }
  }
}

TEST(Utf8, ErrorNamesTheByte) {
  test::expect_error(ErrorKind::invalid_utf8, {"Tokenizer::encode", "byte 6", "\\xFF"},
                     [] { check_utf8("caf\xC3\xA9 \xFF", "Tokenizer::encode"); });
  EXPECT_NO_THROW(check_utf8("", "test"));
}

TEST(Utf8, OffsetsOfCodePoints) {
  const std::string text = "aé€😀b";  // 1, 2, 3, 4, 1 bytes
  const CodePointIndex index(text);
  EXPECT_EQ(index.size(), 5);
  const Index starts[] = {0, 1, 3, 6, 10, 11};
  for (Index i = 0; i <= 5; ++i) {
    EXPECT_EQ(index.bytes(i), starts[i]);
    EXPECT_EQ(index.code_points(starts[i]), i);
  }
  EXPECT_EQ(index.code_points(2), 1);  // inside a code point: that one
  EXPECT_EQ(index.code_points(9), 3);
  const CodePointIndex ascii("abc");
  for (Index i = 0; i <= 3; ++i) EXPECT_EQ(ascii.code_points(i), i);
  EXPECT_EQ(CodePointIndex("").size(), 0);
}

TEST(Utf8, LongTextsAreIndexedLikeShortOnes) {
  for (const std::string_view unit :
       {"\u00E9", "\u4F60", "\U0001F600", "a\u00E9\u4F60\U0001F600"}) {
    std::string text = "abc";
    std::vector<Index> starts{0, 1, 2};
    while (text.size() < 300) {
      for (std::size_t at = 0; at < unit.size();
           at += static_cast<std::size_t>(decode_utf8(unit.substr(at)).length)) {
        starts.push_back(static_cast<Index>(text.size() + at));
      }
      text += unit;
      const CodePointIndex index(text);
      const auto count = static_cast<Index>(starts.size());
      ASSERT_EQ(index.size(), count);
      EXPECT_EQ(index.code_points(static_cast<Index>(text.size())), count);
      EXPECT_EQ(index.bytes(count), static_cast<Index>(text.size()));
      for (Index i = 0; i < count; ++i) {
        const Index begin = starts[static_cast<std::size_t>(i)];
        const Index end = index.bytes(i + 1);
        ASSERT_EQ(index.bytes(i), begin);
        for (Index byte = begin; byte < end; ++byte) ASSERT_EQ(index.code_points(byte), i);
      }
    }
    const CodePointIndex index(text);
    EXPECT_EQ(index.code_points(-1), 0);
    EXPECT_EQ(index.code_points(1000), index.size());
    EXPECT_EQ(index.bytes(-1), 0);
    EXPECT_EQ(index.bytes(1000), static_cast<Index>(text.size()));
  }
}

TEST(Utf8, MalformedPartsAreReplacedOneByOne) {
  const auto replaced = [](std::string_view text) { return replace_malformed_utf8(text); };
  const std::string r = "\uFFFD";
  EXPECT_EQ(replaced("a\xC3\xA9"), "a\u00E9");
  EXPECT_EQ(replaced("\x80\xBF"), r + r);
  EXPECT_EQ(replaced("\xC0\x80\xFF"), r + r + r);
  EXPECT_EQ(replaced("\xE4\xBDx\xE4"), r + "x" + r);
  EXPECT_EQ(replaced("\xF0\x9F\x98z"), r + "z");
  EXPECT_EQ(replaced("\xF0\x8F\xBF\xBF"), r + r + r + r);
  EXPECT_EQ(replaced("\xED\xA0\x80"), r + r + r);
  EXPECT_EQ(replaced("\xE0\x80\xAF"), r + r + r);
  EXPECT_EQ(replaced("\xF4\x90\x80"), r + r + r);
  EXPECT_EQ(replaced("\xE4\xE4\xBD\xA0"), r + "\u4F60");
}

}  // namespace
}  // namespace attend
