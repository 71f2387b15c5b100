// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Requests that take more memory than there is: they fail alone.
#include "cli/json_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/allocation_count.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

using test::Json;

std::string request(const std::string& text) { return Json{{"inputs", text}}.dump(); }

std::string repeated(std::string_view word, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += word;
  return out;
}

class OutOfMemory : public testing::TestWithParam<std::pair<const char*, const char*>> {
 protected:
  OutOfMemory()
      : filter_(GetParam().first, (test::tests_folder() / "golden" / GetParam().second).string()) {}

  // The answers as JSON, when operator new gives no more than so many bytes at once.
  [[nodiscard]] std::vector<Json> answer(const std::vector<std::string>& requests,
                                         std::size_t bytes) const {
    std::vector<InputLine> lines;
    for (const std::string& one : requests) lines.push_back({one});
    JsonFilter::Answers answers;
    {
      const test::LargestAllocation limit(bytes);
      answers = filter_.answer(lines);
    }
    std::vector<Json> out;
    for (const std::string& line : answers.lines) out.push_back(test::json_of(line));
    return out;
  }

  JsonFilter filter_;
};

constexpr std::size_t plenty = std::size_t{1} << 40U;

// Reading the long request takes a million bytes at once, its tokens take more.
TEST_P(OutOfMemory, OnlyTheRequestThatTakesItFails) {
  if (!test::allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  const std::vector<std::string> good = {request("A good film."), request("A bad one.")};
  const auto expected = answer(good, plenty);
  const auto found = answer({good[0], request(repeated("a ", 500'000)), good[1]}, 1'500'000);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0], expected[0]);
  EXPECT_EQ(found[2], expected[1]);
  ASSERT_FALSE(expected[0].is_object() && expected[0].contains("error")) << expected[0];
  ASSERT_TRUE(found[1].is_object() && found[1].contains("error")) << found[1];
  EXPECT_EQ(found[1]["error"]["kind"], "ResourceLimit");
  EXPECT_NE(found[1].dump().find("not enough for this request"), std::string::npos) << found[1];
}

TEST_P(OutOfMemory, ALineThatCannotBeReadFailsAlone) {
  if (!test::allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  const std::string good = request("A good film.");
  const auto expected = answer({good}, plenty);
  const auto found = answer({request(repeated("a ", 500'000)), good}, 500'000);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0]["error"]["kind"], "ResourceLimit") << found[0];
  EXPECT_EQ(found[1], expected[0]);
}

// Neighbours run together when their parameters are the same: large integers are, too, only where
// every digit is, though they be the same double.
TEST(JsonFilter, NeighboursWithOtherParametersDoNotRunTogether) {
  const JsonFilter filter("text-classification",
                          (test::tests_folder() / "golden/bert-sequence-classification").string());
  const std::vector<std::string> values = {"-9007199254740992", "-9007199254740993",
                                           "100000000000000000000000", "100000000000000000000001"};
  std::vector<InputLine> lines;
  for (const std::string& value : values) {
    lines.push_back({R"({"inputs": "a", "parameters": {"top_k": )" + value + "}}"});
  }
  const auto answers = filter.answer(lines).lines;
  ASSERT_EQ(answers.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_NE(answers[i].find("found " + values[i]), std::string::npos) << answers[i];
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tasks, OutOfMemory,
    testing::Values(std::pair{"tokenize", "bert-token-classification"},
                    std::pair{"text-classification", "bert-sequence-classification"},
                    std::pair{"token-classification", "bert-token-classification"}),
    [](const auto& row) {
      std::string name = row.param.first;
      std::erase(name, '-');
      return name;
    });

}  // namespace
}  // namespace attend::cli
