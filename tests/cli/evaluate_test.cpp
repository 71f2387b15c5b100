// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// `attend evaluate` as a shell sees it, on small data sets of every form.
#include <gtest/gtest.h>

#include "attend/task/metrics.h"
#include "attend/task/question_answering.h"
#include "attend/task/rerank.h"
#include "cli/command.h"
#include "support/command.h"
#include "support/golden.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

using test::CommandResult;
using test::Json;
using Words = std::vector<std::string>;

std::string data(const std::string& name) {
  return (test::tests_folder() / "cli" / "evaluate" / name).string();
}

CommandResult evaluate(Words arguments, std::string_view input = {}) {
  arguments.insert(arguments.begin(), "evaluate");
  return test::run_program(test::attend_command(), arguments, input);
}

/// The report of a run that must succeed.
Json report(Words arguments, std::string_view input = {}) {
  arguments.push_back("--json");
  const CommandResult result = evaluate(std::move(arguments), input);
  EXPECT_EQ(result.code, exit_ok) << result.err;
  EXPECT_EQ(result.err, "");
  return result.code == exit_ok ? test::json_of(result.out) : Json();
}

std::vector<Json> lines_of(const std::filesystem::path& file) {
  std::vector<Json> lines;
  for (const std::string& line : test::split_lines(test::read_file(file))) {
    lines.push_back(test::json_of(line));
  }
  return lines;
}

TEST(Evaluate, SentimentSaysWhatIsWrong) {
  const test::TemporaryFolder folder;
  const auto errors = folder.path() / "wrong.jsonl";
  const Json found = report({"sentiment", "--data", data("reviews.tsv"), "--errors", errors});
  EXPECT_EQ(found["task"], "text-classification");
  EXPECT_EQ(found["items"], 7);
  EXPECT_EQ(found["metrics"]["accuracy"], 6.0 / 7);
  // NEGATIVE: 3 right and found, 4 predicted; POSITIVE: 3 of 4 found.
  EXPECT_EQ(found["classes"]["NEGATIVE"],
            (Json{{"precision", 0.75}, {"recall", 1.0}, {"f1", 6.0 / 7}, {"support", 3}}));
  EXPECT_EQ(found["classes"]["POSITIVE"],
            (Json{{"precision", 1.0}, {"recall", 0.75}, {"f1", 6.0 / 7}, {"support", 4}}));
  const auto wrong = lines_of(errors);
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0]["line"], 8);
  EXPECT_EQ(wrong[0]["text"], "The worst soup that I ever had.");
  EXPECT_EQ(wrong[0]["label"], "POSITIVE");
  EXPECT_EQ(wrong[0]["predicted"], "NEGATIVE");
}

TEST(Evaluate, TheTableIsForPeople) {
  const CommandResult result =
      evaluate({"text-classification", "--data", data("reviews.tsv"), "--limit", "6"});
  EXPECT_EQ(result.code, exit_ok) << result.err;
  const auto lines = test::split_lines(result.out);
  ASSERT_EQ(lines.size(), 11U) << result.out;
  EXPECT_NE(lines[0].find("text-classification: "), std::string::npos);
  EXPECT_NE(lines[0].find("6 items; figures in %"), std::string::npos);
  EXPECT_EQ(lines[2], "accuracy  100.00");
  EXPECT_EQ(lines[3], "macro_f1  100.00");
  EXPECT_EQ(lines[5], "            precision  recall      f1  support");
  EXPECT_EQ(lines[6], "NEGATIVE       100.00  100.00  100.00        3");
  EXPECT_EQ(lines[10], "(weighted)     100.00  100.00  100.00        6");
}

TEST(Evaluate, ColumnsByNumberAndLabelsTranslated) {
  const Json found = report({"sentiment", "--data", data("reviews.csv"), "--columns",
                             "label=1,text=2,text=3", "--label-map", "1=NEGATIVE,5=POSITIVE"});
  EXPECT_EQ(found["items"], 4);
  EXPECT_EQ(found["metrics"]["accuracy"], 1.0);
}

TEST(Evaluate, BatchesThreadsAndPipesChangeNothing) {
  const Json one =
      report({"sentiment", "--data", data("reviews.tsv"), "--batch-size", "1", "--threads", "1"});
  Json other =
      report({"sentiment", "--data", "-", "--format", "tsv"}, test::read_file(data("reviews.tsv")));
  EXPECT_EQ(other["data"], "-");
  other["data"] = one["data"];
  EXPECT_EQ(one, other);
}

