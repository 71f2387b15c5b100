// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend chat`: answers, templates, conversations that grow too long, and terminals.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "cli/command.h"
#include "support/command.h"
#include "support/golden.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;
using Json = test::OrderedJson;
using Words = std::vector<std::string>;

test::CommandResult attend_command(const Words& arguments, std::string_view input = {}) {
  return test::run_program(test::attend_command(), arguments, input);
}

std::string chatty() { return test::golden("llama-text-generation").string(); }

test::CommandResult chat(const std::string& model, std::string_view input, const Words& more = {}) {
  Words words{"chat", "--model", model, "--greedy", "--max-new-tokens", "6"};
  words.insert(words.end(), more.begin(), more.end());
  return attend_command(words, input);
}

TEST(ChatCommand, AnswersLineByLine) {
  const Words words{"chat", "--model", chatty(), "--greedy", "--max-new-tokens", "6"};
  const auto both = attend_command(words, "Who came?\n\nAnd then?\n");
  EXPECT_EQ(both.code, exit_ok) << both.err;
  EXPECT_EQ(both.err, "");
  const auto first = attend_command(words, "Who came?\n");
  ASSERT_FALSE(first.out.empty());
  EXPECT_TRUE(both.out.starts_with(first.out));
  // The second answer knows the first question.
  const auto second = attend_command(words, "And then?\n");
  EXPECT_NE(both.out.substr(first.out.size()), second.out);
  Words told = words;
  told.insert(told.end(), {"--system", "Be brief."});
  EXPECT_NE(attend_command(told, "Who came?\n").out, first.out);
}

TEST(ChatCommand, SaysWhatIsWrong) {
  const auto none = attend_command(
      {"chat", "--model", test::golden("gpt2-text-generation").string()}, "Who came?\n");
  EXPECT_EQ(none.code, exit_file);
  EXPECT_NE(none.err.find("template"), std::string::npos) << none.err;
  const auto found = attend_command(
      {"chat", "--model", chatty(), "--greedy", "--max-new-tokens", "3"}, "\xff\nWho came?\n");
  EXPECT_EQ(found.code, exit_run_time);
  EXPECT_NE(found.err.find("UTF-8"), std::string::npos) << found.err;
  EXPECT_FALSE(found.out.empty());
}

// ---- templates

TEST(ChatCommand, VariablesReachTheTemplate) {
  const std::string model = test::golden("qwen3-text-generation").string();
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "a.jinja").string();
  test::write_file(file, "{{ messages[-1].content }}{{ mood[0] }}");
  const Words of_file{"--chat-template", file, "--variable", "mood=[\"x\"]"};
  const auto found = chat(model, "Once\n", of_file);
  EXPECT_EQ(found.code, exit_ok) << found.err;
  const auto generated = attend_command(
      {"generate", "--model", model, "--greedy", "--new-text", "--max-new-tokens", "6", "Oncex"});
  EXPECT_EQ(found.out, generated.out);
}

TEST(ChatCommand, WrongTemplatesAreSaidAtOnce) {
  const auto refused = [](int code, std::string_view complaint, const Words& more) {
    const auto found = chat(chatty(), "Once\n", more);
    EXPECT_EQ(found.code, code);
    EXPECT_EQ(found.out, "");
    EXPECT_NE(found.err.find(complaint), std::string::npos) << found.err;
  };
  refused(exit_usage, "expected NAME=JSON", {"--variable", "mood=happy"});
  refused(exit_usage, "expected NAME=JSON", {"--variable", "=1"});
  refused(exit_usage, "expected NAME=JSON", {"--variable", "mood"});
  refused(exit_file, "no-such-file", {"--chat-template", "no-such-file"});
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "a.jinja").string();
  test::write_file(file, "");
  refused(exit_usage, "is empty", {"--chat-template", file});
  test::write_file(file, "{% if %}");
  refused(exit_file, "line 1 of the template", {"--chat-template", file});
}

// ---- conversations that fill the positions

