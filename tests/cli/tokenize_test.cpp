// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run tokenize` beyond the recorded calls of tokenize_cases.json: what is refused and why,
// and the windows and paddings of the shared references.
#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cli/json_filter.h"
#include "support/families.h"
#include "support/json_difference.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;
using test::Json;

Json answer(const JsonFilter& filter, const Json& inputs, const Json& parameters) {
  const InputLine line{Json{{"inputs", inputs}, {"parameters", parameters}}.dump()};
  return test::json_of(filter.answer({&line, 1}).lines.at(0));
}

TEST(Tokenize, Refusals) {
  const JsonFilter filter("tokenize",
                          (test::tests_folder() / "golden/bert-token-classification").string());
  const Json words = {{"is_split_into_words", true}};
  const struct {
    Json inputs;
    Json parameters;
    std::string_view reason;
  } rows[] = {
      {"a", {{"return_tensors", "pt"}}, "unknown parameter \"return_tensors\""},
      {"a", {{"is_split_into_words", "yes"}}, "/parameters/is_split_into_words"},
      {"a", {{"return_length", 1}}, "/parameters/return_length"},
      {"a", {{"stride", -1}}, "/parameters/stride"},
      {"a", {{"pad_to_multiple_of", 0}}, "/parameters/pad_to_multiple_of"},
      {"a", {{"padding_side", "top"}}, "\"right\", \"left\""},
      {"a", {{"padding", "longer"}}, "\"longest\", \"max_length\", \"do_not_pad\""},
      {"a", {{"truncation", true}, {"max_length", 3}, {"stride", 2}}, "stride 2"},
      {7, Json::object(), "a text or {"},
      {{7}, Json::object(), "a text or {"},
      {Json::array(), Json::object(), "at least one text"},
      {{{"text", 7}}, Json::object(), "/inputs/text"},
      {{{"text_pair", "a"}}, Json::object(), "\"text\" beside it"},
      {{{"text", "a"}, {"text_pair_target", "a"}}, Json::object(), "\"text_target\" beside it"},
      {Json::object(), Json::object(), "the key \"text\" or \"text_target\""},
      {{{{"text", "a"}, {"text_target", "b"}}, {{"text", "c"}}},
       Json::object(),
       "the same keys in all texts"},
      {"a", words, "/inputs"},
      {{"a", {"b"}}, words, "/inputs/1"},
      {{{"a"}, "b"}, words, "/inputs/1"},
      {{{"text", "a b"}}, words, "/inputs/text"},
  };
  for (const auto& [inputs, parameters, reason] : rows) {
    SCOPED_TRACE(inputs.dump() + " " + parameters.dump());
    const Json found = answer(filter, inputs, parameters);
    ASSERT_TRUE(found.contains("error")) << found;
    const auto message = found["error"]["message"].get<std::string>();
    EXPECT_NE(message.find(reason), std::string::npos) << message;
  }
}

// What our message has where the reference's begins so: not any error will do.
std::string_view reason_of(const Json& expected) {
  static const std::map<std::string_view, std::string_view> reasons{
      {"Truncation and padding are both activated but truncation len", "pad_to_multiple_of"},
      {"Asking to pad but the tokenizer does not have a padding toke", "a padding token"},
      {"Truncation error: Sequence to truncate too short", "too many in all"},
      {"`stride` must be strictly less than", "stride"},
      {"unsupported operand type(s) for -: 'int' and 'NoneType'", "return_overflowing_tokens"},
      {"Not possible to return overflowing tokens for pair", "a pair under longest_first"},
      {"tokenizer stride set to", "stride"},
      {"Asking to return token_type_ids while", "return_token_type_ids"},
      {"Input is not valid", "at least one word"},
      {"list index out of range", "at least one word"},
      {"Input [] is not valid", "at least one word"},
  };
  const auto theirs = expected[expected.contains("panic") ? "panic" : "error"].get<std::string>();
  for (const auto& [begin, reason] : reasons) {
    if (theirs.starts_with(begin)) return reason;
  }
  throw std::runtime_error("an error that nobody has looked at: " + theirs);
}

