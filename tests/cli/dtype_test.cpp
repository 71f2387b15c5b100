// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// --dtype: every command that runs a model takes it, and what it answers differs from f32. So does
// --kv-cache for those that write.
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/command.h"
#include "support/command.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

using Words = std::vector<std::string>;

test::CommandResult attend(Words arguments, const Words& more, std::string_view input) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return test::run_program(test::attend_command(), arguments, input);
}

struct Call {
  Words arguments;
  std::string input = {};
};

const std::vector<Call>& calls() {
  static const std::vector<Call> all{
      {{"sentiment", "--json", "A quiet, perfect film."}},
      {{"ner", "--json", "Angela Merkel met Barack Obama in Berlin."}},
      {{"zero-shot", "--json", "--labels", "music,sport", "The band played on."}},
      {{"embed", "--json", "one text"}},
      {{"similarity", "--json", "one text", "two texts"}},
      {{"run", "sentiment"}, "{\"inputs\": \"A quiet, perfect film.\"}\n"},
      {{"evaluate", "similarity", "--json", "--data", "-", "--format", "tsv"},
       "sentence1\tsentence2\tscore\na cat\ta dog\t3\na car\tthe sea\t1\na man\ta boy\t4\n"},
  };
  return all;
}

TEST(Dtype, EveryCommandThatRunsAModelTakesIt) {
  for (const Call& call : calls()) {
    SCOPED_TRACE(testing::PrintToString(call.arguments));
    const auto exact = attend(call.arguments, {}, call.input);
    ASSERT_EQ(exact.code, exit_ok) << exact.err;
    EXPECT_EQ(attend(call.arguments, {"--dtype", "f32"}, call.input).out, exact.out);
    const auto rounded = attend(call.arguments, {"--dtype", "int8"}, call.input);
    EXPECT_EQ(rounded.code, exit_ok) << rounded.err;
    EXPECT_EQ(std::ranges::count(rounded.out, '\n'), std::ranges::count(exact.out, '\n'));
    if (call.arguments[0] != "evaluate") {
      EXPECT_NE(rounded.out, exact.out);
    }
  }
}

TEST(Dtype, WhatIsNoTypeIsWrongUsage) {
  for (const Call& call : calls()) {
    const auto result = attend(call.arguments, {"--dtype", "fp16"}, call.input);
    EXPECT_EQ(result.code, exit_usage);
    EXPECT_NE(result.err.find("--dtype: expected one of f32, bf16, int8, int4"), std::string::npos)
        << result.err;
    EXPECT_EQ(result.out, "");
  }
}

std::string request_with_logits(std::string_view count) {
  return R"({"inputs": {"input_ids": [[1, 403, 407, 261, 378]]}, "parameters": {"max_new_tokens": )" +
         std::string(count) +
         R"(, "do_sample": false, "output_logits": true, "return_dict_in_generate": true}})" + "\n";
}

// The first logits are of keys that the same pass has rounded.
TEST(KvCache, IntegersReachTheLogits) {
  const Words run{"run", "generate"};
  const std::string request = request_with_logits("3");
  const auto exact = attend(run, {}, request);
  ASSERT_EQ(exact.code, exit_ok) << exact.out;
  EXPECT_EQ(attend(run, {"--kv-cache", "computed"}, request).out, exact.out);
  const auto rounded = attend(run, {"--kv-cache", "int8"}, request);
  EXPECT_EQ(rounded.code, exit_ok) << rounded.out;
  EXPECT_NE(rounded.out, exact.out);
  EXPECT_EQ(rounded.out.substr(0, rounded.out.find(']')), exact.out.substr(0, exact.out.find(']')));
}

TEST(KvCache, EveryCommandThatWritesTakesIt) {
  const Words more{"--kv-cache", "int8"};
  const auto story = attend({"generate", "--greedy", "--max-new-tokens", "5", "Once"}, more, "");
  EXPECT_EQ(story.code, exit_ok) << story.err;
  EXPECT_TRUE(story.out.starts_with("Once")) << story.out;
  const auto sounds = attend({"run", "text2text-generation"}, more, "{\"inputs\": \"house\"}\n");
  EXPECT_EQ(sounds.code, exit_ok) << sounds.out;
  for (const Words& call : {Words{"chat", "--help"}, Words{"summarize", "--help"},
                            Words{"translate", "--help"}, Words{"bench", "--help"}}) {
    EXPECT_NE(attend(call, {}, "").out.find("--kv-cache"), std::string::npos) << call.front();
  }
}

TEST(KvCache, WhatHasNoneIsAnError) {
  const auto unknown = attend({"generate", "Once"}, {"--kv-cache", "fp8"}, "");
  EXPECT_EQ(unknown.code, exit_usage);
  EXPECT_NE(unknown.err.find("--kv-cache: expected one of computed, int8, found \"fp8\""),
            std::string::npos)
      << unknown.err;
  const auto encoder =
      attend({"run", "sentiment"}, {"--kv-cache", "int8"}, "{\"inputs\": \"x\"}\n");
  EXPECT_EQ(encoder.code, exit_file);
  EXPECT_NE(encoder.err.find("expected a decoder"), std::string::npos) << encoder.err;
}

}  // namespace
}  // namespace attend::cli