TEST(Evaluate, EntitiesOfConllAndOfJsonLines) {
  const Json conll = report(
      {"ner", "--data", data("names.conll"), "--label-map", "person=PER,place=LOC,firm=ORG"});
  EXPECT_EQ(conll["items"], 3);
  EXPECT_EQ(conll["metrics"]["f1"], 1.0);
  EXPECT_EQ(conll["metrics"]["word_accuracy"], 1.0);
  EXPECT_EQ(conll["classes"]["PER"]["support"], 3);
  EXPECT_EQ(conll["classes"]["LOC"]["support"], 2);
  EXPECT_EQ(conll["classes"]["ORG"]["support"], 1);
  const Json lines = report({"ner", "--data", data("names.jsonl"), "--ignore-labels", "LOC,MISC"});
  EXPECT_EQ(lines["metrics"]["f1"], 1.0);
  EXPECT_EQ(lines["micro"]["support"], 2);
  EXPECT_FALSE(lines["classes"].contains("LOC"));
}

TEST(Evaluate, WrongSpansOfWordsAreReported) {
  const test::TemporaryFolder folder;
  const auto errors = folder.path() / "wrong.jsonl";
  const auto file = folder.path() / "data.jsonl";
  // The name is cut short: one span is missed and one is found that is not there.
  test::write_file(
      file,
      R"({"tokens": ["Angela", "Merkel", "spoke", "."], "tags": ["B-PER", "O", "O", "O"]})"
      "\n"
      R"({"tokens": ["Paris", "is", "a", "city", "."], "tags": ["B-LOC", "O", "O", "O", "O"]})"
      "\n");
  const Json found = report({"ner", "--data", file, "--errors", errors});
  EXPECT_EQ(found["metrics"]["f1"], 0.5);
  EXPECT_EQ(found["metrics"]["word_accuracy"], 8.0 / 9);
  const auto wrong = lines_of(errors);
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0]["predicted"], Json::parse(R"(["B-PER", "I-PER", "O", "O"])"));
  EXPECT_EQ(wrong[0]["tags"], Json::parse(R"(["B-PER", "O", "O", "O"])"));
}

TEST(Evaluate, ZeroShotTakesLabelsOfTheData) {
  const Words words = {"zero-shot",
                       "--data",
                       data("news.csv"),
                       "--columns",
                       "label=1,text=2,text=3",
                       "--join",
                       ". ",
                       "--label-map",
                       "1=politics,2=sport,3=cooking"};
  const Json found = report(words);
  EXPECT_EQ(found["items"], 4);
  EXPECT_EQ(found["metrics"]["accuracy"], 1.0);
  Words with_labels = words;
  with_labels.insert(with_labels.end(), {"--labels", "politics,sport,cooking,music", "--template",
                                         "This text is about {}."});
  EXPECT_EQ(report(with_labels)["metrics"]["accuracy"], 1.0);
}

TEST(Evaluate, SimilarityIsACorrelation) {
  const Json found = report({"similarity", "--data", data("pairs.tsv")});
  EXPECT_EQ(found["items"], 6);
  EXPECT_GT(found["metrics"]["spearman"].get<double>(), 0.8);
  EXPECT_GT(found["metrics"]["pearson"].get<double>(), 0.8);
  // One item has no correlation.
  const Json one = report({"embed", "--data", data("pairs.tsv"), "--limit", "1"});
  EXPECT_TRUE(one["metrics"]["spearman"].is_null());
}

// The model has random weights: what is right here is what the library answers.
TEST(Evaluate, AnswersAreThoseOfTheTask) {
  const auto model = test::golden("bert-question-answering");
  const auto answer = QuestionAnswering::load(model);
  const std::string context = "My name is Clara and I live in Berkeley, near the bay.";
  const QuestionAnsweringOptions options{.max_answer_len = 30};
  std::string lines;
  for (const std::string question : {"Where do I live?", "What is my name?"}) {
    const std::string right = answer({question, context}, options).front().answer;
    ASSERT_GT(normalize_answer(right).size(), 0U) << right;
    lines +=
        Json{{"question", question}, {"context", context}, {"answers", {"x", right}}}.dump() + "\n";
    lines +=
        Json{{"question", question}, {"context", context}, {"answers", {"quite another"}}}.dump() +
        "\n";
  }
  const test::TemporaryFolder folder;
  const auto errors = folder.path() / "wrong.jsonl";
  const Json found = report(
      {"qa", "--model", model, "--data", "-", "--format", "jsonl", "--errors", errors}, lines);
  EXPECT_EQ(found["items"], 4);
  EXPECT_EQ(found["metrics"], (Json{{"exact_match", 0.5}, {"f1", 0.5}}));
  ASSERT_EQ(lines_of(errors).size(), 2U);
  EXPECT_EQ(lines_of(errors)[0]["line"], 2);
  EXPECT_EQ(lines_of(errors)[0]["f1"], 0.0);
}