void check_reason(const Json& found, std::string_view reason) {
  const auto message = found["error"]["message"].get<std::string>();
  EXPECT_NE(message.find(reason), std::string::npos) << "no \"" << reason << "\" in " << message;
}

void check_call(const Json& record, const fs::path& folder) {
  const Json found =
      answer(JsonFilter("tokenize", folder.string()), record["inputs"], record["parameters"]);
  const Json& expected = record["expected"];
  ASSERT_EQ(found.contains("error"), expected.contains("error")) << found;
  if (expected.contains("error")) {
    return check_reason(found, reason_of(expected));
  }
  for (const char* key :
       {"input_ids", "token_type_ids", "attention_mask", "labels", "overflow_to_sample_mapping",
        "overflowing_tokens", "num_truncated_tokens", "length"}) {
    EXPECT_EQ(found.value(key, Json()), expected.value(key, Json())) << key;
  }
}

// Classes that pad by themselves, return no mask, cut no windows or fill gaps of single texts
// alone; calls recorded with transformers 4.57.6, of folders and of what is saved of them.
TEST(Tokenize, ClassesWithCallsOfTheirOwn) {
  const test::Families families;
  const Json records = test::read_json_file(test::tests_folder() / "cli/tokenize_classes.json");
  for (const Json& record : records) {
    SCOPED_TRACE(record.dump());
    const Json& set = families.set(record["set"].get<std::string>());
    const test::TemporaryFolder folder;
    families.write(set, folder.path());
    Json config = set["config"];
    if (record.contains("config")) config.update(record["config"]);
    test::write_file(folder.path() / "tokenizer_config.json", config.dump());
    check_call(record, folder.path());
    Tokenizer::load(folder.path()).save(folder.path() / "saved");
    check_call(record, folder.path() / "saved");
  }
  EXPECT_EQ(records.size(), 43U);
}

// Random calls of the classes that only Python has, which treat more parameters in their own way.
TEST(Tokenize, CallsOfPythonClasses) {
  const test::Families families;
  const Json records = test::read_json_file(test::tests_folder() / "cli/tokenize_python.json");
  for (const Json& record : records) {
    SCOPED_TRACE(record.dump());
    const Json& set = families.set(record["set"].get<std::string>());
    const test::TemporaryFolder folder;
    families.write(set, folder.path());
    Json config = set["config"];
    config.update(record["config"]);
    test::write_file(folder.path() / "tokenizer_config.json", config.dump());
    check_call(record, folder.path());
  }
  EXPECT_EQ(records.size(), 160U);
}

