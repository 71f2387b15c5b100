// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON: limits, duplicates, and fields that are read as they are written.
#include "checkpoint/checked_json.h"

#include <gtest/gtest.h>

#include "support/error_of.h"
#include "support/paths.h"

namespace attend {
namespace {

const JsonOptions options{.where = "test"};

JsonDocument parse(std::string_view text, const JsonOptions& with = options) {
  return parse_json(text, "a.json", with);
}

TEST(CheckedJson, KeepsEverythingAsWritten) {
  const JsonDocument document =
      parse(R"({"z": 1, "a": [true, null, -2, 1.5, "tëxt\u0000"], "m": {"k": {}}})");
  const JsonField root = document.root();
  std::string keys;
  for (const auto& [key, value] : root.members()) keys += key;
  EXPECT_EQ(keys, "zam");  // the order of the file
  const auto elements = root.at("a").elements();
  ASSERT_EQ(elements.size(), 5U);
  EXPECT_TRUE(elements[0].boolean());
  EXPECT_TRUE(elements[1].is_null());
  EXPECT_EQ(elements[2].integer(-5, 5), -2);
  EXPECT_EQ(elements[3].number(), 1.5);
  EXPECT_EQ(elements[4].string(), std::string_view("tëxt\0", 6));
  EXPECT_EQ(elements[4].path(), "/a/4");
  EXPECT_EQ(root.at("m").at("k").path(), "/m/k");
  EXPECT_FALSE(root.find("none"));
}

TEST(CheckedJson, ReadsScalarsAlone) {
  EXPECT_EQ(parse("3").root().integer(0, 3), 3);
  EXPECT_EQ(parse(" \"x\" ").root().string(), "x");
  EXPECT_EQ(parse("[]").root().elements().size(), 0U);
}

TEST(CheckedJson, NothingIsConverted) {
  const JsonDocument document = parse(
      R"({"big": 1e12, "neg": -1, "frac": 1.5, "yes": true, "text": "768", "none": null,
          "huge": 18446744073709551615, "long": -)" +
      std::string(100, '9') + R"(, "list": [1], "map": {}, "whole": 768.0, "a/b~c": 1,
          "small": {"type": "yarn", "factor": 4, "parts": [1]},
          "large": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}})");
  const JsonField root = document.root();
  const auto refuses = [&](std::string_view key, std::string_view found) {
    test::expect_error(
        ErrorKind::config_error,
        {"[test]", "/" + std::string(key), "integer in [0, 65536]", found, "(a.json)"},
        [&] { return root.at(key).integer(0, 65536); });
  };
  refuses("big", "found 1e+12");
  refuses("neg", "found -1");
  refuses("frac", "found 1.5");
  refuses("yes", "found true");
  refuses("text", "found \"768\"");
  refuses("none", "found null");
  refuses("huge", "found 18446744073709551615 (a.json)");
  refuses("long", "found -" + std::string(39, '9') + "... (a.json)");
  refuses("list", "found an array of 1");
  refuses("map", "found an object of 0");
  refuses("small", R"(found {"type": "yarn", "factor": 4, "parts": ...} (a.json))");
  refuses("large", "found an object of 5");
  refuses("whole", "found 768.0");
  const auto fails = [&](std::string_view part, auto call) {
    test::expect_error(ErrorKind::config_error, {part}, call);
  };
  fails("/neg: expected a string", [&] { return root.at("neg").string(); });
  fails("/text: expected a number", [&] { return root.at("text").number(); });
  fails("/neg: expected true or false", [&] { return root.at("neg").boolean(); });
  fails("/map: expected an array", [&] { return root.at("map").elements(); });
  fails("/list: expected an object", [&] { return root.at("list").members(); });
  fails("/list: expected an object", [&] { return root.at("list").at("x"); });
  fails("/map/x~1y: expected a value, found no such key", [&] { return root.at("map").at("x/y"); });
  fails("/a~1b~0c: expected a string", [&] { return root.at("a/b~c").string(); });
  EXPECT_FALSE(root.find("none"));
  EXPECT_TRUE(root.get("none"));
  EXPECT_EQ(root.at("neg").number(), -1);
}