TEST(Evaluate, SquadTwoHasFiguresForBothKinds) {
  const Json found = report(
      {"qa", "--model", test::golden("bert-question-answering"), "--data", data("squad-v2.json")});
  EXPECT_EQ(found["items"], 3);
  for (const char* const name : {"exact_match", "f1", "has_answer_exact_match", "has_answer_f1",
                                 "no_answer_exact_match", "no_answer_f1"}) {
    ASSERT_TRUE(found["metrics"].contains(name)) << name;
  }
  EXPECT_NEAR(3 * found["metrics"]["f1"].get<double>(),
              2 * found["metrics"]["has_answer_f1"].get<double>() +
                  found["metrics"]["no_answer_f1"].get<double>(),
              1e-12);
}

TEST(Evaluate, RerankInBothForms) {
  const auto model = test::golden("bert-sequence-classification-reranker");
  const std::vector<std::string> documents = {"bread and wine", "the moon is far", "him worthy"};
  const std::vector<std::string_view> views(documents.begin(), documents.end());
  const auto ranked = Rerank::load(model).rank("what is far?", views);
  const auto document = [&](std::size_t rank) {
    return documents[static_cast<std::size_t>(ranked[rank].index)];
  };
  // The second one is relevant: 1/2; then the first one: 1.
  std::string rows = "query\tdocument\tlabel\n";
  for (std::size_t rank = 0; rank < 3; ++rank) {
    rows += "what is far?\t" + document(rank) + "\t" + (rank == 1 ? "1" : "0") + "\n";
  }
  const std::string lines =
      Json{{"query", "what is far?"},
           {"positive", {document(1)}},
           {"negative", {document(0), document(2)}}}
          .dump() +
      "\n" +
      Json{{"query", "what is far?"}, {"positive", {document(0)}}, {"negative", {document(1)}}}
          .dump();
  const test::TemporaryFolder folder;
  const auto errors = folder.path() / "wrong.jsonl";
  EXPECT_EQ(report({"rerank", "--model", model, "--data", "-", "--format", "tsv"}, rows)["metrics"],
            (Json{{"mrr@10", 0.5}, {"accuracy@1", 0.0}}));
  EXPECT_EQ(
      report({"rerank", "--model", model, "--data", "-", "--format", "jsonl", "--errors", errors},
             lines)["metrics"],
      (Json{{"mrr@10", 0.75}, {"accuracy@1", 0.5}}));
  ASSERT_EQ(lines_of(errors).size(), 1U);
  EXPECT_EQ(lines_of(errors)[0]["predicted"], document(0));
}

// ---- what is wrong

struct Failure {
  Words arguments;
  std::string input;
  int code;
  std::vector<std::string> parts;
};

