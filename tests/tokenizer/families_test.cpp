// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every tokenizer class with small files of its own, against what transformers 4.57 gives; see
// data/families/README.md.
#include "support/families.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "support/tokenizer_cases.h"
#include "tokenizer/tokenizer_class.h"

namespace attend::test {
namespace {

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

// How the class is called: SeamlessM4T's pads to an even number of tokens.
struct Call {
  TextSide side = TextSide::source;
  Index pad_to_multiple_of = 1;
};

Encoding encode(const Tokenizer& tokenizer, const Source& source, const Call& call,
                bool add_special_tokens) {
  auto found = encode_source(tokenizer, source,
                             {.add_special_tokens = add_special_tokens, .side = call.side});
  found.resize(1);
  if (call.pad_to_multiple_of == 1) return std::move(found[0]);
  return tokenizer.pad(std::move(found), {.pad_to_multiple_of = call.pad_to_multiple_of})[0]
      .encoding;
}

void check_case(const Tokenizer& tokenizer, const Json& one_case, const Call& call) {
  const Source source = source_of(one_case);
  const Encoding found = encode(tokenizer, source, call, true);
  const Json encoding = as_json(tokenizer, found, source);
  EXPECT_EQ(encoding["ids"], one_case["ids"]);
  if (one_case.contains("offsets")) {
    Json offsets = Json::array();
    // transformers counts the blank that it puts before the first text of Code Llama's pairs.
    const bool counts_blank = source.has_second && tokenizer.id_of("\u2581<PRE>").has_value();
    for (std::size_t i = 0; i < encoding["offsets"].size(); ++i) {
      for (const Json& end : encoding["offsets"][i]) {
        const auto place = end.get<Index>();
        const bool is_moved = counts_blank && found.sequence_ids[i] == 0 && place > 0;
        offsets.push_back(is_moved ? place + 1 : place);
      }
    }
    EXPECT_EQ(offsets, one_case["offsets"]);
    EXPECT_EQ(encoding["word_ids"], one_case["word_ids"]);
  }
  if (one_case.contains("type_ids")) {
    EXPECT_EQ(encoding["type_ids"], one_case["type_ids"]);
  }
  const Encoding plain = encode(tokenizer, source, call, false);
  EXPECT_EQ(Json(plain.ids), one_case["ids_without_special"]);
  EXPECT_EQ(tokenizer.decode(found.ids), one_case["decode"]);
  EXPECT_EQ(tokenizer.decode(found.ids, {.skip_special_tokens = true}),
            one_case["decode_skip_special"]);
}

TEST(TokenizerFamilies, SmallFilesOfEveryClass) {
  const Families families;
  std::size_t cases = 0;
  for (const Json& set : families.sets()) {
    SCOPED_TRACE(set["name"].get<std::string>());
    const Tokenizer tokenizer = families.load(set);
    check_settings(tokenizer, set["settings"]);
    const bool is_seamless = set["config"]["tokenizer_class"] == "SeamlessM4TTokenizer";
    const Call call{.side = set.value("target", false) ? TextSide::target : TextSide::source,
                    .pad_to_multiple_of = is_seamless ? 2 : 1};
    for (const Json& one_case : set["cases"]) {
      SCOPED_TRACE(one_case.dump());
      check_case(tokenizer, one_case, call);
      ++cases;
    }
  }
  EXPECT_EQ(families.sets().size(), 94U);
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
