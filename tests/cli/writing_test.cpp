// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// summarize and translate as a shell sees them, and `attend run` for texts that are written.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/command.h"
#include "support/command.h"
#include "support/golden.h"
#include "support/json_difference.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

using Json = test::OrderedJson;
using Words = std::vector<std::string>;
using test::split_lines;

test::CommandResult attend(Words arguments, std::string_view input = {}) {
  return test::run_program(test::attend_command(), arguments, input);
}

std::string model(std::string_view folder) { return test::golden(folder).string(); }

/// The answer of `attend run` to a text.
Json run(const std::string& name, const Words& more, const Json& inputs, const Json& parameters) {
  Words arguments{"run", name};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const std::string request = Json{{"inputs", inputs}, {"parameters", parameters}}.dump();
  return test::ordered_json_of(attend(arguments, request).out);
}

TEST(Writing, SummariesAreThoseOfTheTask) {
  const std::string folder = model("t5-text2text-generation");
  const std::string text = "the hot springs, and went out straight.\nIt was too bad.";
  const Words base{"summarize", "--model", folder, "--max-new-tokens", "8"};
  const auto summary = attend(base, text);  // one text as a whole
  ASSERT_EQ(summary.code, exit_ok) << summary.err;
  const Json expected = run("summarization", {"--model", folder}, text, {{"max_new_tokens", 8}});
  EXPECT_EQ(summary.out, expected[0]["summary_text"].get<std::string>() + "\n");
  EXPECT_EQ(summary.err, "");
  Words json = base;
  json.insert(json.end(), {"--json", text});
  const Json line = test::ordered_json_of(attend(json).out);
  EXPECT_EQ(line["text"], text);
  EXPECT_EQ(line["result"], expected);
}

TEST(Writing, TranslationsAreALineEach) {
  const std::string folder = model("m2m_100-translation");
  const Words base{"translate", "--model", folder, "--from",           "en", "--to",
                   "ru",        "--beams", "1",    "--max-new-tokens", "5"};
  const auto both = attend(base, "the house\n\xFF\nthe river\n");
  EXPECT_EQ(both.code, exit_run_time);
  const auto lines = split_lines(both.out);
  ASSERT_EQ(lines.size(), 3U) << both.out;
  EXPECT_EQ(lines[1], "");
  EXPECT_TRUE(both.err.starts_with("attend: text 2: ")) << both.err;
  const Json parameters{
      {"src_lang", "en"}, {"tgt_lang", "ru"}, {"num_beams", 1}, {"max_new_tokens", 5}};
  const Json expected =
      run("translation", {"--model", folder}, Json{"the house", "the river"}, parameters);
  EXPECT_EQ(lines[0], expected[0]["translation_text"]);
  EXPECT_EQ(lines[2], expected[1]["translation_text"]);

  const Words two{"translate", "--model", folder, "--from",      "en", "--to",
                  "ru",        "--beams", "2",    "--sequences", "2",  "--max-new-tokens",
                  "5"};
  const auto pairs = split_lines(attend(two, "the house\n\xFF\nthe river\n").out);
  ASSERT_EQ(pairs.size(), 6U);
  EXPECT_EQ(pairs[2] + pairs[3], "");
  EXPECT_NE(pairs[4], "");
}

TEST(Writing, LanguagesChooseThePrefixOfT5) {
  const std::string folder = model("t5-text2text-generation");
  const auto found = attend({"translate", "--model", folder, "--from", "en", "--to", "de",
                             "--max-new-tokens", "9", "the house"});
  ASSERT_EQ(found.code, exit_ok) << found.err;
  const Json expected =
      run("translation_en_to_de", {"--model", folder}, "the house", {{"max_new_tokens", 9}});
  EXPECT_EQ(found.out, expected[0]["translation_text"].get<std::string>() + "\n");
  const auto other = attend({"translate", "--model", folder, "--from", "en", "--to", "fr", "x"});
  EXPECT_EQ(other.code, exit_usage);
  EXPECT_NE(other.err.find("has settings for translation_en_to_de"), std::string::npos)
      << other.err;
}

