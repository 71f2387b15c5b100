// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Readers of normalizers and pre-tokenizers: defaults of fields that may be missing, and every way
// for a component to be wrong as an error that names the field.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "attend/text/base64.h"
#include "support/error_of.h"
#include "tokenizer/tokenizer_json.h"

namespace attend::test {
namespace {

JsonDocument document(std::string_view json) {
  return parse_json(json, "tokenizer.json",
                    {.where = "test", .field_error = ErrorKind::tokenizer_error});
}

std::vector<NormalizerStep> normalizer(std::string_view json) {
  const JsonDocument file = document(json);
  return read_normalizer(file.root()).steps;
}

std::vector<PreTokenizerStep> pre_tokenizer(std::string_view json) {
  const JsonDocument file = document(json);
  return read_pre_tokenizer(file.root());
}

TEST(ComponentsJson, Defaults) {
  const auto metaspace = std::get<MetaspaceSplit>(
      pre_tokenizer(R"({"type": "Metaspace", "replacement": "_", "str_rep": "x"})").at(0));
  EXPECT_EQ(metaspace.replacement, U'_');
  EXPECT_EQ(metaspace.prepend_scheme, PrependScheme::always);
  EXPECT_TRUE(metaspace.split);
  const auto byte_level = std::get<ByteLevelSplit>(
      pre_tokenizer(R"({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true})")
          .at(0));
  EXPECT_FALSE(byte_level.add_prefix_space);
  EXPECT_TRUE(byte_level.use_regex);
  const auto fixed = std::get<SplitFixedLength>(pre_tokenizer(R"({"type": "FixedLength"})").at(0));
  EXPECT_EQ(fixed.length, 5);
  const auto punctuation = std::get<Split>(pre_tokenizer(R"({"type": "Punctuation"})").at(0));
  EXPECT_EQ(punctuation.behavior, SplitBehavior::isolated);
  EXPECT_TRUE(pre_tokenizer("null").empty());
  EXPECT_TRUE(normalizer("null").empty());
}

// What tokenizers 0.22 makes of " a b" cut into the tokens " a" and " b".
TEST(ComponentsJson, AnEmptySequenceOfDecodersInsideAnotherDoesNothing) {
  const auto decoded = [](std::string_view json) {
    const JsonDocument file = document(json);
    return read_decoder(file.root()).steps.size();
  };
  EXPECT_EQ(decoded("null"), 0U);
  EXPECT_EQ(decoded(R"({"type": "Sequence", "decoders": []})"), 1U) << "which joins";
  EXPECT_EQ(decoded(R"({"type": "Sequence", "decoders": [{"type": "Sequence", "decoders": []}]})"),
            1U);
  EXPECT_EQ(decoded(R"({"type": "Sequence", "decoders": [{"type": "Sequence", "decoders": []},
                        {"type": "Metaspace", "replacement": "_", "prepend_scheme": "always"}]})"),
            1U);
}

TEST(ComponentsJson, CharsmapsWithoutRules) {
  EXPECT_TRUE(normalizer(R"({"type": "Precompiled"})").empty());
  const auto steps = normalizer(R"({"type": "Precompiled", "precompiled_charsmap": ""})");
  NormalizedText text("\uFB01");
  Normalizer{steps}(text);
  EXPECT_EQ(text.text(), "\uFB01");
}

struct Refused {
  std::string json;
  std::string_view field;
  std::string_view words;
  ErrorKind kind = ErrorKind::tokenizer_error;
};

TEST(ComponentsJson, RefusedNormalizers) {
  const std::vector<Refused> all = {
      {R"({"type": "Nope"})", "/type", "Precompiled", ErrorKind::unsupported},
      {R"({"type": "Sequence", "normalizers": [{"type": "nfc"}]})", "/normalizers/0/type", "nfc",
       ErrorKind::unsupported},
      {R"({"type": "Replace", "pattern": "a", "content": "b"})", "/pattern", ""},
      {R"({"type": "Replace", "pattern": {"Glob": "a"}, "content": "b"})", "/pattern/String", ""},
      {R"({"type": "Replace", "pattern": {"Regex": "a"}})", "/content", ""},
      {R"({"type": "Replace", "pattern": {"Regex": "[z-a]"}, "content": ""})", "/pattern/Regex",
       "empty range in char class"},
      {R"({"type": "Replace", "pattern": {"Regex": 5}, "content": ""})", "/pattern/Regex", "5"},
      {R"({"type": "Replace", "pattern": {"Regex": "((a{999}){999}){999}"}, "content": ""})",
       "/pattern/Regex", "steps", ErrorKind::resource_limit},
      {R"({"type": "Precompiled", "precompiled_charsmap": null})", "/precompiled_charsmap", ""},
      {R"({"type": "Precompiled", "precompiled_charsmap": "***"})", "/precompiled_charsmap",
       "base64"},
      {R"({"type": "Precompiled", "precompiled_charsmap": "AAA="})", "/precompiled_charsmap",
       "2 bytes"},
      {R"({"type": "Strip", "strip_left": true})", "/strip_right", ""},
      {R"({"type": "Prepend"})", "/prepend", ""},
  };
  for (const Refused& refused : all) {
    SCOPED_TRACE(refused.json);
    expect_error(refused.kind, {refused.field, refused.words, "tokenizer.json"},
                 [&] { return normalizer(refused.json); });
  }
}

TEST(ComponentsJson, RefusedPreTokenizers) {
  const std::vector<Refused> all = {
      {R"({"type": "Nope"})", "/type", "UnicodeScripts", ErrorKind::unsupported},
      {R"({"type": "ByteLevel", "add_prefix_space": false})", "/trim_offsets", ""},
      {R"({"type": "Metaspace"})", "/replacement", ""},
      {R"({"type": "Metaspace", "replacement": "ab"})", "/replacement", "ab"},
      {R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "sometimes"})",
       "/prepend_scheme", "sometimes"},
      {R"({"type": "Split", "pattern": {"String": "a"}, "behavior": "Removed"})", "/invert", ""},
      {R"({"type": "Split", "pattern": {"String": "a"}, "behavior": "removed", "invert": true})",
       "/behavior", "removed"},
      {R"({"type": "Split", "pattern": {"Regex": "(a"}, "behavior": "Removed", "invert": true})",
       "/pattern/Regex", "unmatched parenthesis"},
      {R"({"type": "Digits"})", "/individual_digits", ""},
      {R"({"type": "CharDelimiterSplit", "delimiter": ""})", "/delimiter", ""},
      {R"({"type": "FixedLength", "length": 0})", "/length", "0"},
      {R"({"type": "FixedLength", "length": 1e30})", "/length", ""},
  };
  for (const Refused& refused : all) {
    SCOPED_TRACE(refused.json);
    expect_error(refused.kind, {refused.field, refused.words, "tokenizer.json"},
                 [&] { return pre_tokenizer(refused.json); });
  }
}

}  // namespace
}  // namespace attend::test