// As tokenizers 0.22 has it: the encoding has the file's string for the token, its id is decoded as
// nothing, and transformers converts it to None.
TEST(Tokenize, TemplateWithAnIdThatNoTokenHas) {
  Json file = test::read_json_file(
      test::tests_folder() / "tokenizer/data/components/post_processor/wp-bert.tokenizer.json");
  file["post_processor"]["cls"] = {"[CLS]", 99'999};
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "tokenizer.json";
  test::write_file(path, file.dump());
  const Json found = answer(JsonFilter("tokenize", path.string()), "", Json::object());
  const Json sep = file["post_processor"]["sep"];
  EXPECT_EQ(found["input_ids"], Json({99'999, sep[1]})) << found;
  EXPECT_EQ(found["tokens"], Json({nullptr, sep[0]}));
  EXPECT_EQ(found["decoded"], sep[0]);
  EXPECT_EQ(found["decoded_without_special_tokens"], "");
  const Tokenizer tokenizer = Tokenizer::load(path);
  EXPECT_EQ(tokenizer.tokens(tokenizer.encode("")),
            (std::vector<std::string_view>{"[CLS]", "[SEP]"}));
}

// Many windows of a long text: each costs what it has, not what the text has.
TEST(Tokenize, ManyWindowsOfALongText) {
  const JsonFilter filter("tokenize",
                          (test::tests_folder() / "golden/bert-token-classification").string());
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "caf\u00E9 ";
  const Json found = answer(
      filter, text, {{"truncation", true}, {"max_length", 8}, {"return_overflowing_tokens", true}});
  EXPECT_GT(found["input_ids"].size(), 3'000U);
  EXPECT_EQ(found["offset_mapping"].back().back(), Json::array({0, 0}));
}

// Batches of texts as the call of transformers has them, as inputs of ours.
Json inputs_of(const Json& one_case) {
  const Json& text = one_case["text"];
  const auto one = [&](const Json& first, const Json& second) {
    return second.is_null() ? Json{{"text", first}} : Json{{"text", first}, {"text_pair", second}};
  };
  const Json pair = one_case.value("pair", Json());
  if (!text.is_array()) return one(text, pair);
  Json out = Json::array();
  for (std::size_t i = 0; i < text.size(); ++i) {
    out.push_back(one(text[i], pair.is_null() ? pair : pair[i]));
  }
  return out;
}

// The folder of a set, with the pad token that was set by hand and the case's sides in its config.
void build(const Json& set, const Json& one_case, const fs::path& folder) {
  test::build_folder(set, folder);
  const fs::path file = folder / "tokenizer_config.json";
  Json config = fs::exists(file) ? test::read_json_file(file) : Json::object();
  config["padding_side"] = one_case["padding_side"];
  config["truncation_side"] = one_case["truncation_side"];
  if (!set["pad_token_set_to"].is_null()) config["pad_token"] = set["pad_token_set_to"];
  test::write_file(file, config.dump());
}

void check_set(const Json& set) {
  std::map<std::pair<Json, Json>, std::vector<Json>> by_sides;
  for (const Json& one_case : set["cases"]) {
    by_sides[{one_case["padding_side"], one_case["truncation_side"]}].push_back(one_case);
  }
  std::size_t cases = 0;
  for (const auto& [sides, list] : by_sides) {
    const test::TemporaryFolder folder;
    build(set, list[0], folder.path());
    const JsonFilter filter("tokenize", folder.path().string());
    for (const Json& one_case : list) {
      SCOPED_TRACE(one_case.dump().substr(0, 600));
      const Json found = answer(filter, inputs_of(one_case), one_case["options"]);
      const Json& expected = one_case["expected"];
      const bool fails = expected.contains("error") || expected.contains("panic");
      ASSERT_EQ(found.contains("error"), fails) << found;
      if (fails) {
        const bool is_empty = one_case["text"] == Json::array();  // refused for that alone
        check_reason(found, is_empty ? "at least one text" : reason_of(expected));
      }
      for (const auto& [key, values] : expected.items()) {
        const bool of_rows = key == "word_ids" || key == "sequence_ids";  // not the call's own
        if (fails || of_rows) continue;
        EXPECT_EQ(found.at(key), values) << key;
      }
      ++cases;
    }
  }
  test::report_cases("calls with windows and padding, " + set["name"].get<std::string>(), cases);
}

TEST(Tokenize, WindowsAndPaddingOfRealTokenizers) {
  const auto archive = test::shared("golden-tokenizers/truncation.tar.xz");
  if (!archive || !test::shared("data/tokenizers")) GTEST_SKIP() << "no shared references";
  const test::TemporaryFolder unpacked;
  test::unpack(*archive, unpacked.path());
  for (const char* name : {"bert-base-uncased"}) {
    SCOPED_TRACE(name);
    check_set(test::read_json_file(unpacked.path() / "truncation" / (std::string(name) + ".json")));
  }
}

}  // namespace
}  // namespace attend::cli
