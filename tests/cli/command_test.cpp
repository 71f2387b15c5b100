// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The built executable as a shell sees it: streams, exit codes, help, and JSON for programs.
#include "cli/command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <sstream>

#include "attend/checkpoint/safetensors.h"
#include "attend/model/model.h"
#include "attend/text/regex.h"
#include "attend/tokenizer/added_tokens.h"
#include "attend/tokenizer/bpe.h"
#include "attend/tokenizer/unigram.h"
#include "attend/tokenizer/vocabulary.h"
#include "attend/tokenizer/wordpiece.h"
#include "cli/json_filter.h"
#include "core/limits.h"
#include "support/command.h"
#include "support/edited_model.h"
#include "support/golden.h"
#include "support/json_difference.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

namespace fs = std::filesystem;

using test::CommandResult;
using Json = test::OrderedJson;
using test::split_lines;
using Words = std::vector<std::string>;

CommandResult attend(const Words& arguments, std::string_view input = {}) {
  return test::run_program(test::attend_command(), arguments, input);
}

std::string model(std::string_view folder) { return test::golden(folder).string(); }

const Words subcommands{"sentiment", "ner",       "zero-shot", "qa",       "fill-mask",  "generate",
                        "chat",      "summarize", "translate", "embed",    "similarity", "search",
                        "rerank",    "run",       "forward",   "tokenize", "info",       "verify",
                        "pack",      "evaluate",  "bench"};

// ---- help, version, usage

TEST(Command, HelpOfEverySubcommandHasAnExample) {
  for (const std::string& name : subcommands) {
    SCOPED_TRACE(name);
    const auto result = attend({name, "--help"});
    EXPECT_EQ(result.code, exit_ok);
    EXPECT_NE(result.out.find("Example:\n  "), std::string::npos);
    EXPECT_NE(result.out.find("attend " + name), std::string::npos);
    EXPECT_EQ(result.err, "");
  }
}

TEST(Command, HelpListsEverySubcommand) {
  const auto result = attend({"--help"});
  EXPECT_EQ(result.code, exit_ok);
  for (const std::string& name : subcommands) {
    EXPECT_NE(result.out.find("\n  " + name), std::string::npos) << name;
  }
}

TEST(Command, VersionGoesToStandardOutput) {
  const auto result = attend({"--version"});
  EXPECT_EQ(result.code, exit_ok);
  EXPECT_TRUE(result.out.starts_with("attend ")) << result.out;
}

TEST(Command, WrongUsageIsCodeTwoAndSaysWhy) {
  struct Usage {
    Words arguments;
    std::string complaint;
  };
  const std::vector<Usage> table{
      {{}, "subcommand"},
      {{"feel", "x"}, "unknown command \"feel\"; known are sentiment, ner, zero-shot, qa"},
      {{"[feel]"}, "unknown command \"[feel]\""},
      {{"--feel"}, "subcommand"},
      {{"sentiment", "x", "--nonsense"}, "--nonsense"},
      {{"sentiment", "x", "--batch-size", "0"}, "--batch-size"},
      {{"sentiment", "x", "--threads", "-1"}, "--threads"},
      {{"sentiment", "x", "--top-k", "0"}, "--top-k"},
      {{"sentiment", "x", "--all", "--top-k", "2"}, "--top-k"},
      {{"ner", "x", "--aggregation", "some"}, "{none,simple,first,average,max}"},
      {{"ner", "x", "--stride", "-1"}, "stride"},
      {{"zero-shot", "x", "--labels", "a,b", "--template", "nobrace"}, "template"},
      {{"embed", "x", "--prompt-name", "nope"}, "nope"},
      {{"embed", "x", "--long-text", "fold"}, "{truncate,mean-of-windows}"},
      {{"embed", "x", "--overlap", "2"}, "mean_of_windows"},
      {{"embed", "x", "--long-text", "mean-of-windows", "--overlap", "254"}, "254 tokens"},
      {{"embed", "x", "--role", "author"}, "{query,document}"},
      {{"similarity", "x"}, "2 to 5000 texts, found 1"},
      {{"similarity", "x", "y", "--similarity", "hamming"}, "manhattan"},
      {{"search", "x"}, "--corpus"},
      {{"search", "--corpus", "-"}, "leaves no input"},
      {{"search", "x", "--corpus", "y", "--top-k", "0"}, "--top-k"},
      {{"sentiment", "x", "--model", ""}, "--model: expected a name or path"},
      {{"sentiment", "x", "--model="}, "--model: "},
      {{"run", "ner", "--model", ""}, "--model: expected a name or path"},
      {{"pack", "--model", "m", "--output", ""}, "--output: expected a name or path"},
      {{"bench", "--model", "m", "--shape", "1x1", "--packed", ""},
       "--packed: expected a name or path"},
      {{"verify", "m", "--packed", ""}, "--packed: expected a name or path"},
      {{"verify", "m", "--dtype", "int8"}, "--packed"},
      {{"verify", "a", "b", "--packed", "f"}, "--packed is a file of one model, but 2 are named"},
      {{"tokenize", "x", "--model", ""}, "--model: expected a name or path"},
      {{"forward", "--model", "", "--input", "x", "--output", "y"},
       "--model: expected a name or path"},
      {{"sentiment", "--file", "a", "--file", "b"}, "--file"},
      {{"sentiment", "x", "--model", "a", "--model", "b"}, "--model"},
      {{"zero-shot", "x"}, "--labels"},
      {{"zero-shot", "x", "--labels", " , "}, "--labels"},
      {{"zero-shot", "x", "--labels", "a,\xFF"}, "byte 0 of a label"},
      {{"sentiment", "x", "--file", "y"}, "--file"},
      {{"qa", "x"}, "--question"},
      {{"qa", "--question", "", "x"}, "expected a question"},
      {{"rerank", "x"}, "--query"},
      {{"translate", "x", "--from", "en"}, "--from and --to: expected both or neither"},
      {{"translate", "x", "--model", model("marian-translation"), "--from", "en", "--to", "de"},
       "does not choose between languages"},
      {{"translate", "x", "--from", ""}, "--from: expected a code"},
      {{"summarize", "x", "--beams", "0"}, "--beams"},
      {{"run"}, "name"},
      {{"run", "summarize"}, "sentence-embeddings"},
      {{"run", "nonsense"}, "unknown task \"nonsense\": expected one of "},
      {{"run", "nonsense"}, "translation_xx_to_yy"},
      {{"run", "translation_en_XX_to_de_DE"}, "src_lang and tgt_lang of translation"},
      {{"forward", "--model", "x"}, "--input"},
      {{"forward", "--model", "x", "--head", "seq"}, "--head: expected one of none, sequence_"},
      {{"info", "[more]"}, "expected: [more]; see `attend info --help`"},
      {{"ner", "--\x1B[31m"}, "--\\x1B[31m; see `attend ner --help`"},
  };
  for (const Usage& usage : table) {
    SCOPED_TRACE(usage.complaint);
    const auto result = attend(usage.arguments);
    EXPECT_EQ(result.code, exit_usage);
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(result.err.starts_with("attend: ")) << result.err;
    EXPECT_NE(result.err.find(usage.complaint), std::string::npos) << result.err;
  }
}

// ---- models and files

