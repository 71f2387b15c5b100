// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend verify` as a shell sees it.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "attend/checkpoint/safetensors.h"
#include "cli/command.h"
#include "support/command.h"
#include "support/copied_model.h"
#include "support/golden.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;
using test::CommandResult;
using test::CopiedModel;
using Json = test::OrderedJson;
using Words = std::vector<std::string>;

CommandResult verify(Words arguments) {
  arguments.insert(arguments.begin(), "verify");
  return test::run_program(test::attend_command(), arguments);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

fs::path selftest_of(const CopiedModel& model) { return model.file("selftest.safetensors"); }

// Sets the last value of a tensor.
void set(const CopiedModel& model, const std::string& tensor, float value) {
  model.change([&](auto& tensors) {
    auto values = tensors.at(tensor).values();
    values.back() = value;
    tensors.at(tensor).set_values(values);
  });
}

// Verifying asks for a tokenizer, which folders that hold tensors alone do not have.
std::vector<std::string> folders_with_tokenizer() {
  std::vector<std::string> out = test::golden_folders();
  std::erase_if(out, [](const std::string& folder) {
    return !fs::exists(test::golden(folder) / "tokenizer_config.json");
  });
  return out;
}

class VerifyEveryFolder : public testing::TestWithParam<std::string> {};

TEST_P(VerifyEveryFolder, RecordsAndVerifies) {
  const CopiedModel model(GetParam());
  const auto recorded = verify({"--record", model.path()});
  ASSERT_EQ(recorded.code, exit_ok) << recorded.err;
  EXPECT_TRUE(has(recorded.out, "recorded by attend ")) << recorded.out;
  const auto again = verify({"--exact", "--json", model.path()});
  EXPECT_EQ(again.code, exit_ok) << again.err;
  const Json answer = test::ordered_json_of(again.out);
  std::vector<std::string> names;
  for (const Json& forward : answer.at("selftest").at("forwards")) {
    names.push_back(forward.at("name"));
    EXPECT_TRUE(forward.at("same_bits"));
    EXPECT_GE(forward.at("outputs"), 4);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"batch", "pair", "single"}));
}

INSTANTIATE_TEST_SUITE_P(Folders, VerifyEveryFolder, testing::ValuesIn(folders_with_tokenizer()),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Verify, WithoutASelftestItChecksWhatItCanAndSaysSo) {
  const CopiedModel model("bert-token-classification");
  const auto people = verify({model.path()});
  EXPECT_EQ(people.code, exit_ok) << people.err;
  EXPECT_TRUE(has(people.out, "selftest   none; `attend verify --record`")) << people.out;
  EXPECT_TRUE(has(people.out, "weights    all finite\n")) << people.out;
  const Json answer = test::ordered_json_of(verify({"--json", model.path()}).out);
  EXPECT_EQ(answer.dump(), Json({{"model", model.path()},
                                 {"ok", true},
                                 {"recorded", false},
                                 {"packed", Json::array()},
                                 {"selftest", nullptr}})
                               .dump());
  set(model, "classifier.bias", NAN);
  const auto spoiled = verify({model.path()});
  EXPECT_EQ(spoiled.code, exit_file);
  EXPECT_EQ(spoiled.out, model.path() + "\n");
  EXPECT_TRUE(has(spoiled.err, "tensor \"classifier.bias\": expected finite values"))
      << spoiled.err;
}

TEST(Verify, ATokenizerWithMoreIdsThanEmbeddingsIsRefused) {
  const CopiedModel model("bert-token-classification");
  const CopiedModel other("xlm-roberta-feature-extraction");
  for (const char* file : {"config.json", "model.safetensors"}) {
    fs::copy(fs::path(model.path()) / file, other.path(), fs::copy_options::overwrite_existing);
  }
  const auto result = verify({other.path()});
  EXPECT_EQ(result.code, exit_file) << result.out;
  EXPECT_TRUE(has(result.err, "the tokenizer's vocabulary: expected at most 300 ids"))
      << result.err;
}

