// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Our parser against nlohmann's: what is JSON, and what it says.
#include "checkpoint/json_parser.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "attend/core/error.h"
#include "support/json.h"

namespace attend {
namespace {

using Json = test::OrderedJson;

Json as_json(const JsonField& field) {
  if (field.is_null()) return nullptr;
  if (field.is_bool()) return field.boolean();
  if (field.is_integer()) {
    return field.integer(std::numeric_limits<std::int64_t>::min(),
                         std::numeric_limits<std::int64_t>::max());
  }
  if (field.is_string()) return std::string(field.string());
  if (field.is_array()) {
    Json out = Json::array();
    for (const JsonField& element : field.elements()) out.push_back(as_json(element));
    return out;
  }
  if (!field.is_object()) return field.number();
  Json out = Json::object();
  for (const auto& [key, value] : field.members()) out[std::string(key)] = as_json(value);
  return out;
}

// nlohmann takes a NUL byte for the end and lets \u0000 pass, so texts with that byte stay away.
void expect_same(const std::string& text) {
  const Json expected = Json::parse(text, nullptr, false);
  try {
    const JsonDocument document = parse_json(text, "a.json", {.where = "test"});
    ASSERT_FALSE(expected.is_discarded()) << text;
    EXPECT_EQ(as_json(document.root()), expected) << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_format) << error.what();
    EXPECT_TRUE(expected.is_discarded()) << error.what() << '\n' << text;
  }
}

TEST(JsonParser, Values) {
  for (const char* text : {"null",
                           "true",
                           "false",
                           "nul",
                           "truex",
                           "True",
                           "0",
                           "-0",
                           "00",
                           "01",
                           "-",
                           "+1",
                           "1.",
                           ".5",
                           "1.5",
                           "-1.5e3",
                           "1e",
                           "1e+",
                           "1E-2",
                           "1e05",
                           "0x1",
                           "9223372036854775807",
                           "-9223372036854775808",
                           "9223372036854775808e0",
                           "0.1",
                           "123456789.125",
                           "1e308",
                           "1e309",
                           "-1e999",
                           "\"\"",
                           "\"",
                           "\"a",
                           "\"\\",
                           "\"\\\"",
                           "\"\\q\"",
                           "\"\t\"",
                           "\"\\t\"",
                           "\"\x7F\"",
                           "\"\\u00e9\"",
                           "\"\\u00E9\"",
                           "\"\\u00g0\"",
                           "\"\\u12\"",
                           "\"\\ud83d\\ude00\"",
                           "\"\\ud83d\"",
                           "\"\\ud83dx\"",
                           "\"\\ud83d\\n\"",
                           "\"\\ud83d\\u0041\"",
                           "\"\\ude00\"",
                           "\"\\uFFFF\\u07ff\"",
                           "\"\\u0000\"",
                           "\"\\b\\f\\n\\r\\t\\/\\\\\"",
                           "[]",
                           "[ ]",
                           "[1]",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "[",
                           "]",
                           "[1,2",
                           "{}",
                           "{ }",
                           "{\"a\":1}",
                           "{\"a\" : 1 , \"b\":[{}]}",
                           "{\"a\":1,}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{a:1}",
                           "{1:1}",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\":1}}",
                           "{}{}",
                           "{",
                           "[}",
                           "{]",
                           "{\"a\":1,\"b\":2,\"a\":3}",
                           " \t\r\n1 \t\r\n",
                           "\v1",
                           "1//",
                           "/**/1",
                           "'a'",
                           "NaN",
                           "Infinity",
                           "[[[[[[1]]]]]]",
                           "\xEF\xBB\xBF"
                           "1x",
                           "\"\xC3\xA9\xE2\x96\x81\xF0\x9F\x98\x80\""}) {
    expect_same(text);
  }
}

TEST(JsonParser, NumbersWithoutADoubleAreRefused) {
  // Too small as well as too large; nlohmann rounds the former to 0.
  EXPECT_THROW((void)parse_json("1e-400", "a.json", {}), Error);
  EXPECT_THROW((void)parse_json("1e400", "a.json", {}), Error);
  EXPECT_EQ(parse_json("4.9e-324", "a.json", {}).root().number(), 4.9e-324);
  EXPECT_EQ(parse_json("0e99999", "a.json", {}).root().number(), 0);
}

TEST(JsonParser, ChangedTexts) {
  const std::string text =
      R"({"a": [1, -2.5e3, "x\u00e9\n", {"\ud83d\ude00": null}], "b": {"c": true, "a": false}, "": 0})";
  const std::string bytes = "{}[]\",:\\u0123e.+-tfn \n\x01x\xC3\xA9";
  std::mt19937 random(1);
  for (int i = 0; i < 50'000; ++i) {
    std::string changed = text;
    for (auto edits = 1 + random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % changed.size();
      const char byte = bytes[random() % bytes.size()];
      switch (random() % 3) {
        case 0: changed[at] = byte; break;
        case 1: changed.insert(at, 1, byte); break;
        default: changed.erase(at, 1 + random() % 4);
      }
    }
    expect_same(changed);
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace attend