TEST(Command, ModelsAndFilesThatCannotBeReadAreCodeThree) {
  const test::TemporaryFolder folder;
  test::write_file(folder.path() / "config.json", "{");
  const std::string broken = folder.path().string();
  const std::string good = model("bert-sequence-classification");
  const std::vector<Words> table{
      {"sentiment", "x", "--model", "/nowhere/at/all"},
      {"sentiment", "x", "--model", broken},
      {"sentiment", "--file", "/nowhere/at/all", "--model", good},
      {"fill-mask", "x"},  // no bundled model
      {"run", "ner", "--model", broken},
      {"run", "cross-encoder"},
      {"run", "tokenize", "--file", "/nowhere", "--model", good},
      {"tokenize", "x", "--model", broken + "/config.json"},
      {"tokenize", "x", "--model", std::string(5000, 'a')},
      {"run", "tokenize", "--model", std::string(5000, 'a')},
      {"forward", "--model", good, "--input", "/nowhere", "--output", broken + "/out"},
  };
  for (const Words& arguments : table) {
    const auto result = attend(arguments);
    EXPECT_EQ(result.code, exit_file) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(result.err.starts_with("attend: ")) << result.err;
    EXPECT_EQ(split_lines(result.err).size(), 1U) << result.err;
  }
}