TEST(Writing, LanguagesAreNamedByTheCommand) {
  const auto refused = [](const std::string& folder, const Words& more,
                          std::string_view complaint) {
    Words words{"translate", "--model", model(folder), "the house"};
    words.insert(words.end(), more.begin(), more.end());
    const auto found = attend(words);
    EXPECT_EQ(found.code, exit_usage);
    EXPECT_NE(found.err.find(complaint), std::string::npos) << found.err;
  };
  refused("m2m_100-translation", {}, "give both");
  refused("m2m_100-translation", {"--from", "en", "--to", "zz"}, "\"zz\" is none of");
  refused("marian-translation", {"--from", "en", "--to", "de"}, "leave both out");
}

// The flags of generate, with the same meaning.
TEST(Writing, DrawnTextsFollowTheSeedOfTheCommand) {
  const auto drawn = [](const std::string& seed) {
    const auto found =
        attend({"summarize", "--model", model("t5-text2text-generation"), "--sample", "--beams",
                "1", "--temperature", "3", "--max-new-tokens", "8", "--seed", seed, "the house"});
    EXPECT_EQ(found.code, exit_ok) << found.err;
    return found.out;
  };
  EXPECT_EQ(drawn("1"), drawn("1"));
  EXPECT_NE(drawn("1"), drawn("2"));
}

TEST(Writing, ATextThatIsTooLong) {
  std::string endless;
  for (int i = 0; i < 200; ++i) endless += "the house ";
  Words command{"summarize", "--model", model("bart-summarization"), endless};
  const auto refused = attend(command);
  EXPECT_EQ(refused.code, exit_run_time);
  EXPECT_NE(refused.err.find("--truncate cuts it"), std::string::npos) << refused.err;
  command.emplace_back("--truncate");
  EXPECT_EQ(attend(command).code, exit_ok);
}

TEST(Writing, TheBundledModelSaysHowWordsSound) {
  EXPECT_EQ(run("text2text-generation", {}, Json{"hello", "transformer"}, Json::object()),
            test::ordered_json_of(
                R"([{"generated_text": "hˈɛlO"}, {"generated_text": "tɹænsfˈɔɹməɹ"}])"));
}

TEST(Writing, ParametersThatMeanNothing) {
  const Words t5{"--model", model("t5-text2text-generation")};
  const auto message = [&](const std::string& name, const Json& parameters) {
    const Json answer = run(name, t5, "the house", parameters);
    return answer.contains("error") ? answer["error"]["message"].get<std::string>() : "";
  };
  EXPECT_NE(message("summarization", {{"src_lang", "en"}}).find("unknown parameter"),
            std::string::npos);
  EXPECT_NE(message("summarization", {{"max_tokens", 3}}).find("max_new_tokens"),
            std::string::npos);
  EXPECT_NE(message("summarization", {{"num_beams", 0}}).find("num_beams"), std::string::npos);
  EXPECT_NE(message("translation", {{"stop_sequence", 3}}).find("stop_sequence"),
            std::string::npos);
  // As in the reference, return_text says nothing by itself.
  const Json answer =
      run("summarization", t5, "the house", {{"return_text", false}, {"max_new_tokens", 3}});
  EXPECT_TRUE(answer[0].contains("summary_text")) << answer;
}

// What is drawn does not depend on the lines beside, and comes again with the same seed.
TEST(Writing, DrawnTextsFollowTheSeedAlone) {
  const std::string folder = model("t5-text2text-generation");
  const auto line = [](int seed) {
    return Json{{"inputs", "the house"},
                {"parameters",
                 {{"do_sample", true}, {"num_beams", 1}, {"max_new_tokens", 8}, {"seed", seed}}}}
               .dump() +
           "\n";
  };
  const auto lines = split_lines(
      attend({"run", "text2text-generation", "--model", folder}, line(1) + line(1) + line(2)).out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], lines[1]);
  EXPECT_NE(lines[0], lines[2]);
}

}  // namespace
}  // namespace attend::cli
