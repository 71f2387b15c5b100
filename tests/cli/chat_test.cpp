// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend run chat-template`: its parameters, and the recorded calls of every model with a
// template.
#include <gtest/gtest.h>

#include <iostream>

#include "cli/json_filter.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;
using test::OrderedJson;

OrderedJson answer(const fs::path& folder, const OrderedJson& request) {
  const InputLine line{request.dump()};
  const auto answers = JsonFilter("chat-template", folder.string()).answer({&line, 1});
  return test::ordered_json_of(answers.lines.at(0));
}

TEST(ChatCommand, EveryRecordedCall) {
  const auto goldens = test::shared("golden");
  if (!goldens) GTEST_SKIP() << "golden is not beside the project";
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(*goldens)) {
    if (!fs::exists(entry.path() / "cases.json")) continue;
    for (const OrderedJson& one :
         test::ordered_json_of(test::read_file(entry.path() / "cases.json"))) {
      if (one.value("call", "") != "chat-template") continue;
      SCOPED_TRACE(entry.path().filename().string() + " " + one["id"].get<std::string>());
      EXPECT_EQ(
          answer(entry.path(), {{"inputs", one["inputs"]}, {"parameters", one["parameters"]}}),
          one["expected"]);
      ++cases;
    }
  }
  EXPECT_GE(cases, 12U);
  std::cout << "run chat-template: " << cases << " cases\n";
}

class ChatParameters : public testing::Test {
 protected:
  ChatParameters() {
    const fs::path from = test::tests_folder() / "golden" / "bert-fill-mask";
    fs::copy_file(from / "tokenizer.json", folder_.path() / "tokenizer.json");
    test::write_file(folder_.path() / "config.json", R"({"model_type": "bert"})");
    test::write_file(folder_.path() / "chat_template.jinja", "{{ messages[0].content }}{{ mood }}");
    fs::create_directories(folder_.path() / "additional_chat_templates");
    test::write_file(folder_.path() / "additional_chat_templates/tool_use.jinja",
                     "{{ tools[0].name }}");
  }
  OrderedJson run(const OrderedJson& parameters, const OrderedJson& inputs) const {
    return answer(folder_.path(), {{"inputs", inputs}, {"parameters", parameters}});
  }

  const OrderedJson hello_ = {{"messages", {{{"role", "user"}, {"content", "hello"}}}}};

 private:
  test::TemporaryFolder folder_;
};

TEST_F(ChatParameters, OtherNamesAreVariables) {
  const OrderedJson found = run({{"mood", "!"}}, hello_);
  EXPECT_EQ(found["text"], "hello!");
  EXPECT_FALSE(found["input_ids"].empty());
  EXPECT_EQ(run({{"mood", "!"}}, hello_["messages"]), found);
}

TEST_F(ChatParameters, TemplatesAreChosenOrGiven) {
  EXPECT_EQ(run({{"tools", {{{"name", "f"}}}}}, hello_)["text"], "f");
  EXPECT_EQ(run({{"chat_template", "default"}, {"mood", 1}}, hello_)["text"], "hello1");
  EXPECT_EQ(run({{"chat_template", "{{ 1 + 1 }}"}}, hello_)["text"], "2");
}

// As apply_chat_template() does: a list whose first element is a conversation has several.
TEST_F(ChatParameters, ABatchHasATextForEachConversation) {
  const OrderedJson one = hello_["messages"];
  const OrderedJson two = {{{"role", "user"}, {"content", "bye"}}};
  const OrderedJson expected = {run({}, one), run({}, two)};
  EXPECT_EQ(expected[1]["text"], "bye");
  EXPECT_EQ(run({}, {one, two}), expected);
  EXPECT_EQ(run({}, {{{"messages", one}}, {{"messages", two}}}), expected);
  EXPECT_EQ(run({}, OrderedJson::array({one})), OrderedJson::array({expected[0]}));
  const OrderedJson refused = run({}, {one, OrderedJson::array()});
  EXPECT_NE(refused["error"]["message"].get<std::string>().find("/inputs/1"), std::string::npos);
}

TEST_F(ChatParameters, BadRequestsAreErrors) {
  const auto says = [&](const OrderedJson& parameters, const OrderedJson& inputs) {
    return run(parameters, inputs).at("error").at("message").get<std::string>();
  };
  EXPECT_NE(says({}, {{"messages", OrderedJson::array()}}).find("at least one message"),
            std::string::npos);
  EXPECT_NE(says({}, "hello").find("at least one message"), std::string::npos);
  EXPECT_NE(says({{"tools", 1}}, hello_).find("list of objects"), std::string::npos);
  EXPECT_NE(says({{"add_generation_prompt", 1}}, hello_).find("add_generation_prompt"),
            std::string::npos);
}

}  // namespace
}  // namespace attend::cli
