// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON text: numbers and strings as Python writes them.
#include "cli/json_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace attend::cli {
namespace {

template <class Write>
std::string written(Write write) {
  JsonWriter writer;
  write(writer);
  return writer.take();
}

TEST(JsonWriter, FloatsAreTheShortestThatReadBackInPythonsForm) {
  // Right column: repr of numpy.float32 values, as json.dumps of the recorded cases wrote them.
  const std::vector<std::pair<float, std::string>> table{
      {0.1F, "0.1"},
      {1.0F, "1.0"},
      {-0.0F, "-0.0"},
      {0.39380303F, "0.39380303"},
      {0.0001F, "0.0001"},
      {2.7871823e-05F, "2.7871823e-05"},
      {1e-10F, "1e-10"},
      {123.0F, "123.0"},
      {16777216.0F, "16777216.0"},
      {1e16F, "1e+16"},
      {std::numeric_limits<float>::max(), "3.4028235e+38"},
      {std::numeric_limits<float>::denorm_min(), "1e-45"},
  };
  for (const auto& [value, expected] : table) {
    EXPECT_EQ(written([v = value](JsonWriter& w) { w.number(v); }), expected);
  }
}

TEST(JsonWriter, DoublesThatAreFloatsAreWrittenAsFloats) {
  EXPECT_EQ(written([](JsonWriter& w) { w.number(static_cast<double>(0.1F)); }), "0.1");
  EXPECT_EQ(written([](JsonWriter& w) { w.number(0.037662772461771965); }), "0.037662772461771965");
}

TEST(JsonWriter, NumbersThatJsonLacksAreNull) {
  EXPECT_EQ(written([](JsonWriter& w) { w.number(std::numeric_limits<float>::quiet_NaN()); }),
            "null");
  EXPECT_EQ(written([](JsonWriter& w) { w.number(std::numeric_limits<double>::infinity()); }),
            "null");
}

TEST(JsonWriter, StringsAreEscapedAndAlwaysUtf8) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"naïve 漱石 🙂", "\"naïve 漱石 🙂\""},
      {"a\"b\\c", "\"a\\\"b\\\\c\""},
      {"\n\r\t\b\f", "\"\\n\\r\\t\\b\\f\""},
      {std::string("\0\x1f\x7f", 3), "\"\\u0000\\u001f\x7f\""},
      {"cut \xE2\x82", "\"cut \xEF\xBF\xBD\xEF\xBF\xBD\""},
      {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
  };
  for (const auto& [text, expected] : table) {
    EXPECT_EQ(written([&t = text](JsonWriter& w) { w.string(t); }), expected);
  }
}

TEST(JsonWriter, SeparatorsAreThoseOfPython) {
  const std::string text = written([](JsonWriter& w) {
    w.begin_array();
    w.begin_object();
    w.key("a");
    w.integer(-1);
    w.key("b");
    w.begin_array();
    w.end_array();
    w.end_object();
    w.boolean(true);
    w.null();
    w.array(std::vector<int>{1, 2}, [&](int value) { w.integer(value); });
    w.end_array();
  });
  EXPECT_EQ(text, "[{\"a\": -1, \"b\": []}, true, null, [1, 2]]");
}

}  // namespace
}  // namespace attend::cli
