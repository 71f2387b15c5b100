// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Requests that take more memory than there is: they fail alone.
#include "cli/json_filter.h"

#include <gtest/gtest.h>

#include <new>
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
  const std::string large = request(repeated("a ", 500'000));
  const auto found = answer({good[0], large, good[1]}, 1'500'000);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0], expected[0]);
  EXPECT_EQ(found[2], expected[1]);
  ASSERT_FALSE(expected[0].is_object() && expected[0].contains("error")) << expected[0];
  if (GetParam().first == std::string_view("token-classification")) {
    // It has no tokens but those of the first window, for which there is enough.
    EXPECT_EQ(found[1], answer({large}, plenty)[0]);
    return;
  }
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

// ---- no memory at any moment (row 19 of the bad inputs)

struct Task {
  std::string name;
  std::string folder;
  Json request;
};

std::vector<Task> generating_tasks() {
  const Json few{{"max_new_tokens", 3}};
  const Json beams{{"max_new_tokens", 3}, {"num_beams", 2}};
  const Json all{{"max_new_tokens", 2},
                 {"return_dict_in_generate", true},
                 {"output_scores", true},
                 {"output_hidden_states", true},
                 {"output_attentions", true}};
  const auto of = [](const Json& inputs, const Json& parameters) {
    return Json{{"inputs", inputs}, {"parameters", parameters}};
  };
  return {
      {"text-generation", "gpt2-text-generation", of("the house", few)},
      {"generate", "llama-text-generation", of({{"input_ids", {{30, 31, 32}}}}, all)},
      {"text2text-generation", "bart-summarization", of("the house", beams)},
      {"summarization", "t5-text2text-generation", of("the house", few)},
      {"translation", "marian-translation", of("the house", few)},
  };
}

std::string folder_of(const Task& task) {
  return (test::tests_folder() / "golden" / task.folder).string();
}

// Whether it is what a request is told that has no memory, by the task or by its tensors.
bool is_out_of_memory(const Json& answer) {
  const Json error = answer.value("error", Json::object());
  const auto message = error.value("message", "");
  return error.value("kind", "") == "ResourceLimit" &&
         (message == "[run] memory: found not enough for this request; send its texts in parts" ||
          message.starts_with("[generate] memory: found not enough") ||
          message.starts_with("[Tensor] memory for a tensor of shape ["));
}

// Allocations of a call; those of the answers' list are the caller's, who gets bad_alloc.
template <class Call>
long allocations_of(const Call& call) {
  const long before = *test::allocation_count();
  call();
  return *test::allocation_count() - before;
}

// The request that has no memory for one of its allocations, whichever it is, says so, and what
// comes next has its answer.
TEST(JsonFilter, GenerationOutlivesEveryAllocationThatFails) {
  if (!test::allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  for (const Task& task : generating_tasks()) {
    SCOPED_TRACE(task.name);
    const JsonFilter filter(task.name, folder_of(task));
    const std::vector<InputLine> lines{{task.request.dump()}};
    const std::string expected = filter.answer(lines).lines.at(0);
    ASSERT_FALSE(test::json_of(expected).contains("error")) << expected;
    const long count = allocations_of([&] { (void)filter.answer(lines); });
    long refused = 0;
    int thrown = 0;
    for (long after = 0; after < count; ++after) {
      JsonFilter::Answers answers;
      try {
        const test::FailingAllocation fails(after);
        answers = filter.answer(lines);
      } catch (const std::bad_alloc&) {
        ++thrown;
        continue;
      }
      ASSERT_EQ(answers.lines.size(), 1U);
      if (answers.lines[0] == expected) continue;  // the tokenizer does without its cache
      EXPECT_EQ(answers.failed, 1U);
      EXPECT_TRUE(is_out_of_memory(test::json_of(answers.lines[0]))) << answers.lines[0];
      ++refused;
    }
    EXPECT_GE(refused, count - 4);
    EXPECT_EQ(thrown, 2);  // lists of requests and of answers
    EXPECT_EQ(filter.answer(lines).lines.at(0), expected);
  }
}

TEST(JsonFilter, LoadingOutlivesAllocationsThatFail) {
  if (!test::allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  for (const Task& task : generating_tasks()) {
    SCOPED_TRACE(task.name);
    const auto load = [&] { return JsonFilter(task.name, folder_of(task)); };
    const long count = allocations_of(load);
    // All of them take seconds.
    for (long after = 0; after < count; after += 31) {
      SCOPED_TRACE(after);
      const test::FailingAllocation fails(after);
      try {
        (void)load();
      } catch (const std::bad_alloc&) {
        continue;
      } catch (const Error& error) {
        const bool of_file = error.kind() == ErrorKind::access_denied &&
                             error.detail().what == "cannot read: Cannot allocate memory";
        EXPECT_TRUE(of_file || error.kind() == ErrorKind::resource_limit) << error.what();
      }
    }
    EXPECT_NO_THROW((void)load());
  }
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
                    std::pair{"token-classification", "bert-token-classification"},
                    std::pair{"text-generation", "gpt2-text-generation"},
                    std::pair{"summarization", "t5-text2text-generation"}),
    [](const auto& row) {
      std::string name = row.param.first;
      std::erase(name, '-');
      return name;
    });

}  // namespace
}  // namespace attend::cli