TEST(Evaluate, FailuresSayWhatToDo) {
  const std::string reviews = data("reviews.tsv");
  const std::string regression = test::golden("bert-sequence-classification-regression");
  const std::string multi_label = test::golden("roberta-sequence-classification-multi-label");
  const std::string reranker = test::golden("bert-sequence-classification-reranker");
  const std::string stars = test::golden("bert-sequence-classification");
  const std::vector<Failure> table = {
      {{}, "", exit_usage, {"subcommand", "attend evaluate --help"}},
      {{"feel"},
       "",
       exit_usage,
       {"unknown command \"feel\"; known are sentiment, ner, zero-shot, qa"}},
      {{"ner"}, "", exit_usage, {"--data", "attend evaluate ner --help"}},
      {{"sentiment", "--data", reviews, "--labels", "a"},
       "",
       exit_usage,
       {"--labels", "attend evaluate sentiment --help"}},
      {{"similarity", "--data", reviews, "--label-map", "a=b"}, "", exit_usage, {"--label-map"}},
      {{"sentiment", "--data", reviews, "--limit", "0"}, "", exit_usage, {"--limit"}},
      {{"sentiment", "--data", reviews, "--format", "xml"}, "", exit_usage, {"--format"}},
      {{"sentiment", "--data", "-"}, "", exit_usage, {"--format", "tsv, csv, conll, squad, jsonl"}},
      {{"sentiment", "--data", reviews, "--columns", "text"},
       "",
       exit_usage,
       {"--columns", "FIELD=COLUMN"}},
      {{"sentiment", "--data", reviews, "--columns", "word=a"},
       "",
       exit_usage,
       {"unknown \"word\""}},
      {{"sentiment", "--data", reviews, "--label-map", "1"}, "", exit_usage, {"--label-map"}},
      {{"sentiment", "--data", reviews, "--join", ""}, "", exit_usage, {"--join"}},
      {{"ner", "--data", data("names.conll"), "--no-quotes"}, "", exit_usage, {"--no-quotes"}},
      {{"ner", "--data", data("names.jsonl"), "--ignore-labels", "DATE"},
       "",
       exit_usage,
       {"\"DATE\""}},
      {{"similarity", "--data", data("pairs.tsv"), "--errors", "/tmp/x"},
       "",
       exit_usage,
       {"--errors"}},
      {{"zero-shot", "--data", reviews, "--template", "nobrace"}, "", exit_usage, {"template"}},
      {{"sentiment", "--data", "/nowhere.tsv"}, "", exit_file, {"/nowhere.tsv"}},
      {{"sentiment", "--data", reviews, "--model", "/nowhere/at/all"}, "", exit_file, {"/nowhere"}},
      {{"sentiment", "--data", reviews, "--errors", "/nowhere/at/all"},
       "",
       exit_file,
       {"cannot write", "/nowhere"}},
      {{"qa", "--data", data("squad-v2.json")}, "", exit_file, {"--model FOLDER"}},
      {{"sentiment", "--data", reviews, "--model", stars, "--label-map", "0=bad"},
       "",
       exit_file,
       {"\"1 star\", \"2 stars\"", "found \"0\", \"1\"", "--label-map"}},
      {{"sentiment", "--data", reviews, "--model", regression},
       "",
       exit_file,
       {"one that chooses a class", "regression"}},
      {{"sentiment", "--data", reviews, "--model", multi_label},
       "",
       exit_file,
       {"multi_label_classification"}},
      {{"ner", "--data", data("names.conll")},
       "",
       exit_file,
       {"\"B-PER\"", "\"B-person\"", "--label-map"}},
      {{"ner", "--data", reviews}, "", exit_file, {"conll or jsonl"}},
      {{"ner", "--data", "-", "--format", "jsonl"},
       R"({"tokens": ["a"], "tags": []})",
       exit_file,
       {"tags: expected 1, one a word", "line 1"}},
      {{"rerank", "--data", "-", "--format", "tsv", "--model", reranker},
       "query\tdocument\tlabel\na\tb\tgood\n",
       exit_file,
       {"line 2", "label", "\"good\""}},
      {{"rerank", "--data", "-", "--format", "jsonl", "--model", reranker},
       R"({"query": "a"})",
       exit_file,
       {"line 1", "document and label, or positive and negative"}},
      {{"rerank", "--data", "-", "--format", "jsonl", "--model", reranker},
       R"({"query": "a", "document": "b"})",
       exit_file,
       {"line 1", "document and label"}},
      {{"rerank", "--data", "-", "--format", "jsonl", "--model", reranker},
       R"({"query": "a", "positive": [], "negative": []})",
       exit_file,
       {"line 1", "at least one"}},
      {{"rerank", "--data", "-", "--format", "jsonl", "--model", stars},
       R"({"query": "a", "positive": ["b"]})",
       exit_file,
       {"one class"}},
  };
  for (const Failure& failure : table) {
    const CommandResult result = evaluate(failure.arguments, failure.input);
    SCOPED_TRACE(result.err);
    EXPECT_EQ(result.code, failure.code);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(test::split_lines(result.err).size(), 1U);
    for (const std::string& part : failure.parts) {
      EXPECT_NE(result.err.find(part), std::string::npos) << part;
    }
  }
}

TEST(Evaluate, AnItemThatTheModelCannotTakeEndsTheRunWithItsPlace) {
  std::string question = "why";
  for (int i = 0; i < 600; ++i) question += " not";
  const std::string lines =
      Json{{"question", "why?"}, {"context", "because"}, {"answers", {"because"}}}.dump() + "\n" +
      Json{{"question", question}, {"context", "because"}, {"answers", {"because"}}}.dump();
  const CommandResult result = evaluate({"qa", "--model", test::golden("bert-question-answering"),
                                         "--data", "-", "--format", "jsonl"},
                                        lines);
  EXPECT_EQ(result.code, exit_run_time);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find("line 2"), std::string::npos) << result.err;
}

TEST(Evaluate, HelpOfEveryTaskHasAnExampleAndItsFields) {
  for (const std::string task : {"sentiment", "ner", "zero-shot", "qa", "similarity", "rerank"}) {
    const CommandResult result = evaluate({task, "--help"});
    EXPECT_EQ(result.code, exit_ok);
    EXPECT_NE(result.out.find("Fields: "), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("Example:\n  attend evaluate " + task), std::string::npos)
        << result.out;
  }
}

}  // namespace
}  // namespace attend::cli