TEST(Command, WithoutABundledModelTheHintIsAnOptionOfTheSameCommand) {
  const std::vector<Words> table{{"qa", "-q", "x", "y"},
                                 {"fill-mask", "x"},
                                 {"rerank", "-q", "x", "y"},
                                 {"summarize", "x"},
                                 {"translate", "x"}};
  for (const Words& arguments : table) {
    const auto result = attend(arguments);
    EXPECT_EQ(result.code, exit_file);
    EXPECT_NE(result.err.find("no model is bundled for"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("; name one with --model FOLDER\n"), std::string::npos) << result.err;
  }
}

TEST(CommandDeathTest, OneThreadIsOneWhileTheModelIsLoadedToo) {
  const auto run_and_exit_with_threads = [](std::vector<const char*> words) {
    const std::string folder = model("bert-sequence-classification");
    const test::TemporaryFolder temporary;
    const std::string input = (temporary.path() / "input").string();
    test::write_file(input, "{\"inputs\": \"him worthy\"}\n");
    words.insert(words.begin(), "attend");
    words.insert(words.end(),
                 {"--threads", "1", "--file", input.c_str(), "--model", folder.c_str()});
    const auto threads = [] {
      return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
    };
    const auto before = threads();
    std::ostringstream out;
    std::ostringstream err;
    Terminal terminal{.out = out, .err = err};
    const int code = run_command(static_cast<int>(words.size()), words.data(), terminal);
    std::_Exit(code == exit_ok ? static_cast<int>(threads() - before) : 100);
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process without threads of other tests
  EXPECT_EXIT(run_and_exit_with_threads({"sentiment"}), testing::ExitedWithCode(0),
              testing::Eq(std::string()));
  EXPECT_EXIT(run_and_exit_with_threads({"run", "sentiment"}), testing::ExitedWithCode(0),
              testing::Eq(std::string()));
}

// ---- texts

TEST(Command, ArgumentsFilesAndStandardInputAreTheSame) {
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "texts").string();
  test::write_file(file, "him worthy whose\nthe sense was anything\n");
  const Words base{"sentiment", "--model", model("bert-sequence-classification")};
  const auto with = [&](const Words& more) {
    Words all = base;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto arguments = attend(with({"him worthy whose", "the sense was anything"}));
  ASSERT_EQ(arguments.code, exit_ok) << arguments.err;
  EXPECT_EQ(split_lines(arguments.out).size(), 2U);
  EXPECT_EQ(arguments.out.find('\x1b'), std::string::npos);  // no terminal, no colour
  EXPECT_EQ(arguments.err, "");
  EXPECT_EQ(attend(with({"--file", file})).out, arguments.out);
  EXPECT_EQ(attend(base, test::read_file(file)).out, arguments.out);
  EXPECT_EQ(attend(with({"--threads", "2", "--batch-size", "1", "--", "him worthy whose",
                         "the sense was anything"}))
                .out,
            arguments.out);
}

TEST(Command, EveryTaskPrintsForPeopleAndForPrograms) {
  const std::vector<Words> table{
      {"sentiment", "--model", model("bert-sequence-classification"), "him worthy"},
      {"sentiment", "--all", "--model", model("bert-sequence-classification"), "him worthy"},
      {"ner", "--model", model("bert-token-classification"), "the main point of this"},
      {"zero-shot", "--labels", "politics, sport", "The goalkeeper saved a penalty."},
      {"qa", "--model", model("bert-question-answering"), "--question", "Where is the house?",
       "the house stands beneath a pine tree"},
      {"fill-mask", "--model", model("bert-fill-mask"), "a [MASK] to Red Shirt."},
      {"generate", "--greedy", "--max-new-tokens", "3", "Once upon"},
      {"embed", "A cat sleeps.", "A kitten naps."},
      {"similarity", "A cat sleeps.", "A kitten naps."},
      {"search", "A kitten naps.", "--corpus",
       (test::golden("bert-fill-mask") / "vocab.txt").string(), "--model",
       model("bert-sentence-embeddings-mean")},
      {"rerank", "--model", model("bert-sequence-classification-reranker"), "--query",
       "Who went to the school?", "the students", "good ladies"},
      {"tokenize", "--model", model("bert-token-classification"), "the main point"},
  };
  for (const Words& arguments : table) {
    SCOPED_TRACE(arguments[0]);
    const auto people = attend(arguments);
    EXPECT_EQ(people.code, exit_ok) << people.err;
    EXPECT_NE(people.out, "");
    EXPECT_EQ(people.err, "");
    Words with_json = arguments;
    with_json.insert(with_json.begin() + 1, "--json");
    const auto programs = attend(with_json);
    EXPECT_EQ(programs.code, exit_ok) << programs.err;
    for (const std::string& line : split_lines(programs.out)) {
      EXPECT_TRUE(test::ordered_json_of(line).is_object()) << line;
    }
  }
}

TEST(Command, TextsComeThroughAsTheyAre) {
  const std::string folder = model("bert-token-classification");
  for (const std::string text : {"[MASK] or [MASK]", "[a,b]", "[", "[]", "run", "info", "a=b", "",
                                 "-5 degrees", "--json", "a\\nb", "'quoted'", "\"quoted\""}) {
    SCOPED_TRACE(text);
    const auto result = attend({"embed", "--json", "--", text, "[second] [text]"});
    ASSERT_EQ(result.code, exit_ok) << result.err;
    const auto lines = split_lines(result.out);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(test::ordered_json_of(lines[0])["text"], text);
    EXPECT_EQ(test::ordered_json_of(lines[1])["text"], "[second] [text]");
  }
  const std::string pair = "[x] and [y]";
  const std::string request = Json{{"inputs", {{"text", "[MASK]"}, {"text_pair", pair}}}}.dump();
  EXPECT_EQ(attend({"tokenize", "--json", "--model", folder, "--pair", pair, "[MASK]"}).out,
            attend({"run", "tokenize", "--model", folder}, request).out);
}

TEST(Command, TheBundledModelsAnswerSensibly) {
  const auto sentiment = attend({"sentiment", "A quiet, perfect film.", "A dull, endless mess."});
  EXPECT_TRUE(sentiment.out.starts_with("POSITIVE")) << sentiment.out;
  EXPECT_NE(sentiment.out.find("\nNEGATIVE"), std::string::npos) << sentiment.out;
  const auto ner = attend({"ner", "Angela Merkel met Emmanuel Macron in Paris on Monday."});
  for (const std::string_view name : {"Angela Merkel\n", "Emmanuel Macron\n", "Paris\n"}) {
    EXPECT_NE(ner.out.find(name), std::string::npos) << ner.out;
  }
  const auto zero_shot = attend({"zero-shot", "The goalkeeper saved a penalty in the last minute.",
                                 "--labels", "politics,sport,cooking", "--json"});
  EXPECT_EQ(test::ordered_json_of(zero_shot.out)["result"]["labels"][0], "sport") << zero_shot.out;
}

TEST(Command, AFailedTextIsReportedAndTheOthersGoOn) {
  std::string endless;
  for (int i = 0; i < 200; ++i) endless += "the house ";
  const Words base{"sentiment", "--model", model("bert-sequence-classification")};
  Words json = base;
  json.emplace_back("--json");
  const std::string input = "him worthy\n" + endless + "\nthe sense\n";
  const auto people = attend(base, input);
  EXPECT_EQ(people.code, exit_run_time);
  EXPECT_EQ(split_lines(people.out).size(), 2U) << people.out;
  EXPECT_TRUE(people.err.starts_with("attend: text 2: ")) << people.err;
  const auto programs = attend(json, input);
  EXPECT_EQ(programs.code, exit_run_time);
  const auto lines = split_lines(programs.out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(test::ordered_json_of(lines[1])["error"]["kind"], "InputTooLong");
  EXPECT_TRUE(test::ordered_json_of(lines[2]).contains("result"));
  Words truncated = base;
  truncated.emplace_back("--truncate");
  EXPECT_EQ(attend(truncated, input).code, exit_ok);
}

TEST(Command, AWrongEnvironmentVariableIsWrongUsage) {
  const auto result = test::run_program(
      "/bin/sh", {"-c", "ATTEND_ISA=foo '" + test::attend_command() + "' sentiment x"});
  EXPECT_EQ(result.code, exit_usage);
  EXPECT_NE(result.err.find("ATTEND_ISA"), std::string::npos) << result.err;
}

TEST(Command, ATextThatIsTooLongNamesTheOptionOfTheCommand) {
  std::string endless;
  for (int i = 0; i < 1000; ++i) endless += "the house ";
  const std::vector<std::pair<Words, std::string>> table{
      {{"sentiment", "--model", model("bert-sequence-classification")}, "--truncate"},
      {{"fill-mask", "--model", model("bert-fill-mask")}, "--truncate"},
      {{"qa", "--model", model("bert-question-answering"), "--question", endless},
       "shorten the question; `attend run question-answering` has"},
  };
  for (const auto& [command, option] : table) {
    for (const bool json : {false, true}) {
      SCOPED_TRACE(command[0]);
      Words arguments = command;
      if (json) arguments.emplace_back("--json");
      arguments.push_back(endless + "[MASK]");
      const auto result = attend(arguments);
      EXPECT_EQ(result.code, exit_run_time);
      const std::string& said = json ? result.out : result.err;
      EXPECT_NE(said.find(option), std::string::npos) << said;
    }
  }
}

TEST(Command, AFileOfQaIsOneContextByteForByte) {
  const test::TemporaryFolder folder;
  const std::string context = "\n\r\nthe house stands\r\nbeneath a pine tree\r\n";
  const std::string file = (folder.path() / "context").string();
  test::write_file(file, context);
  const Words base{"qa",         "--json",
                   "--model",    model("bert-question-answering"),
                   "--question", "Where is the house?"};
  Words from_file = base;
  from_file.insert(from_file.end(), {"--file", file});
  Words from_argument = base;
  from_argument.push_back(context);
  const auto expected = attend(from_argument);
  ASSERT_EQ(expected.code, exit_ok) << expected.err;
  EXPECT_EQ(test::ordered_json_of(expected.out)["text"], context);
  EXPECT_EQ(attend(from_file).out, expected.out);
  EXPECT_EQ(attend(base, context).out, expected.out);
}

TEST(Command, SimilarityDoesNotDependOnWhenTextsArrive) {
  const auto together = attend({"embed"}, "A cat sleeps.\nA kitten naps.\nStocks fell.\n");
  ASSERT_EQ(together.code, exit_ok) << together.err;
  EXPECT_NE(together.out.find("Similarity to the first text\n"), std::string::npos);
  const auto apart = test::run_program(
      "/bin/sh", {"-c",
                  "{ echo 'A cat sleeps.'; sleep 0.3; echo 'A kitten naps.'; sleep 0.3; "
                  "echo 'Stocks fell.'; } | '" +
                      test::attend_command() + "' embed"});
  EXPECT_EQ(apart.out, together.out);
}

TEST(Command, TokenizeNamesTheUnitOfItsOffsets) {
  const auto people = attend({"tokenize", "é a"});
  EXPECT_NE(people.out.find("from byte"), std::string::npos) << people.out;
  EXPECT_NE(attend({"tokenize", "--help"}).out.find("code points"), std::string::npos);
}

TEST(Command, ALineThatIsTooLongFailsAlone) {
  const std::string input =
      "him worthy\n" + std::string(LineReader::default_max_line_bytes + 1, 'a') + "\nthe sense\n";
  const std::string folder = model("bert-sequence-classification");
  const auto people = attend({"sentiment", "--model", folder}, input);
  EXPECT_EQ(people.code, exit_run_time);
  EXPECT_TRUE(people.err.starts_with("attend: text 2: bytes of line 2:")) << people.err;
  EXPECT_EQ(split_lines(people.out).size(), 2U);
  const Words json{"sentiment", "--json", "--model", folder};
  const auto lines = split_lines(attend(json, input).out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(test::ordered_json_of(lines[1])["error"]["kind"], "ResourceLimit");
  EXPECT_EQ(test::ordered_json_of(lines[2])["text"], "the sense");
  EXPECT_EQ(split_lines(attend({"tokenize", "--json", "--model", folder}, input).out).size(), 3U);
}

TEST(Command, TokenizeRefusesBrokenBytesInBothForms) {
  const Words base{"tokenize", "--model", model("bert-token-classification")};
  Words json = base;
  json.emplace_back("--json");
  const std::string input = "the main\n\xFF\nthe point\n";
  const auto people = attend(base, input);
  EXPECT_EQ(people.code, exit_run_time);
  EXPECT_TRUE(people.err.starts_with("attend: text 2: ")) << people.err;
  const auto programs = attend(json, input);
  EXPECT_EQ(programs.code, exit_run_time);
  const auto lines = split_lines(programs.out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_TRUE(test::ordered_json_of(lines[0]).contains("input_ids"));
  EXPECT_EQ(test::ordered_json_of(lines[1])["error"]["kind"], "InvalidUtf8");
  EXPECT_TRUE(test::ordered_json_of(lines[2]).contains("input_ids"));
  for (Words pair : {base, json}) {
    pair.insert(pair.end(), {"--pair", "\xFF", "the main"});
    EXPECT_EQ(attend(pair).code, exit_run_time);
  }
}

TEST(Command, RerankGoesOnAfterABadDocument) {
  const Words base{"rerank", "--model", model("bert-sequence-classification-reranker"), "--query",
                   "Who went to the school?"};
  const std::string input = "the students\n\xFF\ngood ladies\n";
  const auto people = attend(base, input);
  EXPECT_EQ(people.code, exit_run_time);
  EXPECT_TRUE(people.err.starts_with("attend: text 2: ")) << people.err;
  EXPECT_EQ(split_lines(people.out).size(), 2U) << people.out;
  Words with_json = base;
  with_json.emplace_back("--json");
  const auto lines = split_lines(attend(with_json, input).out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(test::ordered_json_of(lines[0])["index"], 1);
  EXPECT_EQ(test::ordered_json_of(lines[0])["error"]["kind"], "InvalidUtf8");
  const Json best = test::ordered_json_of(lines[1]);
  const Json other = test::ordered_json_of(lines[2]);
  EXPECT_GE(best["score"], other["score"]);
  EXPECT_EQ(best["index"].get<int>() + other["index"].get<int>(), 2);
  with_json.insert(with_json.end(), {"--top-k", "1"});
  EXPECT_EQ(split_lines(attend(with_json, "the students\ngood ladies\n").out).size(), 1U);
}

TEST(Command, SimilarityComparesEachTextWithEach) {
  const Words texts{"similarity", "A cat sleeps.", "A kitten naps.", "\xFF", "Stocks fell."};
  const auto people = attend(texts);
  EXPECT_EQ(people.code, exit_run_time);
  EXPECT_TRUE(people.err.starts_with("attend: text 3: ")) << people.err;
  const auto lines = split_lines(people.out);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], "A cat sleeps.");
  EXPECT_TRUE(lines[1].starts_with("  cosine  0.7")) << lines[1];
  EXPECT_EQ(lines[3], "A kitten naps.");
  Words euclidean = texts;
  euclidean.insert(euclidean.end(), {"--json", "--similarity", "euclidean"});
  const auto programs = split_lines(attend(euclidean).out);
  ASSERT_EQ(programs.size(), 4U);
  const Json first = test::ordered_json_of(programs[0])["result"];
  const Json last = test::ordered_json_of(programs[3])["result"];
  ASSERT_EQ(first.size(), 4U);
  EXPECT_EQ(first[0], 0.0);
  EXPECT_LT(first[1], 0.0);
  EXPECT_GT(first[1], first[3]);
  EXPECT_TRUE(first[2].is_null());
  EXPECT_EQ(first[3], last[0]);
  EXPECT_EQ(test::ordered_json_of(programs[2])["error"]["kind"], "InvalidUtf8");
  Words dot = texts;
  dot.insert(dot.end(), {"--similarity", "DOT"});
  EXPECT_NE(attend(dot).out.find("  dot  0.7"), std::string::npos);
}

TEST(Command, SearchFindsLinesOfAFile) {
  const test::TemporaryFolder folder;
  const std::string corpus = (folder.path() / "corpus.txt").string();
  const std::string content =
      "A man is eating bread.\n\xFF\nA woman is playing the violin.\nThe stock market fell.\n";
  test::write_file(corpus, content);
  const auto people =
      attend({"search", "Who makes music?", "finance", "--corpus", corpus, "--top-k", "2"});
  EXPECT_EQ(people.code, exit_run_time);  // a line of the corpus
  EXPECT_TRUE(people.err.starts_with("attend: corpus line 2: ")) << people.err;
  const auto lines = split_lines(people.out);
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0], "Who makes music?");
  EXPECT_TRUE(lines[1].starts_with("  3  0.") && lines[1].ends_with("violin.")) << lines[1];
  EXPECT_TRUE(lines[4].ends_with("The stock market fell.")) << lines[4];
  const Words json{"search", "--corpus", corpus, "--top-k", "1", "--json"};
  const auto programs = split_lines(attend(json, "finance\n\xFF\n").out);  // queries of the input
  ASSERT_EQ(programs.size(), 2U);
  const Json found = test::ordered_json_of(programs[0]);
  EXPECT_EQ(found["text"], "finance");
  EXPECT_EQ(found["result"][0]["index"], 3);
  EXPECT_EQ(found["result"][0]["text"], "The stock market fell.");
  EXPECT_EQ(test::ordered_json_of(programs[1])["error"]["kind"], "InvalidUtf8");
  const auto piped = attend({"search", "finance", "--corpus", "-", "--top-k", "1"}, content);
  EXPECT_NE(piped.out.find("The stock market fell."), std::string::npos) << piped.out;
  EXPECT_EQ(attend({"search", "x", "--corpus", corpus + ".none"}).code, exit_file);
  const auto empty = attend({"search", "x", "--corpus", "-", "--json"}, "");
  EXPECT_EQ(test::ordered_json_of(empty.out)["result"], Json::array()) << empty.err;
}

TEST(Command, VectorsFollowTheOptions) {
  const Words base{"embed", "--json", "--model", model("bert-sentence-embeddings-mean")};
  const auto vector = [&](const Words& more) {
    Words words = base;
    words.insert(words.end(), more.begin(), more.end());
    const auto result = attend(words);
    EXPECT_EQ(result.code, exit_ok) << result.err;
    return test::ordered_json_of(result.out)["result"];
  };
  std::string endless;
  for (int i = 0; i < 60; ++i) endless += "the house ";
  EXPECT_EQ(vector({"house", "--prompt", "query: "}), vector({"query: house"}));
  EXPECT_EQ(vector({"house", "--prompt-name", "query"}), vector({"query: house"}));
  EXPECT_EQ(vector({"house", "--role", "query"}), vector({"query: house"}));
  EXPECT_EQ(vector({"house", "--role", "document"}), vector({"house"}));
  EXPECT_EQ(vector({"house", "--truncate-dim", "5"}).size(), 5U);
  EXPECT_EQ(vector({"house", "--long-text", "mean-of-windows"}), vector({"house"}));
  EXPECT_EQ(vector({endless, "--long-text", "truncate"}), vector({endless}));
  const Json windows = vector({endless, "--long-text", "mean-of-windows"});
  EXPECT_NE(windows, vector({endless}));
  EXPECT_NE(windows, vector({endless, "--long-text", "mean-of-windows", "--overlap", "9"}));
}

TEST(Command, AModelForAnotherTaskIsRefused) {
  const auto result = attend({"ner", "x", "--model", model("bert-sequence-classification")});
  EXPECT_EQ(result.code, exit_file);
  for (const std::string_view part :
       {"token classification head", "BertForSequenceClassification", "text-classification"}) {
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  }
}

// Each message says what the folder is for.
TEST(Command, AModelWhoseHeadNoTaskUsesSaysWhatGivesItsLogits) {
  const auto expect_hint = [](const char* folder, const char* class_name, const char* hint) {
    SCOPED_TRACE(folder);
    for (const char* task : {"text-classification", "token-classification", "cross-encoder"}) {
      const auto result = attend({"run", task, "--model", model(folder)}, "{}\n");
      EXPECT_EQ(result.code, exit_file);
      EXPECT_NE(result.err.find(class_name), std::string::npos) << result.err;
      EXPECT_NE(result.err.find(hint), std::string::npos) << result.err;
    }
  };
  for (const auto& [folder, class_name] :
       {std::pair{"bert-multiple-choice", "BertForMultipleChoice"},
        std::pair{"electra-replaced-token-detection", "ElectraForPreTraining"}}) {
    expect_hint(folder, class_name, "attend forward");
    expect_hint(folder, class_name, "feature-extraction and embed");
  }
  for (const auto& [folder, class_name] : {std::pair{"bert-pretraining", "BertForPreTraining"},
                                           std::pair{"bert-fill-mask", "BertForMaskedLM"}}) {
    expect_hint(folder, class_name, "is for fill-mask");
  }
}

TEST(Command, OutputThatCannotBeWrittenIsAnError) {
  const std::string line = "'" + test::attend_command() + "' info";
  const auto full = test::run_program("/bin/sh", {"-c", line + " >/dev/full"});
  EXPECT_EQ(full.code, exit_run_time);
  EXPECT_NE(full.err.find("cannot write the results"), std::string::npos) << full.err;
  // A reader that goes away ends the command, as it ends any filter.
  const auto gone =
      test::run_program("/bin/sh", {"-c", "yes '{\"inputs\": \"a\"}' | '" + test::attend_command() +
                                              "' run sentiment | head -n 1"});
  EXPECT_EQ(gone.code, 0) << gone.err;
  EXPECT_EQ(split_lines(gone.out).size(), 1U);
}

// The third line is none and the fourth asks for nothing, however they arrive.
TEST(Command, ErrorsOfRunNameTheirLine) {
  const auto result = attend({"run", "sentiment"},
                             "{\"inputs\": \"a\"}\n{\"inputs\": \"b\"}\n{]\r\n{\"other\": 1}\n");
  EXPECT_EQ(result.code, exit_run_time) << result.err;
  const auto answers = split_lines(result.out);
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_NE(answers[2].find("line 3, column 2"), std::string::npos) << answers[2];
  EXPECT_NE(answers[3].find("the request in line 4"), std::string::npos) << answers[3];
}

TEST(Command, InfoNamesWhatThereIs) {
  const auto people = attend({"info"});
  EXPECT_EQ(people.code, exit_ok) << people.err;
  const auto result = attend({"info", "--json"});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const Json info = test::ordered_json_of(result.out);
  EXPECT_NE(info["architectures"].dump().find("\"distilbert\""), std::string::npos);
  EXPECT_EQ(info["limits"]["json_depth"], 64);
  for (const auto& [name, value] : limits::all) {
    EXPECT_EQ(info["limits"][std::string(name)], value);
    EXPECT_NE(people.out.find("\n  " + std::string(name) + " "), std::string::npos) << name;
  }
  const std::map<std::string, std::int64_t> of_public_headers{
      {"pattern_bytes", Regex::max_pattern_bytes},
      {"token_id", Vocabulary::max_id},
      {"added_token_bytes", AddedTokens::max_bytes},
      {"wordpiece_token_bytes", WordPiece::max_token_bytes},
      {"unigram_piece_bytes", Unigram::max_piece_bytes},
      {"merge_prefix_bytes", Bpe::max_prefix_bytes},
  };
  for (const auto& [name, value] : of_public_headers) {
    EXPECT_EQ(info["limits"][name], value) << name;
  }
  EXPECT_GE(info["threads"].get<int>(), 1);
  EXPECT_FALSE(info["kernels"].get<std::string>().empty());
  for (const Json& task : info["tasks"]) {
    EXPECT_NE(people.out.find("\n  " + task["name"].get<std::string>() + " "), std::string::npos);
  }
}

TEST(Command, InfoForetellsTheMemoryOfAModel) {
  const std::string folder = (test::source_folder() / "examples/models/sentiment").string();
  const auto result = attend({"info", "--model", folder, "--json"});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  const Json info = test::ordered_json_of(result.out);
  const MemoryEstimate one = estimate_memory(folder, {1, 128});
  const MemoryEstimate many = estimate_memory(folder, {32, 128});
  EXPECT_EQ(info["model"], folder);
  EXPECT_EQ(info["packed_bytes"], one.packed);
  EXPECT_EQ(info["mapped_bytes"], one.stored);
  EXPECT_EQ(info["loading_bytes"], one.loading);
  EXPECT_EQ(info["batches"][0]["workspace_bytes"], one.workspace);
  EXPECT_EQ(info["batches"][1]["workspace_bytes"], many.workspace);
  EXPECT_EQ(info["batches"][1]["peak_bytes"], many.peak());
  EXPECT_EQ(info["batches"][1]["sequences"], 32);
  EXPECT_GT(many.workspace, one.workspace);
  const auto people = attend({"info", "--model", folder});
  EXPECT_EQ(people.code, exit_ok) << people.err;
  for (const std::string part : {folder.c_str(), "\n1 x 128", "\n32 x 128", " MiB in all\n"}) {
    EXPECT_NE(people.out.find(part), std::string::npos) << part << '\n' << people.out;
  }
  EXPECT_EQ(attend({"info", "--model", "nowhere"}).code, exit_file);
  const Json rounded =
      test::ordered_json_of(attend({"info", "--model", folder, "--dtype", "int4", "--json"}).out);
  EXPECT_EQ(rounded["packed_bytes"],
            estimate_memory(folder, {1, 128}, {.compute = ComputeType::int4}).packed);
  EXPECT_LT(rounded["packed_bytes"], info["packed_bytes"]);
  EXPECT_EQ(attend({"info", "--dtype", "int4"}).code, exit_usage);
}

TEST(Command, InfoAsksForNoLongerTextsThanTheModelTakes) {
  const std::string folder = test::golden("bert-sequence-classification").string();
  const Index longest = load_model(folder).max_tokens().value();
  ASSERT_LT(longest, 128);
  const auto people = attend({"info", "--model", folder});
  EXPECT_NE(people.out.find("\n1 x " + std::to_string(longest) + " "), std::string::npos);
  EXPECT_NE(people.out.find("\n32 x " + std::to_string(longest) + " "), std::string::npos);
  const Json info = test::ordered_json_of(attend({"info", "--model", folder, "--json"}).out);
  EXPECT_EQ(info["batches"][1]["tokens"], longest);
  EXPECT_EQ(info["batches"][1]["workspace_bytes"],
            estimate_memory(folder, {32, longest}).workspace);
}

TEST(Command, EveryCommandThatLoadsModelsCanIgnoreExtraTensors) {
  test::EditedModel stored(test::golden("bert-sequence-classification"));
  test::EditedTensor& extra = stored.tensors["encoder.surprise.weight"];
  extra.shape = Shape{1};
  extra.set_values({1});
  const fs::path& folder = stored.save();
  for (const char* name : {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}) {
    fs::copy_file(test::golden("bert-sequence-classification") / name, folder / name);
  }
  const fs::path data = folder / "data.tsv";
  test::write_file(data, "text\tlabel\nhim\t1 star\n");
  const std::array<std::int64_t, 3> ids{1, 250, 2};
  const TensorRef input{DType::i64, Shape{1, 3}, reinterpret_cast<const std::byte*>(ids.data())};
  write_safetensors(folder / "ids", {{"input_ids", input}});
  const std::vector<Words> commands{
      {"sentiment", "him", "--model"},
      {"info", "--model"},
      {"run", "text-classification", "--model"},
      {"evaluate", "sentiment", "--data", data.string(), "--model"},
      {"forward", "-i", folder / "ids", "-o", folder / "states", "--model"},
      {"bench", "--shape", "1x8", "--rounds", "1", "--model"},
      {"pack", "--force", "--model"},
      {"verify"}};
  for (Words command : commands) {
    SCOPED_TRACE(command.front());
    command.push_back(folder.string());
    const auto refused = attend(command, "{\"inputs\": \"him\"}\n");
    EXPECT_EQ(refused.code, exit_file);
    EXPECT_NE((refused.err + refused.out).find("--ignore-extra-tensors"), std::string::npos)
        << refused.err;
    command.emplace_back("--ignore-extra-tensors");
    const auto taken = attend(command, "{\"inputs\": \"him\"}\n");
    // The ids of bench are for larger vocabularies.
    EXPECT_TRUE(taken.code == exit_ok || command.front() == "bench") << taken.err;
    EXPECT_EQ(taken.err.find("surprise"), std::string::npos) << taken.err;
  }
}

// ---- attend run

TEST(Run, AnswersAsTheIssueShows) {
  const auto result = attend({"run", "text-classification", "--model",
                              (test::source_folder() / "examples/models/sentiment").string()},
                             "{\"inputs\": \"I love this film\", \"parameters\": {}}\n");
  EXPECT_EQ(result.code, exit_ok) << result.err;
  EXPECT_TRUE(result.out.starts_with("[{\"label\": \"POSITIVE\", \"score\": 0.9")) << result.out;
}

TEST(Run, FailedLinesBecomeErrorsInTheirPlaces) {
  struct Line {
    std::string text;
    std::string kind;  // empty: an answer
    std::string part;  // of the message
  };
  const std::string deep(100000, '[');
  const std::vector<Line> table{
      {R"({"inputs": "him worthy"})", "", ""},
      {"no JSON", "InvalidFormat", "expected JSON"},
      {"", "InvalidFormat", "line 3: expected JSON, found a blank line"},
      {" \t", "InvalidFormat", "line 4: expected JSON, found a blank line"},
      {R"({"inputs": "him", "parameters": {"topk": 3}})", "ConfigError",
       "unknown parameter \"topk\": expected one of top_k, function_to_apply"},
      {R"({"inputs": "him", "parameters": {"top_k": "3"}})", "ConfigError", "/parameters/top_k"},
      {R"({"inputs": "him", "parameters": {"top_k": 1.5}})", "ConfigError", "/parameters/top_k"},
      {R"({"inputs": "him", "parameters": {"function_to_apply": "tanh"}})", "ConfigError",
       "one of \"sigmoid\", \"softmax\", \"none\", found \"tanh\""},
      {R"({"inputs": "him", "parameters": {"batch_size": 0}})", "ConfigError",
       "/parameters/batch_size"},
      {R"({"inputs": "him", "parameters": []})", "ConfigError", "/parameters"},
      {R"({"parameters": {}})", "ConfigError", "inputs"},
      {R"({"inputs": "him", "options": {}})", "ConfigError", "\"inputs\" and \"parameters\""},
      {R"({"inputs": 7})", "ConfigError", "/inputs"},
      {R"({"inputs": ["him", 7]})", "ConfigError", "/inputs/1"},
      {R"([1])", "ConfigError", "object"},
      {deep, "ResourceLimit", "depth"},
      {"{\"inputs\": \"\xFF\"}", "InvalidFormat", ""},
      {R"({"inputs": "him worthy", "parameters": null})", "", ""},
  };
  std::string input;
  for (const Line& line : table) input += line.text + "\n";
  const auto result =
      attend({"run", "sentiment", "--model", model("bert-sequence-classification")}, input);
  EXPECT_EQ(result.code, exit_run_time);
  EXPECT_EQ(result.err, "");
  const auto lines = split_lines(result.out);
  ASSERT_EQ(lines.size(), table.size());
  EXPECT_EQ(lines.front(), lines.back());
  for (std::size_t i = 0; i < table.size(); ++i) {
    SCOPED_TRACE(table[i].text.substr(0, 100));
    const Json answer = test::ordered_json_of(lines[i]);
    if (table[i].kind.empty()) {
      EXPECT_TRUE(answer.is_array());
      continue;
    }
    EXPECT_EQ(answer["error"]["kind"], table[i].kind);
    const auto message = answer["error"]["message"].get<std::string>();
    EXPECT_NE(message.find(table[i].part), std::string::npos) << message;
  }
}

TEST(Run, TokenizeTakesABareTokenizerFile) {
  const std::string folder = model("bert-token-classification");
  const std::string request = R"({"inputs": "the main point"})";
  const auto bare = attend({"run", "tokenize", "--model", folder + "/tokenizer.json"}, request);
  EXPECT_EQ(bare.code, exit_ok) << bare.err;
  EXPECT_EQ(bare.out, attend({"run", "tokenize", "--model", folder}, request).out);
  const auto command = attend({"tokenize", "--json", "--model", folder, "the main point"});
  EXPECT_EQ(command.out, bare.out);
}

TEST(Command, TokenizeShowsIdsThatNoTokenHas) {
  auto file = test::ordered_json_of(
      test::read_file(model("bert-token-classification") + "/tokenizer.json"));
  file["post_processor"] = test::ordered_json_of(R"({
    "type": "TemplateProcessing", "pair": [],
    "single": [{"SpecialToken": {"id": "X", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "special_tokens": {"X": {"id": "X", "ids": [99999], "tokens": []}}})");
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "tokenizer.json";
  test::write_file(path, file.dump());
  const auto result = attend({"tokenize", "main", "--model", path.string()});
  EXPECT_EQ(result.code, exit_ok) << result.err;
  const auto lines = split_lines(result.out);
  ASSERT_EQ(lines.size(), 5U) << result.out;
  EXPECT_NE(lines[2].find("99999"), std::string::npos) << result.out;
  EXPECT_TRUE(lines[4].ends_with("  ##ain")) << result.out;
}

/// The one answer of `attend run`.
Json answer_of(const std::string& name, const std::string& folder, const std::string& request) {
  return test::ordered_json_of(attend({"run", name, "--model", model(folder)}, request).out);
}

TEST(Run, KeysThatMeanNothingAreErrors) {
  struct Row {
    std::string name, folder, request, keys;
  };
  const std::vector<Row> table{
      {"text-classification", "bert-sequence-classification",
       R"({"inputs": {"text": "a", "pair": "b"}})", R"("text" and "text_pair")"},
      {"question-answering", "bert-question-answering",
       R"({"inputs": {"question": "a", "context": "b", "top_k": 2}})",
       R"("question" and "context")"},
      {"question-answering", "bert-question-answering",
       R"({"inputs": {"question": ["a"], "context": "b", "top_k": 2}})",
       R"("question" and "context")"},
      {"embed", "bert-sentence-embeddings-mean",
       R"({"inputs": {"texts": ["a"], "normalize_embeddings": true}})", R"("texts")"},
      {"rerank", "bert-sequence-classification-reranker",
       R"({"inputs": {"pairs": [["a", "b"]], "top_k": 1}})", R"("pairs")"},
      {"tokenize", "bert-fill-mask", R"({"inputs": {"text": "a", "pair": "b"}})",
       R"("text" and "text_pair")"},
  };
  for (const Row& row : table) {
    SCOPED_TRACE(row.request);
    const Json answer = answer_of(row.name, row.folder, row.request);
    ASSERT_TRUE(answer.contains("error")) << answer;
    EXPECT_EQ(answer["error"]["kind"], "ConfigError");
    const auto message = answer["error"]["message"].get<std::string>();
    EXPECT_NE(message.find(row.keys), std::string::npos) << message;
  }
}

TEST(Run, ErrorsNameTheItemThatFailed) {
  struct Row {
    std::string name, folder, inputs, place;
  };
  const std::string big = "\"" + std::string(400, '.') + "\"";
  const std::string asked = R"({"question": "a", "context": "b"})";
  const std::string classifier = "bert-sequence-classification";
  const std::vector<Row> table{
      {"sentiment", classifier, "[\"ok\", " + big + ", \"ok\"]", "text of /inputs/1:"},
      {"sentiment", classifier, "[" + big + "]", "text of /inputs/0:"},
      {"sentiment", classifier, big, "text:"},
      {"sentiment", classifier, R"({"text": )" + big + "}", "text:"},
      {"fill-mask", "bert-fill-mask", R"(["a [MASK]", "none"])", "/inputs/1"},
      {"feature-extraction", "bert-feature-extraction", "[\"ok\", " + big + "]", "/inputs/1"},
      {"qa", "bert-question-answering", "[" + asked + R"(, {"question": "", "context": "b"}])",
       "/inputs/1"},
      {"qa", "bert-question-answering", R"({"question": ["a", ""], "context": "b"})",
       "/inputs/question/1"},
      {"qa", "bert-question-answering", R"({"question": "", "context": "b"})", "question:"},
      {"zero-shot", "bart-sequence-classification-nli", R"(["ok", ""])", "/inputs/1"},
  };
  for (const Row& row : table) {
    SCOPED_TRACE(row.name + " " + row.inputs.substr(0, 60));
    const Json answer = answer_of(
        row.name, row.folder,
        R"({"inputs": )" + row.inputs +
            (row.name == "zero-shot" ? R"(, "parameters": {"candidate_labels": "a,b"}})" : "}"));
    ASSERT_TRUE(answer.contains("error")) << answer;
    const auto message = answer["error"]["message"].get<std::string>();
    EXPECT_NE(message.find(row.place), std::string::npos) << message;
  }
}

TEST(Run, FillMaskGivesNothingForNothing) {
  const auto fills = [](const std::string& inputs) {
    return answer_of("fill-mask", "bert-fill-mask",
                     R"({"inputs": )" + inputs + R"(, "parameters": {"top_k": 0}})");
  };
  EXPECT_EQ(fills("\"a [MASK]\""), Json::array());  // as Python prints them
  EXPECT_EQ(fills("\"[MASK] a [MASK]\""), (Json{Json::array(), Json::array()}));
}

TEST(Run, CrossEncodersRankDocumentsAsTheReference) {
  const std::string folder = "bert-sequence-classification-reranker";
  const auto answer = [&](const std::string& inputs, const std::string& parameters) {
    return answer_of("rerank", folder,
                     R"({"inputs": )" + inputs + R"(, "parameters": {)" + parameters + "}}");
  };
  const std::string query = R"({"query": "Who went?", "documents": ["students", "a lady", "no"]})";
  const Json pairs =
      answer(R"([["Who went?", "students"], ["Who went?", "a lady"], ["Who went?", "no"]])", "");
  const Json all = answer(query, R"("return_documents": true)");
  ASSERT_EQ(all.size(), 3U);
  for (const Json& document : all) {
    const auto index = document["corpus_id"].get<std::size_t>();
    EXPECT_EQ(document["score"], pairs[index]);
    EXPECT_EQ(document["text"], (Words{"students", "a lady", "no"})[index]);
  }
  EXPECT_GE(all[0]["score"], all[1]["score"]);
  EXPECT_GE(all[1]["score"], all[2]["score"]);
  const Json best = answer(query, R"("top_k": 1)");
  ASSERT_EQ(best.size(), 1U);
  EXPECT_EQ(best[0], (Json{{"corpus_id", all[0]["corpus_id"]}, {"score", all[0]["score"]}}));
  EXPECT_EQ(answer(query, R"("top_k": null)").size(), 3U);
  EXPECT_EQ(answer(R"({"query": "x", "documents": []})", ""), Json::array());
  EXPECT_NE(answer(query, R"("prompt": "q: ")"), answer(query, ""));
  EXPECT_EQ(answer(query, R"("activation_fn": "Tanh")").size(), 3U);
  for (const std::string parameters : {R"("top_k": 1)", R"("return_documents": true)"}) {
    EXPECT_EQ(answer(R"(["a", "b"])", parameters)["error"]["kind"], "ConfigError") << parameters;
  }
  EXPECT_EQ(answer(R"({"query": "x"})", "")["error"]["kind"], "ConfigError");
  EXPECT_EQ(answer(query, R"("top_k": -1)")["error"]["kind"], "ConfigError");
  EXPECT_EQ(answer(query, R"("activation_fn": "Softmax")")["error"]["kind"], "ConfigError");
  const Json many = answer_of("rerank", "bert-sequence-classification",
                              R"({"inputs": {"query": "x", "documents": ["a"]}})");
  EXPECT_NE(many.dump().find("one class"), std::string::npos) << many;
}

TEST(Run, ChoicesAreReadAsTheReferenceReadsThem) {
  const auto request = [](const std::string& parameter, const Json& value) {
    return Json{{"inputs", "the main point"}, {"parameters", {{parameter, value}}}}.dump();
  };
  const std::string entities = "bert-token-classification";
  EXPECT_EQ(answer_of("ner", entities, request("aggregation_strategy", "FIRST")),
            answer_of("ner", entities, request("aggregation_strategy", "first")));
  const std::string classes = "bert-sequence-classification";
  EXPECT_EQ(answer_of("sentiment", classes, request("function_to_apply", "SIGMOID")),
            answer_of("sentiment", classes, request("function_to_apply", "sigmoid")));
  EXPECT_TRUE(answer_of("ner", entities, request("aggregation_strategy", "FIRST")).is_array());
  EXPECT_TRUE(answer_of("sentiment", classes, request("function_to_apply", "SIGMOID")).is_array());

  const std::string features = "bert-feature-extraction";
  for (const Json& value : {Json(false), Json(nullptr)}) {
    EXPECT_TRUE(
        answer_of("feature-extraction", features, request("return_tensors", value)).is_array());
  }
  const Json refused = answer_of("feature-extraction", features, request("return_tensors", true));
  EXPECT_NE(refused.dump().find("no tensors"), std::string::npos) << refused;
}

TEST(Run, HiddenStatesOfPaddingAreRefusedAndNotLeftOut) {
  const auto answer = [](const Json& padding) {
    const Json options{{"padding", padding}, {"max_length", 6}};
    return answer_of(
        "feature-extraction", "bert-feature-extraction",
        Json{{"inputs", "the main point"}, {"parameters", {{"tokenize_kwargs", options}}}}.dump());
  };
  for (const Json& nothing_to_pad :
       {Json(true), Json(false), Json("longest"), Json("do_not_pad")}) {
    EXPECT_TRUE(answer(nothing_to_pad).is_array()) << nothing_to_pad;
  }
  const Json refused = answer("max_length");
  EXPECT_NE(refused.dump().find("tokenize_kwargs/padding"), std::string::npos) << refused;
  EXPECT_EQ(refused["error"]["kind"], "ConfigError");
}

TEST(Run, RequestsThatMeanTheSameHaveTheSameAnswer) {
  struct Row {
    std::string name, folder, inputs, parameters, same;
  };
  const std::string classes = "bert-sequence-classification";
  const std::string entities = "bert-token-classification";
  const std::string answers = "bert-question-answering";
  const std::string text = R"("the house was dark and the house was cold")";
  const std::string question =
      R"({"question": "where is the house?", "context": "the house stands beneath a tree"})";
  const std::vector<Row> table{
      // max_length alone cuts, but only where padding is absent or false itself.
      {"sentiment", classes, text, R"("max_length": 4, "padding": "do_not_pad")", ""},
      {"sentiment", classes, text, R"("max_length": 4, "padding": false)",
       R"("max_length": 4, "truncation": true)"},
      // Deprecated names, whatever the order.
      {"qa", answers, question, R"("top_k": 1, "topk": 2)", R"("top_k": 1)"},
      {"qa", answers, question, R"("topk": 2, "top_k": 1)", R"("top_k": 1)"},
      {"qa", answers, question, R"("topk": 2, "top_k": null)", R"("top_k": 2)"},
      {"zero-shot", classes, text,
       R"("candidate_labels": ["a", "b"], "multi_class": false, "multi_label": true)",
       R"("candidate_labels": ["a", "b"])"},
      {"zero-shot", classes, text,
       R"("candidate_labels": ["a", "b"], "multi_label": false, "multi_class": true)",
       R"("candidate_labels": ["a", "b"], "multi_label": true)"},
      // A slice of Python: the model has five classes.
      {"sentiment", classes, text, R"("top_k": -1)", R"("top_k": 4)"},
      {"sentiment", classes, text, R"("top_k": -9)", R"("top_k": 0)"},
      // None in Python.
      {"ner", entities, text, R"("batch_size": null)", ""},
      {"ner", entities, R"(["a", "b"])", R"("is_split_into_words": null)", ""},
      {"zero-shot", classes, text,
       R"("candidate_labels": ["a", "b"], "multi_class": null, "multi_label": null)",
       R"("candidate_labels": ["a", "b"])"},
      {"embed", "bert-sentence-embeddings-mean", text, R"("normalize_embeddings": null)", ""},
      {"rerank", "bert-sequence-classification-reranker", R"(["a", "b"])",
       R"("apply_softmax": null)", ""},
  };
  for (const Row& row : table) {
    SCOPED_TRACE(row.name + " " + row.parameters);
    const auto answer = [&](const std::string& parameters) {
      return answer_of(row.name, row.folder,
                       R"({"inputs": )" + row.inputs + R"(, "parameters": {)" + parameters + "}}");
    };
    const Json found = answer(row.parameters);
    EXPECT_FALSE(found.contains("error")) << found;
    EXPECT_EQ(found, answer(row.same));
  }
  const std::string words = R"(, "parameters": {"is_split_into_words": true}})";
  EXPECT_EQ(answer_of("ner", entities, R"({"inputs": [[]])" + words),
            test::ordered_json_of("[[]]"));
  EXPECT_EQ(answer_of("ner", entities, R"({"inputs": [["a"], []])" + words).at(1), Json::array());
}

TEST(Run, ATextThatIsTooLongNamesTheParameterOfTheTask) {
  std::string endless;
  for (int i = 0; i < 1000; ++i) endless += "the house ";
  const std::string request = Json{{"inputs", endless + "[MASK]"}}.dump();
  const std::vector<std::array<std::string, 3>> table{
      {"sentiment", "bert-sequence-classification", "option `truncation`"},
      {"feature-extraction", "bert-feature-extraction", "option `truncation`"},
      {"fill-mask", "bert-fill-mask", "`tokenizer_kwargs`"}};
  for (const auto& [name, folder, hint] : table) {
    const Json answer = answer_of(name, folder, request);
    EXPECT_NE(answer.dump().find(hint), std::string::npos) << answer;
  }
}

TEST(Run, PaddingBeyondTheTruncationIsAnErrorAsInTheReference) {
  const auto request = [](int multiple) {
    return Json{{"inputs", "the main point"},
                {"parameters",
                 {{"truncation", true},
                  {"padding", true},
                  {"max_length", 6},
                  {"pad_to_multiple_of", multiple}}}}
        .dump();
  };
  EXPECT_TRUE(answer_of("tokenize", "bert-fill-mask", request(3)).contains("input_ids"));
  const Json refused = answer_of("tokenize", "bert-fill-mask", request(4));
  EXPECT_NE(refused.dump().find("pad_to_multiple_of"), std::string::npos) << refused;
  EXPECT_TRUE(refused.contains("error"));
}

/// Counts how often what was written is sent on.
class CountingBuffer : public std::stringbuf {
 public:
  int flushes = 0;

 private:
  int sync() override { return ++flushes, std::stringbuf::sync(); }
};

/// How often `attend run` hands out answers to a file of so many requests.
int times_handed_out(const std::string& name, std::string_view golden, const Words& requests) {
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "requests").string();
  std::string text;
  for (const std::string& request : requests) text += request + "\n";
  test::write_file(file, text);
  CountingBuffer buffer;
  std::ostream out(&buffer);
  std::ostringstream err;
  Terminal terminal{.out = out, .err = err};
  const std::string folder_of_model = model(golden);
  const std::vector<const char*> words{"attend",     "run",     name.c_str(),           "--file",
                                       file.c_str(), "--model", folder_of_model.c_str()};
  EXPECT_EQ(run_command(static_cast<int>(words.size()), words.data(), terminal), exit_ok)
      << err.str();
  EXPECT_EQ(split_lines(buffer.str()).size(), requests.size());
  return buffer.flushes - 1;  // the last one is of the end
}

TEST(Run, ManyLinesAreAnsweredInGroups) {
  Words requests;
  for (int i = 0; i < 600; ++i) {
    requests.push_back(R"({"inputs": "him worthy", "parameters": {"top_k": )" +
                       std::to_string(i < 300 ? 1 : 2) + "}}");
  }
  EXPECT_EQ(times_handed_out("sentiment", "bert-sequence-classification", requests), 3);
}

// One may be hundreds of megabytes of digits: no more are held than run at a time.
TEST(Run, LargeAnswersAreHandedOutAsTheyCome) {
  const Words ids(5, R"({"inputs": {"input_ids": [[3, 4]]}, "parameters": {"max_new_tokens": 1}})");
  EXPECT_EQ(times_handed_out("generate", "llama-text-generation", ids), 5);
  const Words texts(70, R"({"inputs": "the house"})");
  EXPECT_EQ(times_handed_out("feature-extraction", "bert-feature-extraction", texts), 3);
}

TEST(Run, ProgressCountsLines) {
  const JsonFilter filter("sentiment", model("bert-sequence-classification"));
  std::vector<InputLine> lines(3, {R"({"inputs": ["him", "worthy"]})"});
  lines.push_back({R"({"inputs": "him", "parameters": {"top_k": 2}})"});
  std::vector<Index> seen;
  const auto answers = filter.answer(lines, {.progress = [&](Index done, Index total) {
                                       EXPECT_EQ(total, 4);
                                       seen.push_back(done);
                                     }});
  EXPECT_EQ(answers.failed, 0U);
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 4);
}

TEST(Run, TokenizeHasTheDefaultThatItsHelpNames) {
  const std::string request = R"({"inputs": "the main point"})";
  EXPECT_NE(attend({"tokenize", "--help"}).out.find("embeddings model"), std::string::npos);
  const auto found = attend({"run", "tokenize"}, request);
  EXPECT_EQ(found.code, exit_ok) << found.err;
  EXPECT_EQ(found.out, attend({"tokenize", "--json", "the main point"}).out);
}

// tokenize_cases.json was recorded with the fast tokenizers of transformers 4.57.6.
TEST(Run, TokenizePadsAndTruncatesAsTheReferenceDoes) {
  const Json cases =
      test::ordered_json_of(test::read_file(test::tests_folder() / "cli/tokenize_cases.json"));
  EXPECT_GT(cases.size(), 10U);
  for (const Json& one : cases) {
    const Json request{{"inputs", one["inputs"]}, {"parameters", one["parameters"]}};
    SCOPED_TRACE(request.dump());
    const auto result = attend(
        {"run", "tokenize", "--model", model(one["folder"].get<std::string>())}, request.dump());
    ASSERT_EQ(result.code, exit_ok) << result.out;
    EXPECT_EQ(test::json_difference(test::ordered_json_of(result.out), one["expected"], 0), "");
  }
}

}  // namespace
}  // namespace attend::cli
