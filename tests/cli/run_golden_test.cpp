// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every recorded case through `attend run`: inputs and parameters in, the answer of Python out.
// What cases look like is described in tests/golden/README.md.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "cli/json_filter.h"
#include "support/edited_model.h"
#include "support/error_of.h"
#include "support/golden.h"
#include "support/json_difference.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;
using Json = test::OrderedJson;

constexpr double golden_tolerance = 1e-5;   // README of the goldens
constexpr double bundled_tolerance = 1e-4;  // README of the default models: int8 weights
// Every value recorded for the embeddings model is a float16: the reference computed it in half
// precision, whose noise after six layers is about 3e-4 of a vector of length 1.
constexpr double half_precision_tolerance = 5e-4;

// So that none is passed over: change it with the folders.
constexpr std::size_t golden_cases = 1899;
constexpr std::size_t bundled_cases = 154;

Json read_cases(const fs::path& folder) {
  return test::ordered_json_of(test::read_file(folder / "cases.json"));
}

/// One filter a NAME, so that a folder is loaded once for each.
class Filters {
 public:
  explicit Filters(fs::path folder) : folder_(std::move(folder)) {}

  const JsonFilter& of(const std::string& name) {
    auto& filter = filters_[name];
    if (!filter) filter = std::make_unique<JsonFilter>(name, folder_.string());
    return *filter;
  }

 private:
  fs::path folder_;
  std::map<std::string, std::unique_ptr<JsonFilter>> filters_;
};

std::string name_of(const Json& one) {
  return one.contains("task") ? one["task"].get<std::string>() : one["call"].get<std::string>();
}

/// All but names that no task has, there or here.
bool is_answered(const Json& one) { return JsonFilter::knows(name_of(one)); }

/// The cases of a folder that are answered here.
Json cases_of(const fs::path& folder) {
  Json out = Json::array();
  for (const Json& one : read_cases(folder)) {
    if (is_answered(one)) out.push_back(one);
  }
  return out;
}

InputLine request_of(const Json& one) {
  Json inputs = one["inputs"];
  if (name_of(one) == "generate") inputs.erase("texts");  // where the ids came from
  return {Json{{"inputs", inputs}, {"parameters", one["parameters"]}}.dump()};
}

/// Where transformers has no fast tokenizer it says nothing of offsets, words and special tokens;
/// we do.
Json comparable(const Json& found, const Json& one) {
  const Json& expected = one["expected"];
  if (name_of(one) != "tokenize" || expected.contains("offset_mapping")) return found;
  Json out;
  for (const auto& [key, value] : found.items()) {
    if (expected.contains(key)) out[key] = value;
  }
  return out;
}

void check_case(const Json& one, const std::string& answer) {
  const Json found = test::ordered_json_of(answer);
  if (one.contains("raises")) {
    ASSERT_TRUE(found.is_object() && found.contains("error")) << answer.substr(0, 200);
    // Not because the request was not understood, and not for another case's reason.
    static const std::map<std::string, std::string> reasons{{"no-mask", "mask"},
                                                            {"empty-question", "question"},
                                                            {"stride-none", "aggregation"},
                                                            {"words", "add_prefix_space"},
                                                            {"words-delimiter", "add_prefix_space"},
                                                            {"no-labels", "label"},
                                                            {"no-language", "src_lang"}};
    const auto message = found["error"]["message"].get<std::string>();
    EXPECT_EQ(message.find("unknown parameter"), std::string::npos) << message;
    EXPECT_NE(message.find(reasons.at(one["id"])), std::string::npos) << message;
  } else {
    EXPECT_EQ(test::json_difference(comparable(found, one), one["expected"], golden_tolerance), "");
  }
}

TEST(RunGolden, EveryCaseOfEveryFolder) {
  std::size_t total = 0;
  for (const std::string& folder : test::golden_folders()) {
    SCOPED_TRACE(folder);
    const Json cases = cases_of(test::golden(folder));
    Filters filters(test::golden(folder));
    for (const Json& one : cases) {
      SCOPED_TRACE(one["id"].get<std::string>());
      const InputLine line = request_of(one);
      const auto answers = filters.of(name_of(one)).answer({&line, 1});
      ASSERT_EQ(answers.lines.size(), 1U);
      check_case(one, answers.lines[0]);
    }
    std::cout << "run: " << folder << ": " << cases.size() << " cases\n";
    total += cases.size();
  }
  std::cout << "run: " << total << " cases in " << test::golden_folders().size() << " folders\n";
  EXPECT_EQ(total, golden_cases);
}