// A copy of a folder with a template and so many positions.
std::string with_positions(const test::TemporaryFolder& into, const std::string& folder,
                           const std::string& key, Index positions) {
  fs::copy(test::golden(folder), into.path(),
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  test::write_file(into.path() / "chat_template.jinja",
                   "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
  Json config = Json::parse(test::read_file(into.path() / "config.json"));
  if (positions > 0) config[key] = positions;
  test::write_file(into.path() / "config.json", config.dump());
  return into.path().string();
}

// Two questions do not fit, so that each is answered as if it were the first.
void expect_forgetting(const std::string& model) {
  const std::string first = "It was a long way to the town, and nobody knew who came.";
  const std::string second = "And then the school was built on a hill above the river.";
  const Words system{"--system", "Be brief."};
  const auto both = chat(model, first + "\n" + second + "\n", system);
  EXPECT_EQ(both.code, exit_ok);
  EXPECT_NE(both.err.find("forgotten from its beginning: 1 question"), std::string::npos)
      << both.err;
  EXPECT_EQ(both.out,
            chat(model, first + "\n", system).out + chat(model, second + "\n", system).out);
}

TEST(ChatCommand, TheOldestIsForgottenWhereThereIsNoPlace) {
  const test::TemporaryFolder folder;
  expect_forgetting(with_positions(folder, "gpt2-text-generation", "n_positions", 0));
}

// Models whose positions are computed would go on, and make no sense.
TEST(ChatCommand, ComputedPositionsHaveAnEndToo) {
  const test::TemporaryFolder folder;
  expect_forgetting(with_positions(folder, "llama-text-generation", "max_position_embeddings", 48));
}

TEST(ChatCommand, OneLineThatIsTooLongChangesNothing) {
  const test::TemporaryFolder folder;
  const std::string model = with_positions(folder, "gpt2-text-generation", "n_positions", 0);
  std::string text;
  for (int i = 0; i < 100; ++i) text += "the dog and the cat ";
  const auto found = chat(model, "Who came?\n" + text + "\nAnd then?\n");
  EXPECT_EQ(found.code, exit_run_time);
  EXPECT_EQ(found.out, chat(model, "Who came?\nAnd then?\n").out);
  EXPECT_EQ(found.err.find("forgotten"), std::string::npos) << found.err;
}

TEST(ChatCommand, ALineBeginsAnew) {
  const auto found = chat(chatty(), "Who came?\n/new\nAnd then?\n");
  EXPECT_EQ(found.out, chat(chatty(), "Who came?\n").out + chat(chatty(), "And then?\n").out);
}

// ---- terminals

/// A pseudo terminal whose other end has typed something.
class Typed {
 public:
  explicit Typed(std::string_view text) : keyboard_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    if (keyboard_ < 0 || ::grantpt(keyboard_) != 0 || ::unlockpt(keyboard_) != 0) return;
    terminal_ = ::open(::ptsname(keyboard_), O_RDWR | O_NOCTTY);  // NOLINT(concurrency-mt-unsafe)
    if (::write(keyboard_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      ADD_FAILURE() << "cannot type";
    }
  }
  Typed(const Typed&) = delete;
  Typed& operator=(const Typed&) = delete;
  ~Typed() {
    ::close(terminal_);
    ::close(keyboard_);
  }
  [[nodiscard]] int terminal() const { return terminal_; }

 private:
  int keyboard_ = -1;
  int terminal_ = -1;
};

TEST(ChatCommand, ATerminalShowsPiecesBehindAPrompt) {
  const Typed typed("Who came?\n\nAnd \x1b[31m?\n\x04");
  if (typed.terminal() < 0) GTEST_SKIP() << "no pseudo terminal here";
  const std::string model = chatty();
  const std::vector<const char*> argv = {"attend",   "chat",   "--model", model.c_str(),
                                         "--greedy", "--stop", "zebra",   "--max-new-tokens",
                                         "6"};
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{.in = typed.terminal(), .out = out, .err = err, .watched = true};
  EXPECT_EQ(run_command(static_cast<int>(argv.size()), argv.data(), terminal), exit_ok);
  const auto answers = test::split_lines(chat(chatty(), "Who came?\nAnd \x1b[31m?\n").out);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(out.str(), "> " + answers[0] + "\n> > " + answers[1] + "\n> \n");
  EXPECT_NE(err.str().find("Ctrl-D ends"), std::string::npos) << err.str();
  EXPECT_NE(err.str().find("/new"), std::string::npos);
}

}  // namespace
}  // namespace attend::cli
