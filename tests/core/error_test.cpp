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

TEST(Quote, EscapesWhatIsNotPrintable) {
  EXPECT_EQ(quote(""), "\"\"");
  EXPECT_EQ(quote("tëxt"), "\"tëxt\"");
  EXPECT_EQ(quote("a\n\x1b[31m\x7f"), "\"a\\x0A\\x1B[31m\\x7F\"");
  EXPECT_EQ(quote("\xC3"), "\"\\xC3\"");                    // cut off
  EXPECT_EQ(quote("\xED\xA0\x80"), "\"\\xED\\xA0\\x80\"");  // a surrogate
  EXPECT_EQ(quote(std::string_view("a\0b", 3)), "\"a\\x00b\"");
}

TEST(Quote, CutsLongTextBetweenCodePoints) {
  EXPECT_EQ(quote(std::string(120, 'a')), '"' + std::string(120, 'a') + '"');
  EXPECT_EQ(quote(std::string(121, 'a')), '"' + std::string(120, 'a') + "\"...");
  EXPECT_EQ(quote(std::string(119, 'a') + "é"), '"' + std::string(119, 'a') + "\"...");
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
    EXPECT_EQ(length(bad), 0U) << quote(bad);
  }
}

TEST(Printable, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(printable("a b/t\xC3\xABxt \xC2\xA0 \xE2\x80\x94 \xF0\x9F\x98\x80 \\x41"),
            "a b/t\xC3\xABxt \xC2\xA0 \xE2\x80\x94 \xF0\x9F\x98\x80 \\x41");
  EXPECT_EQ(printable("a\nb\r\t\x1b[2J\x7f"), "a\\x0Ab\\x0D\\x09\\x1B[2J\\x7F");
  EXPECT_EQ(printable("\xC2\x80\xC2\x9B\xC2\x9F"), "\\xC2\\x80\\xC2\\x9B\\xC2\\x9F");  // C1
  for (const std::string_view bidi :  // U+2028, 202A, 202E, 2066, 2069
       {"\xE2\x80\xA8", "\xE2\x80\xAA", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA9"}) {
    EXPECT_TRUE(printable(bidi).starts_with("\\xE2\\x8")) << printable(bidi);
    EXPECT_EQ(quote(bidi), '"' + printable(bidi) + '"');
  }
  for (const std::string_view plain :  // their neighbours
       {"\xC2\xA0", "\xE2\x80\xA7", "\xE2\x80\xAF", "\xE2\x81\xA5", "\xE2\x81\xAA"}) {
    EXPECT_EQ(printable(plain), plain);
  }
  EXPECT_EQ(printable("\xFF\xC3"), "\\xFF\\xC3");
  EXPECT_EQ(printable(std::string(5000, 'a')), std::string(5000, 'a'));
  EXPECT_EQ(printable(printable("\n")), "\\x0A");
}

TEST(Error, IsPrintableInEveryPart) {
  const std::string name = "a\n\x1b[2J\xC2\x9B\xE2\x80\xAE\xFF";
  const std::string shown = "a\\x0A\\x1B[2J\\xC2\\x9B\\xE2\\x80\\xAE\\xFF";
  EXPECT_EQ(Error(ErrorKind::internal,
                  {.what = name, .expected = name, .found = name, .file = name, .hint = name})
                .what(),
            shown + ": expected " + shown + ", found " + shown + " (" + shown + "); " + shown);
  EXPECT_EQ(Error(ErrorKind::internal, {.file = name}).detail().file, name);
}

}  // namespace
}  // namespace attend
