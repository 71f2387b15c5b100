// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Post-processors in files of strangers: what they may put around a text, what of it is refused and
// why, and odd ones that the reference takes.
#include <gtest/gtest.h>

#include "support/cost.h"
#include "support/error_of.h"
#include "support/paths.h"
#include "tokenizer/minimal_file.h"

namespace attend::test {
namespace {

Json piece(const char* kind, const char* id) { return {{kind, {{"id", id}, {"type_id", 0}}}}; }

const Json text_a = piece("Sequence", "A");
const Json token_x = piece("SpecialToken", "X");
const Json only_a = Json::array({text_a});

Json special(const Json& ids, const Json& tokens) {
  return {{"X", {{"id", "X"}, {"ids", ids}, {"tokens", tokens}}}};
}

Json processing(const Json& single, const Json& pair, const Json& special_tokens) {
  return {{"type", "TemplateProcessing"},
          {"single", single},
          {"pair", pair},
          {"special_tokens", special_tokens}};
}

Json sequence(std::size_t times, const Json& part) {
  return {{"type", "Sequence"}, {"processors", std::vector<Json>(times, part)}};
}

Json file_with(const Json& post_processor) {
  Json file = minimal();
  file["post_processor"] = post_processor;
  return file;
}

void refuse(ErrorKind kind, std::initializer_list<std::string_view> message,
            const Json& processor) {
  const TemporaryFolder folder;
  write_file(folder.path() / "tokenizer.json", file_with(processor).dump());
  const CostLimit limit;
  expect_error(kind, message, [&] { return Tokenizer::load(folder.path()); });
}

Tokenizer load(const Json& processor) {
  const TemporaryFolder folder;
  write_file(folder.path() / "tokenizer.json", file_with(processor).dump());
  return Tokenizer::load(folder.path());
}

// Each is small and would become gigabytes.
TEST(PostProcessorFiles, TokensThatAreNamedOftenAreCountedBeforeTheyAreCopied) {
  using enum ErrorKind;
  const Json often(1000, token_x);
  const Json ids(1000, 5);
  const Json many = processing(often, often, special(ids, Json::array()));
  refuse(resource_limit, {"/post_processor/single/19", "20000"}, many);
  refuse(resource_limit, {"/post_processor/processors/0/single/19", "20000"}, sequence(100, many));
  const Json named(1000, std::string(200, 'q'));
  refuse(resource_limit, {"/post_processor/single/2", "20000"},
         processing(often, often, special(ids, named)));
  // A template of 400 tokens is no such thing, a thousand of them are.
  const Json some = processing(only_a, Json(2, token_x), special(Json(200, 5), Json::array()));
  refuse(resource_limit, {"/post_processor/processors/", "20000"}, sequence(100, some));
}

// What is not counted as a token must not be read again for each piece.
TEST(PostProcessorFiles, TokensWithoutIdsAreReadOnce) {
  const Json often(1000, token_x);
  const CostLimit limit({.time = 5 * time_allowed, .memory_kib = 256'000});
  const Tokenizer tokenizer =
      load(processing(often, only_a, special(Json::array(), Json(400'000, "q"))));
  EXPECT_EQ(tokenizer.encode("a").size(), 0);
}

TEST(PostProcessorFiles, StringsHaveTheLimitOfAddedTokens) {
  using enum ErrorKind;
  const Json around{token_x, text_a};
  const auto named = [&](std::size_t bytes) {
    return processing(around, only_a,
                      special(Json::array({5}), Json::array({std::string(bytes, 'z')})));
  };
  EXPECT_EQ(load(named(256)).encode("a").size(), 2);
  refuse(resource_limit, {"/post_processor/special_tokens/X/tokens/0", "256"}, named(257));
  const Json bert = {
      {"type", "BertProcessing"}, {"sep", {std::string(257, 'z'), 2}}, {"cls", {"[CLS]", 1}}};
  refuse(resource_limit, {"/post_processor/sep/0", "256"}, bert);
}

TEST(PostProcessorFiles, WindowsCountWhatStandsAroundThem) {
  const Json around{token_x, token_x, text_a};
  const Tokenizer tokenizer =
      load(processing(around, only_a, special(Json(950, 5), Json::array())));
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "a ";
  const EncodeOptions options{.truncation = Truncation{.max_length = 1901}};
  EXPECT_EQ(tokenizer.encode(text, options).size(), 1901);
  EXPECT_EQ(tokenizer.encode_windows("a a a", options).size(), 3U);
  const CostLimit limit;
  expect_error(ErrorKind::resource_limit, {"windows", "16777216"},
               [&] { return tokenizer.encode_windows(text, options); });
}

TEST(PostProcessorFiles, StringsOfTokensAroundWindowsCount) {
  const Json names(20, std::string(256, 'z'));
  const Tokenizer tokenizer =
      load(processing(Json{token_x, text_a}, only_a, special(Json(20, 5), names)));
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "a ";
  // 100,000 windows of 21 tokens are few, with their strings they have half a gigabyte.
  const CostLimit limit;
  expect_error(ErrorKind::resource_limit, {"windows", "16777216"}, [&] {
    return tokenizer.encode_windows(text, {.truncation = Truncation{.max_length = 21}});
  });
}

// As tokenizers 0.22.2 does. Its list of tokens is then shorter than that of ids.
TEST(PostProcessorFiles, IdsWithoutStrings) {
  const Json around{token_x, text_a};
  const Tokenizer none = load(processing(around, only_a, special({99'999, 1}, Json::array())));
  const Encoding found = none.encode("a");
  EXPECT_EQ(found.ids, (std::vector<TokenId>{99'999, 1, 3}));
  EXPECT_EQ(none.tokens(found), (std::vector<std::string_view>{"", "[CLS]", "a"}));
  const Tokenizer fewer =
      load(processing(around, only_a, special({99'999, 99'998}, Json::array({"X"}))));
  EXPECT_EQ(fewer.tokens(fewer.encode("a")), (std::vector<std::string_view>{"X", "", "a"}));
}

TEST(PostProcessorFiles, WhatTheReferenceRefuses) {
  using enum ErrorKind;
  refuse(tokenizer_error, {"/post_processor/special_tokens", "null"},
         processing(only_a, only_a, nullptr));
  Json both = text_a;
  both.update(token_x);
  refuse(tokenizer_error, {"/post_processor/single/0", "one key"},
         processing(Json::array({both}), only_a, special(Json::array({5}), Json::array({"X"}))));
  // No piece names it.
  refuse(tokenizer_error, {"/post_processor/special_tokens/X/ids/0", "-1"},
         processing(only_a, only_a, special(Json::array({-1}), Json::array({"X"}))));
}

TEST(PostProcessorFiles, ErrorsSayWhichPostProcessorNamesAnAbsentText) {
  const Json text_b = piece("Sequence", "B");
  const Json second = processing(Json{text_a, text_b}, Json{text_a, text_b}, Json::object());
  const Tokenizer alone = load(second);
  expect_error(ErrorKind::tokenizer_error, {"piece 2", "template 1", "one text", "B"},
               [&] { return alone.encode("a"); });
  EXPECT_EQ(alone.encode_pair("a", "A").size(), 2);
  const Json twice = processing(Json{text_a, text_a, text_a}, only_a, Json::object());
  const Tokenizer behind =
      load({{"type", "Sequence"}, {"processors", Json::array({twice, second})}});
  expect_error(ErrorKind::tokenizer_error, {"template 2", "3 parts"},
               [&] { return behind.encode("a"); });
}

}  // namespace
}  // namespace attend::test
