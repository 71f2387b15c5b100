// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Scores as tokenizers 0.22.2 reads them from tokenizer.json and prints them again.
#include "checkpoint/serde_number.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <random>
#include <string>

namespace attend {
namespace {

double nearest(std::string_view text) {
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

TEST(SerdeNumber, AsReadByTheReference) {
  EXPECT_EQ(serde_number("-2.0122928619384766"), -2.012292861938477);
  EXPECT_EQ(serde_number("-3.9598512649536133"), -3.9598512649536137);
  EXPECT_EQ(serde_number("-12.130167007446289"), -12.130167007446287);
  EXPECT_EQ(serde_number("-7.4370903968811035"), -7.437090396881104);
  EXPECT_EQ(serde_number("1844674407370955161.9"), 1.8446744073709553e+18);
  EXPECT_EQ(serde_number("1844674407370955161.53"), 1.8446744073709553e+18);
  EXPECT_EQ(serde_number("18446744073709551615.5"), 1.8446744073709552e+19);
  EXPECT_EQ(serde_number("18446744073709551616.5"), 1.8446744073709552e+19);
  EXPECT_EQ(serde_number("184467440737095516159.123"), 1.844674407370955e+20);
  EXPECT_EQ(serde_number("0.12345678901234567890123456789"), 0.12345678901234568);
  EXPECT_EQ(serde_number("123456789012345678901234567890.5e-10"), 1.2345678901234567e+19);
  EXPECT_EQ(serde_number("-1.7976931348623157e308"), -1.7976931348623157e+308);
  EXPECT_EQ(serde_number("4.9406564584124654e-324"), 5e-324);
  EXPECT_EQ(serde_number("2.2250738585072014e-308"), 2.2250738585072014e-308);
  EXPECT_EQ(serde_number("1.2345678901234567e-310"), 1.23456789012346e-310);
  EXPECT_EQ(serde_number("12345678901234567890123e-5"), 1.2345678901234566e+17);
  EXPECT_EQ(serde_number("0.000000000000000000001234567890123456789"), 1.2345678901234568e-21);
  EXPECT_EQ(serde_number("9007199254740993.5"), 9007199254740994.0);
  EXPECT_EQ(serde_number("-5.129043102264404"), -5.129043102264404);
  EXPECT_NE(serde_number("-2.0122928619384766"), nearest("-2.0122928619384766"));
}

TEST(SerdeNumber, ShortOnesAreTheNearest) {
  for (const char* const text : {"0", "-0.0", "1", "-12.5", "3.14159", "1e22", "1e-22", "0.1",
                                 "123456.789e-3", "9007199254740993"}) {
    EXPECT_EQ(serde_number(text), nearest(text)) << text;
  }
}

TEST(SerdeNumber, WrittenTheyAreReadAsTheyWere) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> score(-20.0F, 0.0F);
  int longer = 0;
  int others = 0;
  for (int i = 0; i < 20'000; ++i) {
    const double value = i % 2 == 0 ? double{score(random)} : double{score(random)} * 1.1;
    const std::string text = serde_text(value);
    const double read = serde_number(text).value();
    ASSERT_EQ(std::nextafter(value, read), read) << text;
    ASSERT_EQ(serde_text(read), text);
    longer += text.find('e') != std::string::npos ? 1 : 0;
    others += read == value ? 0 : 1;
  }
  EXPECT_GT(longer, 1000);
  EXPECT_LT(others, 200) << "of 20000";
  RecordProperty("others", others);
  EXPECT_EQ(serde_text(-1.5), "-1.5");
  EXPECT_EQ(serde_text(0), "0");
}

TEST(SerdeNumber, Ends) {
  EXPECT_EQ(serde_number("1e309"), std::nullopt);
  EXPECT_EQ(serde_number("18e307"), std::nullopt);
  EXPECT_EQ(serde_number("0e99999999999"), 0.0);
  EXPECT_EQ(serde_number("1e-99999999999"), 0.0);
  EXPECT_EQ(serde_number("1e-330"), 0.0);
  EXPECT_EQ(serde_number("1" + std::string(400, '0') + "e-400"), 1.0);
  EXPECT_EQ(serde_number("0." + std::string(400, '0') + "1"), 0.0);
}

}  // namespace
}  // namespace attend