TEST(Verify, AChangedWeightIsCodeThreeAndNamesTheTensor) {
  const CopiedModel model("bert-token-classification");
  ASSERT_EQ(verify({"--record", model.path()}).code, exit_ok);
  set(model, "classifier.bias", 3);
  const auto people = verify({model.path()});
  EXPECT_EQ(people.code, exit_file);
  EXPECT_TRUE(has(people.err, "[verify] tensor \"batch.logits\" at [")) << people.err;
  EXPECT_TRUE(has(people.err, ", 6]: expected ")) << people.err;  // the last class
  EXPECT_TRUE(has(people.out, "    single    5 outputs, largest difference ")) << people.out;
  const auto programs = verify({"--json", model.path()});
  EXPECT_EQ(programs.code, exit_file);
  const Json answer = test::ordered_json_of(programs.out);
  EXPECT_FALSE(answer.at("ok"));
  EXPECT_EQ(answer.at("error").at("kind"), "WeightValue");
  const Json& forward = answer.at("selftest").at("forwards").at(0);
  EXPECT_EQ(forward.at("tensor"), "batch.logits");
  EXPECT_FALSE(forward.at("ok"));
  EXPECT_GT(forward.at("largest_difference"), 0.1);
}

TEST(Verify, AGoldenFileIsASelftestThatOtherBitsPassButNotExactly) {
  const CopiedModel model("bert-fill-mask");
  fs::copy(fs::path(model.path()) / "tensors.safetensors", selftest_of(model));
  EXPECT_EQ(verify({model.path()}).code, exit_ok);
  const auto exact = verify({"--exact", model.path()});
  EXPECT_EQ(exact.code, exit_file);
  EXPECT_TRUE(has(exact.out, "selftest   found; every bit counts")) << exact.out;
  EXPECT_TRUE(has(exact.err, " to the bit, found ")) << exact.err;
}

TEST(Verify, ARecordedSelftestIsReplacedOnlyByForce) {
  const CopiedModel model("bert-token-classification");
  test::write_file(selftest_of(model), "mine");
  const auto refused = verify({"--record", model.path()});
  EXPECT_EQ(refused.code, exit_file);
  EXPECT_TRUE(has(refused.err, "--force")) << refused.err;
  EXPECT_EQ(test::read_file(selftest_of(model)), "mine");
  EXPECT_EQ(verify({"--record", "--force", model.path()}).code, exit_ok);
  EXPECT_EQ(verify({model.path()}).code, exit_ok);
}

TEST(Verify, TextsAndToleranceOfTheUserAreRecorded) {
  const CopiedModel model("bert-token-classification");
  const auto result = verify({"--record", "--text", "one", "--text", "two three", "--tolerance",
                              "0.0002", "--json", model.path()});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const Json answer = test::ordered_json_of(result.out);
  EXPECT_TRUE(answer.at("recorded"));
  EXPECT_EQ(answer.at("selftest").at("tolerance"), 0.0002);
  ASSERT_EQ(answer.at("selftest").at("forwards").size(), 1U);
  EXPECT_EQ(answer.at("selftest").at("forwards").at(0).at("name"), "texts");
  EXPECT_EQ(Safetensors::open(selftest_of(model)).find("texts.input_ids")->shape[0], 2);
  const auto too_long =
      verify({"--record", "--force", "--text",
              std::string(2000, 'a') + " b " + std::string(2000, '.'), model.path()});
  EXPECT_EQ(too_long.code, exit_file);
  EXPECT_TRUE(has(too_long.err, "position: expected 0 to 87")) << too_long.err;
}

TEST(Verify, ManyModelsAreCheckedWhateverHappensToOne) {
  const CopiedModel model("bert-token-classification");
  const auto result = verify({"nonesuch", model.path(), "--json"});
  EXPECT_EQ(result.code, exit_file);
  const auto lines = test::split_lines(result.out);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(test::ordered_json_of(lines[0]).at("error").at("kind"), "FileNotFound");
  EXPECT_TRUE(test::ordered_json_of(lines[1]).at("ok"));
}

TEST(Verify, TheBundledModelsPass) {
  for (const char* name : {"sentiment", "ner", "zero-shot", "embeddings"}) {
    const auto result = verify({name});
    EXPECT_EQ(result.code, exit_ok) << name << ": " << result.err;
  }
}

TEST(Verify, WrongUsageIsCodeTwo) {
  const std::string model = test::golden("bert-token-classification").string();
  for (const Words& words :
       {Words{}, Words{model, "--force"}, Words{model, "--text", "x"},
        Words{model, "--tolerance", "0.001"}, Words{model, "--record", "--exact"},
        Words{model, "--record", "--tolerance", "0.02"},
        Words{model, "--record", "--tolerance", "0"}, Words{model, "--threads", "-1"}}) {
    const auto result = verify(words);
    EXPECT_EQ(result.code, exit_usage) << result.out << result.err;
  }
  EXPECT_FALSE(fs::exists(fs::path(model) / "selftest.safetensors"));
}

}  // namespace
}  // namespace attend::cli
