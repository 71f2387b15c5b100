// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The form of messages, and untrusted text inside them.
#include "attend/core/error.h"

#include <gtest/gtest.h>

#include <string>

#include "core/utf8_sequence.h"

namespace attend {
namespace {

TEST(Error, HasEveryPartThatIsGiven) {
  const Error error(ErrorKind::weight_shape, {.where = "load_model",
                                              .what = "tensor \"x\"",
                                              .expected = "[2, 3]",
                                              .found = "[3, 2]",
                                              .file = "a.safetensors",
                                              .hint = "transpose it"});
  EXPECT_STREQ(
      error.what(),
      "[load_model] tensor \"x\": expected [2, 3], found [3, 2] (a.safetensors); transpose it");
  EXPECT_EQ(error.kind(), ErrorKind::weight_shape);
  EXPECT_EQ(error.detail().file, "a.safetensors");
}

TEST(Error, LeavesOutWhatIsNotGiven) {
  EXPECT_STREQ(Error(ErrorKind::internal, {.what = "a"}).what(), "a");
  EXPECT_STREQ(Error(ErrorKind::internal, {.what = "a", .found = "b"}).what(), "a: found b");
  EXPECT_STREQ(Error(ErrorKind::internal, {.where = "f", .what = "a", .hint = "h"}).what(),
               "[f] a; h");
}

TEST(Error, KindsHaveDistinctNames) {
  EXPECT_EQ(name(ErrorKind::file_not_found), "FileNotFound");
  EXPECT_EQ(name(ErrorKind::internal), "Internal");
  for (int a = 0; a <= static_cast<int>(ErrorKind::internal); ++a) {
    for (int b = 0; b < a; ++b) {
      EXPECT_NE(name(static_cast<ErrorKind>(a)), name(static_cast<ErrorKind>(b)));
    }
  }
}

TEST(Quoted, EscapesWhatIsNotPrintable) {
  EXPECT_EQ(attend::quoted(""), "\"\"");
  EXPECT_EQ(attend::quoted("tëxt"), "\"tëxt\"");
  EXPECT_EQ(attend::quoted("a\n\x1b[31m\x7f"), "\"a\\x0A\\x1B[31m\\x7F\"");
  EXPECT_EQ(attend::quoted("\xC3"), "\"\\xC3\"");                    // cut off
  EXPECT_EQ(attend::quoted("\xED\xA0\x80"), "\"\\xED\\xA0\\x80\"");  // a surrogate
  EXPECT_EQ(attend::quoted(std::string_view("a\0b", 3)), "\"a\\x00b\"");
}

TEST(Quoted, CutsLongTextBetweenCodePoints) {
  EXPECT_EQ(attend::quoted(std::string(80, 'a')), '"' + std::string(80, 'a') + '"');
  EXPECT_EQ(attend::quoted(std::string(81, 'a')), '"' + std::string(80, 'a') + "\"...");
  EXPECT_EQ(attend::quoted(std::string(79, 'a') + "é"), '"' + std::string(79, 'a') + "\"...");
}

TEST(Utf8Sequence, KnowsTheBordersOfEveryLength) {
  const auto length = [](std::string_view text) { return utf8_sequence_length(text); };
  EXPECT_EQ(length("\x7F"), 1U);
  EXPECT_EQ(length("\xC2\x80"), 2U);
  EXPECT_EQ(length("\xDF\xBF"), 2U);
  EXPECT_EQ(length("\xE0\xA0\x80"), 3U);
  EXPECT_EQ(length("\xED\x9F\xBF"), 3U);
  EXPECT_EQ(length("\xEF\xBF\xBF"), 3U);
  EXPECT_EQ(length("\xF0\x90\x80\x80"), 4U);
  EXPECT_EQ(length("\xF4\x8F\xBF\xBF"), 4U);
  for (const std::string_view bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x7F", "\xE0\x9F\xBF", "\xE1\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF1\x80\x80", "\xFF"}) {
    EXPECT_EQ(length(bad), 0U) << attend::quoted(bad);
  }
}

}  // namespace
}  // namespace attend