// "translation_en_XX_to_ru_RU": the reference refuses codes with underscores, too.
TEST(RunGolden, NamesThatTheReferenceRefuses) {
  std::size_t total = 0;
  for (const std::string& folder : test::golden_folders()) {
    for (const Json& one : read_cases(test::golden(folder))) {
      const std::string name = name_of(one);
      if (JsonFilter::knows(name)) continue;
      EXPECT_TRUE(one.contains("raises")) << folder << ": " << name;
      test::expect_error(ErrorKind::config_error, {name, "translation_xx_to_yy"},
                         [&] { return JsonFilter(name, test::golden(folder).string()); });
      ++total;
    }
  }
  EXPECT_EQ(total, 3U);
}

// Neighbouring lines run together; that must change no byte of any answer.
TEST(RunGolden, ManyLinesAtOnceAreAnsweredLikeOneByOne) {
  for (const std::string& folder : test::golden_folders()) {
    SCOPED_TRACE(folder);
    Filters filters(test::golden(folder));
    std::map<std::string, std::vector<InputLine>> lines;
    for (const Json& one : cases_of(test::golden(folder))) {
      Json plain = one;
      plain["parameters"].erase("batch_size");
      lines[name_of(one)].push_back(request_of(plain));
    }
    for (const auto& [name, requests] : lines) {
      const auto together = filters.of(name).answer(requests, {.batch_size = 3});
      ASSERT_EQ(together.lines.size(), requests.size());
      for (std::size_t i = 0; i < requests.size(); ++i) {
        const auto alone = filters.of(name).answer({&requests[i], 1}, {.batch_size = 1});
        EXPECT_EQ(together.lines[i], alone.lines[0]) << requests[i].text.substr(0, 200);
      }
    }
  }
}

// The form of the weights changes no byte of any answer.
TEST(RunGolden, FoldersWithPytorchModelBinAnswerTheSame) {
  std::size_t total = 0;
  for (const std::string& name : test::golden_folders()) {
    SCOPED_TRACE(name);
    const test::TemporaryFolder folder;
    fs::copy(test::golden(name), folder.path(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    test::EditedModel model(folder.path());
    fs::remove(folder.path() / "model.safetensors");
    fs::copy_file(model.save_torch() / "pytorch_model.bin", folder.path() / "pytorch_model.bin");
    Filters filters(folder.path());
    Filters expected(test::golden(name));
    for (const Json& one : cases_of(folder.path())) {
      SCOPED_TRACE(one["id"].get<std::string>());
      const InputLine line = request_of(one);
      EXPECT_EQ(filters.of(name_of(one)).answer({&line, 1}).lines,
                expected.of(name_of(one)).answer({&line, 1}).lines);
      ++total;
    }
  }
  EXPECT_EQ(total, golden_cases);
}

// ---- the default models, whose cases have a form of their own

/// The task's name in cases.json of a default model, as `attend run` knows it.
std::string run_name(const std::string& task) {
  static const std::map<std::string, std::string> names{
      {"sentiment", "text-classification"}, {"stories", "text-generation"},
      {"ner", "token-classification"},      {"zero-shot", "zero-shot-classification"},
      {"qa", "question-answering"},         {"embeddings", "sentence-embeddings"}};
  const auto found = names.find(task);
  return found == names.end() ? task : found->second;
}

std::size_t check_default_model(const fs::path& folder) {
  const Json file = read_cases(folder);
  const JsonFilter filter(run_name(file["task"]), folder.string());
  std::vector<InputLine> lines;
  for (const Json& one : file["cases"]) {
    const Json inputs = one.contains("inputs")
                            ? one["inputs"]
                            : Json{{"question", one["question"]}, {"context", one["context"]}};
    lines.push_back(
        {Json{{"inputs", inputs}, {"parameters", one.value("kwargs", Json::object())}}.dump()});
  }
  const double tolerance =
      file["task"] == "embeddings" ? half_precision_tolerance : bundled_tolerance;
  const auto answers = filter.answer(lines);
  EXPECT_EQ(answers.lines.size(), lines.size());
  for (std::size_t i = 0; i < answers.lines.size(); ++i) {
    EXPECT_EQ(test::json_difference(test::ordered_json_of(answers.lines[i]),
                                    file["cases"][i]["output"], tolerance),
              "")
        << lines[i].text.substr(0, 200);
  }
  std::cout << "run: model " << folder.filename().string() << ": " << lines.size() << " cases\n";
  return lines.size();
}

TEST(RunGolden, EveryCaseOfTheBundledModels) {
  std::size_t total = 0;
  for (const auto& entry : fs::directory_iterator(test::source_folder() / "examples/models")) {
    SCOPED_TRACE(entry.path().string());
    total += check_default_model(entry.path());
  }
  std::cout << "run: " << total << " cases of the bundled models\n";
  EXPECT_EQ(total, bundled_cases);
}

TEST(RunGolden, EveryCaseOfTheQuestionAnsweringModel) {
  const auto folder = test::shared("models/qa");
  if (!folder) GTEST_SKIP() << "models/qa is not beside the project";
  EXPECT_GT(check_default_model(*folder), 0U);
}

}  // namespace
}  // namespace attend::cli
