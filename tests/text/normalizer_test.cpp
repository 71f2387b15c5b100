// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Steps of normalization: the text they make and the characters that each of its characters stands
// for, against 60 random texts through tokenizers 0.22.2 (text/data/alignment.json).
#include "attend/text/normalizer.h"

#include <gtest/gtest.h>

#include <map>

#include "attend/text/utf8.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::test {
namespace {

// [[character, [begin, end]], ...], offsets in code points of the source.
Json characters(const NormalizedText& text, std::string_view source) {
  const CodePointIndex index(source);
  Json out = Json::array();
  for (Index at = 0; at < static_cast<Index>(text.text().size());) {
    const CodePoint c =
        decode_utf8(std::string_view(text.text()).substr(static_cast<std::size_t>(at)));
    const TextRange range{at, at + c.length};
    const TextRange from = text.source(range);
    out.push_back({text.text(range), {index.code_points(from.begin), index.code_points(from.end)}});
    at += c.length;
  }
  return out;
}

TEST(Normalizer, TextAndAlignment) {
  const std::map<std::string, std::vector<NormalizerStep>> normalizers = {
      {"nfc", {UnicodeForm::nfc}},
      {"nfd", {UnicodeForm::nfd}},
      {"nfkc", {UnicodeForm::nfkc}},
      {"nfkd", {UnicodeForm::nfkd}},
      {"lower", {Lowercase{}}},
      {"bert", bert_normalizer({})},
      {"accents", {DropMarks{}}},
      {"strip", {StripBlanks{.left = true, .right = true}}},
      {"nmt", {CleanNmt{}}},
      {"prepend", {PrependText{"\u2581x"}}},
      {"replace", {ReplaceText{"a", "<b\u00E9>"}}},
      {"replace_empty", {ReplaceText{"", "x"}}},
      {"delete", {ReplaceText{"a", ""}}}};
  std::size_t checked = 0;
  for (const Json& row : read_json_file(tests_folder() / "text" / "data" / "alignment.json")) {
    const std::string source = row["text"];
    for (const auto& [name, steps] : normalizers) {
      NormalizedText text(source);
      Normalizer{steps}(text);
      EXPECT_EQ(characters(text, source), row.at(name)) << name << " of " << row["text"];
      ++checked;
    }
  }
  report_cases("alignment", checked);
}

TEST(Normalizer, OffsetsCountFromWhereThePieceStands) {
  NormalizedText text("\u00C9a", 10);
  Normalizer{bert_normalizer({})}(text);
  EXPECT_EQ(text.text(), "ea");
  EXPECT_EQ(text.source({0, 1}), (TextRange{10, 12}));
  EXPECT_EQ(text.source({1, 2}), (TextRange{12, 13}));
  EXPECT_EQ(text.source({0, 2}), (TextRange{10, 13}));
}

// As recorded in normalizer/prepend-2 of the shared components.
TEST(Normalizer, EmptyPrefixTakesTheAlignmentOfTheFirstCharacter) {
  NormalizedText text("\u00C9a", 10);
  Normalizer{{PrependText{""}}}(text);
  EXPECT_EQ(text.text(), "\u00C9a");
  EXPECT_EQ(text.source({0, 2}), (TextRange{10, 10}));
  EXPECT_EQ(text.source({2, 3}), (TextRange{12, 13}));
}

TEST(Normalizer, OptionsOfBert) {
  const auto apply = [](const BertNormalizerOptions& options) {
    NormalizedText text("\u00C9\t\u4E2D\u200Bx\u00A0");
    Normalizer{bert_normalizer(options)}(text);
    return text.text();
  };
  EXPECT_EQ(apply({}), "e  \u4E2D x ");
  EXPECT_EQ(apply({.clean_text = false}), "e\t \u4E2D \u200Bx\u00A0");
  EXPECT_EQ(apply({.handle_chinese_chars = false}), "e \u4E2Dx ");
  EXPECT_EQ(apply({.strip_accents = false}), "\u00E9  \u4E2D x ");
  EXPECT_EQ(apply({.lowercase = false}), "E  \u4E2D x ");
}

}  // namespace
}  // namespace attend::test