TEST(CheckedJson, DuplicateKeysKeepTheLastValueAtTheFirstPlace) {
  const JsonDocument document = parse(R"({"a": 1, "b": 2, "a": 3, "c": 4, "a": 5})");
  const auto members = document.root().members();
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(members[0].first, "a");
  EXPECT_EQ(members[0].second.integer(0, 9), 5);
  EXPECT_EQ(members[2].first, "c");
  test::expect_error(ErrorKind::invalid_format, {"\"a\"", "twice"}, [] {
    return parse(R"([{"a": 1}, {"b": {"a": 1, "a": 1}}])",
                 {.duplicate_keys = DuplicateKeys::reject});
  });
}

TEST(CheckedJson, RefusesWhatIsNotJson) {
  const auto refuses = [](std::string_view text, std::string_view part) {
    test::expect_error(ErrorKind::invalid_format, {part, "(a.json)"}, [&] { return parse(text); });
  };
  refuses("", "the end");
  refuses("{\"a\": 1,\n \"b\": x}", "line 2, column 7");
  refuses("{} {}", "column 4");
  refuses("{\"a\": NaN}", "column");
  refuses("{\"a\": 1e999}", "column");
  refuses("\"\xFF\"", "byte 1");
  refuses("\"\\ud800\"", "column");
  refuses(std::string_view("{}\0x", 4), "byte 2");
  refuses("version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer");
  refuses("<!DOCTYPE html>", "HTML page");
  refuses("\x1f\x8b\x08", "unpack it first");
}

TEST(CheckedJson, LimitsAreExact) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_NO_THROW(static_cast<void>(parse(nested(64))));
  const auto refuses = [](std::string_view what, const std::string& text, const JsonOptions& with) {
    test::expect_error(ErrorKind::resource_limit, {what, "(a.json)"},
                       [&] { return parse(text, with); });
  };
  refuses("depth", nested(65), options);
  refuses("depth", std::string(1'000'000, '['), options);
  refuses("number of JSON values", "[1, 2, 3]", {.max_values = 3});
  EXPECT_NO_THROW(static_cast<void>(parse("[1, 2, 3]", {.max_values = 4})));
  // Counted before they are read, to the value: what is in strings is none, nor are keys.
  const char* const tree =
      R"({"a,[{": [[ ], {}, [1 , "\",[\\" , ",,\\"]], ",\"": {"k\u005B": {"x": -0.5}}, "e": true})";
  EXPECT_NO_THROW(static_cast<void>(parse(tree, {.max_values = 12})));
  refuses("number of JSON values", tree, {.max_values = 11});
  refuses("size", "[1, 2]", {.max_bytes = 5});
  EXPECT_NO_THROW(static_cast<void>(parse("[1, 2]", {.max_bytes = 6})));
  const test::TemporaryFolder folder;
  test::write_file(folder.path() / "a.json", "[1, 2]");
  test::expect_error(ErrorKind::resource_limit, {"at most 5", "a.json"},
                     [&] { return read_json(folder.path() / "a.json", {.max_bytes = 5}); });
  EXPECT_EQ(read_json(folder.path() / "a.json", options).root().elements().size(), 2U);
}

TEST(CheckedJson, LargeObjectsTakeNoQuadraticTime) {
  std::string text = "{";
  for (int i = 0; i < 300'000; ++i) text += "\"key" + std::to_string(i % 250'000) + "\": 0,";
  EXPECT_EQ(parse(text + "\"end\": 1}").root().members().size(), 250'001U);
}

TEST(CheckedJson, MessagesNeverShowMoreThanAnExcerpt) {
  const auto error = test::error_of([] {
    return parse("{\"" + std::string(5000, 'k') + "\": \"\\u0007" + std::string(5000, 'v') + "\"}")
        .root()
        .members()[0]
        .second.number();
  });
  ASSERT_TRUE(error);
  EXPECT_LT(std::string_view(error->what()).size(), 400U);
  EXPECT_EQ(std::string_view(error->what()).find('\a'), std::string_view::npos);
}

}  // namespace
}  // namespace attend
