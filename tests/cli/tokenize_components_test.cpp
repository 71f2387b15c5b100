// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run tokenize --model FILE` for small files of every component, against tokenizers 0.22:
// those in tests/tokenizer/data always, all of them where the shared references are. What such a
// file stores of truncation and padding the call says by its parameters, as in transformers.
#include <gtest/gtest.h>

#include "cli/json_filter.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;
using test::Json;

std::string in_words(const std::string& strategy) {
  if (strategy == "LongestFirst") return "longest_first";
  return strategy == "OnlyFirst" ? "only_first" : "only_second";
}

Json parameters_of(const Json& file) {
  Json out = Json::object();
  const Json truncation = file.value("truncation", Json());
  if (!truncation.is_null()) {
    out = {{"truncation", in_words(truncation["strategy"])},
           {"max_length", truncation["max_length"]},
           {"stride", truncation["stride"]},
           {"return_overflowing_tokens", true}};
  }
  const Json padding = file.value("padding", Json());
  if (padding.is_null()) return out;
  const bool is_fixed = padding["strategy"].is_object();
  out["padding"] = is_fixed ? "max_length" : "longest";
  if (is_fixed && truncation.is_null()) out["max_length"] = padding["strategy"]["Fixed"];
  out["pad_to_multiple_of"] = padding["pad_to_multiple_of"];
  return out;
}

Json request_of(const Json& one_case, Json parameters) {
  const bool is_words = one_case.contains("words");
  Json inputs = {{"text", one_case[is_words ? "words" : "text"]}};
  const char* pair = is_words ? "pair_words" : "pair";
  if (one_case.contains(pair)) inputs["text_pair"] = one_case[pair];
  parameters["is_split_into_words"] = is_words;
  parameters["add_special_tokens"] = one_case.value("add_special_tokens", true);
  return {{"inputs", std::move(inputs)}, {"parameters", std::move(parameters)}};
}

// An empty pair is none for a call of transformers, and an empty second text for tokenizers.
bool has_empty_pair(const Json& one_case) {
  for (const char* pair : {"pair", "pair_words"}) {
    if (one_case.contains(pair) && one_case[pair].empty()) return true;
    if (one_case.contains(pair) && one_case[pair] == "") return true;
  }
  return false;
}

// The rows of a recorded encoding, under the names of the call.
Json expected_rows(const Json& recorded, bool is_padded) {
  Json out = Json::object();
  const auto add = [&](const Json& window) {
    const Json encoding = test::expected_encoding(window);
    out["input_ids"].push_back(encoding["ids"]);
    out["special_tokens_mask"].push_back(encoding["special_tokens_mask"]);
    out["offset_mapping"].push_back(encoding["offsets"]);
    if (is_padded) {
      out["attention_mask"].push_back(window["attention_mask"]);
    } else {  // the type id of padding is the file's, which a call does not ask
      out["token_type_ids"].push_back(encoding["type_ids"]);
    }
  };
  add(recorded);
  for (const Json& window : recorded.value("overflowing", Json::array())) add(window);
  return out;
}

void check_answer(const Json& found, const Json& one_case, const Json& file) {
  // The answer holds the text of the ids, too, and the reference may fail there.
  const bool fails_to_decode = one_case.value("decode", Json()).is_object();
  if (one_case.contains("error") || one_case.contains("panic") || fails_to_decode) {
    EXPECT_TRUE(found.contains("error")) << found;
    return;
  }
  ASSERT_FALSE(found.contains("error")) << found;
  const bool is_padded = !file.value("padding", Json()).is_null();
  const bool has_rows = !file.value("truncation", Json()).is_null();
  const Json expected = expected_rows(one_case, is_padded);
  for (const auto& [name, rows] : expected.items()) {
    EXPECT_EQ(has_rows ? found[name] : Json::array({found[name]}), rows) << name;
  }
  if (has_rows) return;
  EXPECT_EQ(found["word_ids"], one_case["word_ids"]);
  if (one_case.value("decode", Json()).is_string()) {
    EXPECT_EQ(found["decoded"], one_case["decode"]);
    EXPECT_EQ(found["decoded_without_special_tokens"], one_case["decode_skip_special"]);
  }
}

std::size_t check_file(const fs::path& path) {
  std::string name = path.filename().string();
  name.replace(name.size() - std::string_view("tokenizer.json").size(), std::string::npos,
               "cases.json");
  SCOPED_TRACE(path.parent_path().filename().string() + "/" + name);
  const Json file = test::read_json_file(path);
  std::vector<Json> cases;
  std::vector<InputLine> lines;
  const Json recorded = test::read_json_file(path.parent_path() / name);
  for (const Json& one_case : recorded["cases"]) {
    if (has_empty_pair(one_case)) continue;
    cases.push_back(one_case);
    lines.push_back({request_of(one_case, parameters_of(file)).dump()});
  }
  const auto answers = JsonFilter("tokenize", path.string()).answer(lines);
  EXPECT_EQ(answers.lines.size(), cases.size());
  for (std::size_t i = 0; i < answers.lines.size(); ++i) {
    SCOPED_TRACE(lines[i].text);
    check_answer(test::json_of(answers.lines[i]), cases[i], file);
  }
  return cases.size();
}

void check_files(const fs::path& folder, std::size_t expected_files) {
  std::size_t files = 0;
  std::size_t cases = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.path().string().ends_with(".tokenizer.json")) continue;
    cases += check_file(entry.path());
    ++files;
  }
  EXPECT_EQ(files, expected_files);
  EXPECT_GT(cases, 38 * expected_files);
  test::report_cases("run tokenize, " + std::to_string(files) + " components", cases);
}

TEST(TokenizeComponents, CopiedFiles) {
  check_files(test::tests_folder() / "tokenizer/data/components", 30);
}

TEST(TokenizeComponents, AllFiles) {
  const auto archive = test::shared("golden-tokenizers/components.tar.xz");
  if (!archive) GTEST_SKIP() << "golden-tokenizers/components.tar.xz is not there";
  const test::TemporaryFolder folder;
  test::unpack(*archive, folder.path());
  check_files(folder.path(), 247);
}

}  // namespace
}  // namespace attend::cli
