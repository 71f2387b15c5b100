// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every tokenizer class with small files of its own, against what transformers 4.57 gives; see
// data/families/README.md.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "support/open_cases.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"
#include "tokenizer/tokenizer_class.h"

namespace attend::test {
namespace {

Tokenizer load(const Json& set, const Json& tokenizer_json) {
  const TemporaryFolder folder;
  for (const auto& [to, from] : set["files"].items()) {
    const std::string name = from;
    write_file(folder.path() / to,
               to == "tokenizer.json"
                   ? tokenizer_json.at(name).dump()
                   : read_file(tests_folder() / "tokenizer/data/families" / name));
  }
  write_file(folder.path() / "tokenizer_config.json", set["config"].dump());
  return Tokenizer::load(folder.path());
}

void check_settings(const Tokenizer& tokenizer, const Json& expected) {
  const TokenizerSettings& settings = tokenizer.settings();
  EXPECT_EQ(settings.clean_up_tokenization_spaces, expected["clean_up_tokenization_spaces"]);
  EXPECT_EQ(settings.padding_side == Side::left ? "left" : "right", expected["padding_side"]);
  const Json& length = expected["model_max_length"];
  EXPECT_EQ(settings.model_max_length,
            length.is_null() ? std::nullopt : std::optional(length.get<Index>()));
  for (const auto& [content, id] : expected["added_vocab"].items()) {
    EXPECT_EQ(tokenizer.id_of(content), id.get<TokenId>()) << content;
  }
  for (const Json& id : expected["all_special_ids"]) EXPECT_TRUE(tokenizer.is_special(id)) << id;
}

void check_case(const Tokenizer& tokenizer, const Json& one_case, TextSide side) {
  const Source source = source_of(one_case);
  const auto found = encode_source(tokenizer, source, {.side = side});
  const Json encoding = as_json(tokenizer, found[0], source);
  EXPECT_EQ(encoding["ids"], one_case["ids"]);
  if (one_case.contains("offsets")) {
    Json offsets = Json::array();
    for (const Json& range : encoding["offsets"]) {
      for (const Json& end : range) offsets.push_back(end);
    }
    EXPECT_EQ(offsets, one_case["offsets"]);
    EXPECT_EQ(encoding["word_ids"], one_case["word_ids"]);
  }
  if (one_case.contains("type_ids")) {
    EXPECT_EQ(encoding["type_ids"], one_case["type_ids"]);
  }
  const auto plain = encode_source(tokenizer, source, {.add_special_tokens = false, .side = side});
  EXPECT_EQ(Json(plain[0].ids), one_case["ids_without_special"]);
  EXPECT_EQ(tokenizer.decode(found[0].ids), one_case["decode"]);
  EXPECT_EQ(tokenizer.decode(found[0].ids, {.skip_special_tokens = true}),
            one_case["decode_skip_special"]);
}

TEST(TokenizerFamilies, SmallFilesOfEveryClass) {
  const Json all = read_json_file(tests_folder() / "tokenizer/data/families/families.json");
  std::size_t cases = 0;
  for (const Json& set : all["sets"]) {
    if (is_open(set["name"].get<std::string>())) continue;
    SCOPED_TRACE(set["name"].get<std::string>());
    const Tokenizer tokenizer = load(set, all["tokenizer_json"]);
    check_settings(tokenizer, set["settings"]);
    const TextSide side = set.value("target", false) ? TextSide::target : TextSide::source;
    for (const Json& one_case : set["cases"]) {
      SCOPED_TRACE(one_case.dump());
      check_case(tokenizer, one_case, side);
      ++cases;
    }
  }
  EXPECT_EQ(all["sets"].size(), 90U);
  report_cases("tokenizer families", cases);
}

TEST(TokenizerClasses, NamesAndModelTypesAreThereOnce) {
  std::set<std::string_view> names;
  std::set<std::string_view> types;
  for (const TokenizerClass& one : tokenizer_classes()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_EQ(find_tokenizer_class(one.name), &one);
    EXPECT_EQ(one.recipe == nullptr, one.slow_files.empty()) << one.name;
    for (const std::string_view type : split_words(one.model_types)) {
      EXPECT_TRUE(types.insert(type).second) << type;
      EXPECT_EQ(find_class_of_model(type), &one) << type;
    }
  }
  EXPECT_EQ(find_class_of_model("gpt"), nullptr);  // a part of a word is none
  EXPECT_EQ(find_class_of_model(""), nullptr);
  EXPECT_EQ(find_tokenizer_class("NopeTokenizer"), nullptr);
}

}  // namespace
}  // namespace attend::test
