// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// --dtype: every command that runs a model takes it, and what it answers differs from f32.
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

}  // namespace
}  // namespace attend::cli
