// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Files with right answers: every form as it should be, and every way in which a row can be wrong.
#include "cli/evaluate/data_set.h"

#include <gtest/gtest.h>

#include <random>

#include "attend/text/utf8.h"
#include "cli/command.h"
#include "support/paths.h"

namespace attend::cli {
namespace {

using Strings = std::vector<std::string>;
using Values = std::vector<std::string_view>;

const std::vector<DataField> text_and_label = {
    {.role = "text", .names = {"text", "sentence"}},
    {.role = "label", .names = {"label"}},
    {.role = "pair", .names = {"text_pair", "sentence2"}, .need = DataField::Need::optional}};
const std::vector<DataField> pair_and_score = {
    {.role = "text", .names = {"sentence1"}},
    {.role = "pair", .names = {"sentence2"}},
    {.role = "score", .names = {"score", "label"}, .kind = FieldKind::number}};
const std::vector<DataField> words_and_tags = {
    {.role = "tokens", .names = {"tokens", "words"}, .kind = FieldKind::words},
    {.role = "tags", .names = {"tags", "ner"}, .kind = FieldKind::words}};
const std::vector<DataField> questions = {
    {.role = "question", .names = {"question"}},
    {.role = "context", .names = {"context"}},
    {.role = "answers", .names = {"answers", "answer"}, .kind = FieldKind::answers},
    {.role = "id", .names = {"id"}, .need = DataField::Need::optional}};

class DataSets : public testing::Test {
 protected:
  /// Reads `content` as the form that the extension says.
  DataSet read(const std::string& extension, std::string_view content,
               const std::vector<DataField>& fields, DataSource how = {}) {
    const auto file = folder_.path() / ("data" + extension);
    test::write_file(file, content);
    how.file = file.string();
    how.format = find_data_format("", how.file);
    return read_data_set(how, fields);
  }

  /// What is wrong with the file.
  template <class Thrown>
  std::string complaint(const std::string& extension, std::string_view content,
                        const std::vector<DataField>& fields, const DataSource& how = {}) {
    try {
      const DataSet data = read(extension, content, fields, how);
      return "nothing: " + std::to_string(data.rows.size()) + " rows";
    } catch (const Thrown& error) {
      return error.what();
    }
  }

 private:
  test::TemporaryFolder folder_;
};

// ---- as it should be

TEST_F(DataSets, TsvWithAHeader) {
  const DataSet data =
      read(".tsv", "\xEF\xBB\xBFid\tlabel\tsentence\r\n7\t1\tone\r\n\r\n8\t0\ta \"b\"\r\n",
           text_and_label);
  ASSERT_EQ(data.rows.size(), 2U);
  EXPECT_EQ(data.rows[0].text(0), "one");
  EXPECT_EQ(data.rows[0].text(1), "1");
  EXPECT_FALSE(data.rows[0].has(2));
  EXPECT_EQ(data.rows[0].line, 2U);
  EXPECT_EQ(data.rows[1].text(0), "a \"b\"");
  EXPECT_EQ(data.rows[1].line, 4U);
}

TEST_F(DataSets, QuotationMarksEncloseOrAreText) {
  const std::string content = "text\tlabel\n\"two\nlines, \"\"x\"\"\"\tb\n\"c\"\td\n";
  const DataSet data = read(".tsv", content, text_and_label);
  ASSERT_EQ(data.rows.size(), 2U);
  EXPECT_EQ(data.rows[0].text(0), "two\nlines, \"x\"");
  EXPECT_EQ(data.rows[1].text(0), "c");
  EXPECT_EQ(data.rows[1].line, 4U);
  const DataSet raw =
      read(".tsv", "text\tlabel\n\"c\" \"\tb\n", text_and_label, {.quotes = Quotes::literal});
  EXPECT_EQ(raw.rows[0].text(0), "\"c\" \"");
}

TEST_F(DataSets, CsvByNumbersAndSeveralColumnsForAText) {
  const DataSet data =
      read(".csv", "1,\"a, b\",c\n2,d,e", text_and_label,
           {.columns = parse_columns({"label=1", "text=2", "text=3"}), .join = ". "});
  ASSERT_EQ(data.rows.size(), 2U);
  EXPECT_EQ(data.rows[0].text(0), "a, b. c");
  EXPECT_EQ(data.rows[1].text(0), "d. e");
  EXPECT_EQ(data.rows[1].text(1), "2");
  EXPECT_EQ(data.rows[0].line, 1U);
}

TEST_F(DataSets, CsvByNames) {
  const DataSet data = read(".csv", "a,b\nx,3.5e1\n", {{.role = "text"}, pair_and_score[2]},
                            {.columns = parse_columns({"score=b", "text=a"})});
  EXPECT_EQ(data.rows[0].text(0), "x");
  EXPECT_EQ(data.rows[0].text(1), "3.5e1");
}

TEST_F(DataSets, ConllBetweenBlanksTheFirstAndTheLastColumn) {
  const DataSet data =
      read(".conll", "-DOCSTART- -X- O\n\nA N O\nB  N B-X \r\n \t\n\n# N I-X", words_and_tags);
  ASSERT_EQ(data.rows.size(), 2U);
  EXPECT_EQ(data.rows[0].list(0), (Values{"A", "B"}));
  EXPECT_EQ(data.rows[0].list(1), (Values{"O", "B-X"}));
  EXPECT_EQ(data.rows[0].line, 3U);
  EXPECT_EQ(data.rows[1].list(0), (Values{"#"}));
  EXPECT_EQ(data.rows[1].line, 7U);
}

TEST_F(DataSets, ConllBetweenTabsWithComments) {
  const DataSet data =
      read(".bio", "# id = 1\na b\tO\n#\tB-X\n\t\n# id = 2\nc\tO\n\n\n", words_and_tags);
  ASSERT_EQ(data.rows.size(), 2U);
  EXPECT_EQ(data.rows[0].list(0), (Values{"a b", "#"}));
  EXPECT_EQ(data.rows[0].list(1), (Values{"O", "B-X"}));
  EXPECT_EQ(data.rows[0].line, 2U);
  EXPECT_EQ(data.rows[1].line, 6U);
}

TEST_F(DataSets, ConllByNumbers) {
  const DataSet data = read(".conll", "1 Ann B-PER _\n2 ran O _\n", words_and_tags,
                            {.columns = parse_columns({"tokens=2", "tags=3"})});
  EXPECT_EQ(data.rows[0].list(0), (Values{"Ann", "ran"}));
  EXPECT_EQ(data.rows[0].list(1), (Values{"B-PER", "O"}));
}

TEST_F(DataSets, JsonLines) {
  const DataSet texts = read(".jsonl",
                             "{\"sentence\": \"a\\u00e9\", \"label\": 1}\n\n{\"label\": true, "
                             "\"text\": \"b\", \"text_pair\": \"c\"}\n",
                             text_and_label);
  ASSERT_EQ(texts.rows.size(), 2U);
  EXPECT_EQ(texts.rows[0].text(0), "a\u00e9");
  EXPECT_EQ(texts.rows[0].text(1), "1");
  EXPECT_EQ(texts.rows[1].text(1), "true");
  EXPECT_EQ(texts.rows[1].text(2), "c");
  EXPECT_EQ(texts.rows[1].line, 3U);
  const DataSet joined =
      read(".jsonl", "{\"title\": \"a\", \"body\": \"b\", \"label\": \"x\"}", text_and_label,
           {.columns = parse_columns({"text=title", "text=body"})});
  EXPECT_EQ(joined.rows[0].text(0), "a b");
  const DataSet words =
      read(".ndjson", "{\"words\": [\"a\", \"b\"], \"ner\": [0, 3]}\n", words_and_tags);
  EXPECT_EQ(words.rows[0].list(1), (Values{"0", "3"}));
}

TEST_F(DataSets, AnswersInEveryShape) {
  const DataSet data = read(".jsonl",
                            R"({"question": "q", "context": "c", "answers": ["x", "y"]}
{"question": "q", "context": "c", "answers": {"text": ["x"], "answer_start": [0]}}
{"question": "q", "context": "c", "answers": [{"text": "x", "answer_start": 0}]}
{"question": "q", "context": "c", "answer": "x"}
{"question": "q", "context": "c", "answers": []}
{"question": "q", "context": "c", "answer": ""}
)",
                            questions);
  const std::vector<Values> expected = {{"x", "y"}, {"x"}, {"x"}, {"x"}, {}, {}};
  ASSERT_EQ(data.rows.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(data.rows[i].list(2), expected[i]);
}

TEST_F(DataSets, SquadSharesItsContexts) {
  const DataSet data = read(
      ".json", test::read_file(test::tests_folder() / "cli/evaluate/squad-v2.json"), questions);
  ASSERT_EQ(data.rows.size(), 3U);
  EXPECT_EQ(data.rows[0].text(3), "a");
  EXPECT_EQ(data.rows[0].list(2), (Values{"Berkeley", "in Berkeley"}));
  EXPECT_TRUE(data.rows[1].list(2).empty());  // not the plausible ones
  EXPECT_EQ(data.rows[0].text(1).data(), data.rows[1].text(1).data());
  EXPECT_EQ(data.rows[2].text(1), "The bridge was built in 1904.");
}

TEST_F(DataSets, ALimitStopsBeforeWhatIsWrong) {
  const DataSource two{.limit = 2};
  EXPECT_EQ(read(".tsv", "text\tlabel\na\tb\nc\td\nbad\n", text_and_label, two).rows.size(), 2U);
  EXPECT_EQ(read(".jsonl", "{\"text\":\"a\",\"label\":\"b\"}\n{\"text\":\"a\",\"label\":\"b\"}\n{",
                 text_and_label, two)
                .rows.size(),
            2U);
  EXPECT_EQ(read(".conll", "a O\n\nb O\n\nbad\n", words_and_tags, two).rows.size(), 2U);
  EXPECT_EQ(read(".json", test::read_file(test::tests_folder() / "cli/evaluate/squad-v2.json"),
                 questions, two)
                .rows.size(),
            2U);
}

// ---- as it should not be

struct BadFile {
  const char* extension;
  std::string content;
  const std::vector<DataField>* fields;
  Strings parts;  ///< of the message
  Strings columns = {};
};

const std::vector<BadFile>& bad_files() {
  static const std::vector<BadFile> table{
      // any form
      {".tsv", "", &text_and_label, {"items", "at least one"}},
      {".tsv", "text\tlabel\n", &text_and_label, {"items", "at least one"}},
      {".tsv", "text\tlabel\na\xFF\tb\n", &text_and_label, {"line 2", "byte 12", "UTF-8"}},
      {".tsv", std::string("\x1F\x8B\x08\0", 4), &text_and_label, {"gzip", "unpack"}},
      // TSV and CSV
      {".tsv",
       "review\tlabel\na\tb\n",
       &text_and_label,
       {"line 1", "\"text\" or \"sentence\"", "\"review\", \"label\"", "--columns text=NAME"}},
      {".tsv", "a text\tb\n", &text_and_label, {"line 1", "text=1 is for a file without a header"}},
      {".tsv", "text\tlabel\na\n", &text_and_label, {"line 2", "cells: expected 2", "found 1"}},
      {".tsv", "text\tlabel\na\tb\tc\n", &text_and_label, {"line 2", "expected 2", "found 3"}},
      {".tsv", "text\tlabel\na\tb\n\t\n", &text_and_label, {"line 3", "text", "found nothing"}},
      {".tsv", "text\tlabel\na\t\n", &text_and_label, {"line 2", "label", "found nothing"}},
      {".tsv",
       "text\tlabel\na\t\"b\n",
       &text_and_label,
       {"line 2", "quotation marks", "the end of the file", "--no-quotes"}},
      {".tsv",
       "text\tlabel\n\"a\" b\tc\n",
       &text_and_label,
       {"line 2", "found \" \"", "--no-quotes"}},
      {".csv", "text,label\n\"a\n\"x,c\n", &text_and_label, {"line 3", "found \"x\""}},
      {".csv", "text,label\na;b\n", &text_and_label, {"line 2", "expected 2"}},
      {".csv", "a,b\n", &text_and_label, {"a column \"3\"", "\"a\", \"b\""}, {"text=1", "label=3"}},
      {".csv", "a,b\n", &text_and_label, {"a column \"c\""}, {"text=a", "label=c"}},
      {".csv", "a,b\n", &text_and_label, {"a column \"0\""}, {"text=0", "label=1"}},
      {".tsv",
       "sentence1\tsentence2\tscore\na\tb\tgood\n",
       &pair_and_score,
       {"line 2", "score: expected a number", "\"good\""}},
      {".tsv", "sentence1\tsentence2\tscore\na\tb\tnan\n", &pair_and_score, {"line 2", "a number"}},
      {".tsv", "sentence1\tsentence2\tscore\na\tb\t1e999\n", &pair_and_score, {"a number"}},
      {".tsv", "sentence1\tsentence2\tscore\na\tb\t1.5x\n", &pair_and_score, {"a number"}},
      {".tsv", "sentence1\tsentence2\tscore\na\tb\t\n", &pair_and_score, {"a number"}},
      {".tsv", "tokens\ttags\na\tO\n", &words_and_tags, {"form of the file", "conll or jsonl"}},
      // CoNLL
      {".conll", "a O\nb\n", &words_and_tags, {"line 2", "a word and its tag", "found 1"}},
      {".conll", "a\tO\nb O\n", &words_and_tags, {"line 2", "found 1"}},
      {".conll", "a N O\nb O\n", &words_and_tags, {"line 2", "expected 3, as in the first line"}},
      {".conll", "a\tO\nb\t\n", &words_and_tags, {"line 2", "tags: expected a value"}},
      {".conll", "a\tO\n\tO\n", &words_and_tags, {"line 2", "tokens: expected a value"}},
      {".conll", "a O\n", &words_and_tags, {"at least 4", "found 2"}, {"tags=4"}},
      {".conll",
       "a O\n",
       &words_and_tags,
       {"--columns tags", "the number of a column", "\"ner\""},
       {"tags=ner"}},
      {".conll", "-DOCSTART- O\n\n\n", &words_and_tags, {"items", "at least one"}},
      {".conll", "a O\n", &text_and_label, {"form of the file", "conll, which has words and tags"}},
      // JSON Lines
      {".jsonl", "{\"text\": \"a\", \"label\": 1}\n{\"text\": \n", &text_and_label, {"line 2"}},
      {".jsonl", "[1]\n", &text_and_label, {"an object", "line 1"}},
      {".jsonl",
       "{\"text\": \"a\"}\n",
       &text_and_label,
       {"line 1", "label", "a key \"label\"", "found \"text\"", "--columns label=KEY"}},
      {".jsonl",
       "{\"text\": null, \"label\": 1}\n",
       &text_and_label,
       {"line 1", "\"text\" or \"sentence\""}},
      {".jsonl", "{}\n", &text_and_label, {"line 1", "no key"}},
      {".jsonl",
       "{\"text\": [\"a\"], \"label\": 1}\n",
       &text_and_label,
       {"line 1", "/text", "a string or a number"}},
      {".jsonl",
       "{\"text\": \"\", \"label\": 1}\n",
       &text_and_label,
       {"line 1", "text: expected a value"}},
      {".jsonl", "{\"text\": \"a\", \"label\": 1} {}\n", &text_and_label, {"line 1"}},
      {".jsonl",
       "{\"a\": \"a\", \"label\": 1}\n",
       &text_and_label,
       {"line 1", "a key \"b\""},
       {"text=b"}},
      {".jsonl",
       "{\"a\": \"a\", \"label\": 1}\n",
       &text_and_label,
       {"line 1", "/b"},
       {"text=a", "text=b"}},
      {".jsonl",
       "{\"sentence1\": \"a\", \"sentence2\": \"b\", \"score\": \"high\"}",
       &pair_and_score,
       {"line 1", "a number", "\"high\""}},
      {".jsonl",
       "{\"tokens\": \"a b\", \"tags\": [\"O\"]}",
       &words_and_tags,
       {"/tokens", "a list of strings"}},
      {".jsonl",
       "{\"tokens\": [1.5], \"tags\": [\"O\"]}",
       &words_and_tags,
       {"/tokens/0", "a string"}},
      {".jsonl",
       "{\"tokens\": [\"\"], \"tags\": [\"O\"]}",
       &words_and_tags,
       {"tokens: expected a value"}},
      {".jsonl", R"({"question": "q", "context": "c", "answers": 1})", &questions, {"/answers"}},
      {".jsonl",
       R"({"question": "q", "context": "c", "answers": {"start": 1}})",
       &questions,
       {"text"}},
      {".jsonl",
       R"({"question": "q", "context": "c", "answers": [1]})",
       &questions,
       {"/answers/0"}},
      {".jsonl", R"({"question": "q", "context": "", "answers": ["a"]})", &questions, {"context"}},
      // SQuAD
      {".json", "{", &questions, {"data.json"}},
      {".json", "[]", &questions, {"an object with \"data\"", "--format jsonl"}},
      {".json", "{\"text\": \"a\"}", &questions, {"an object with \"data\""}},
      {".json", "{\"data\": 1}", &questions, {"/data"}},
      {".json", "{\"data\": [{}]}", &questions, {"paragraphs"}},
      {".json", "{\"data\": [{\"paragraphs\": [{\"qas\": []}]}]}", &questions, {"context"}},
      {".json",
       "{\"data\": [{\"paragraphs\": [{\"context\": \"\", \"qas\": []}]}]}",
       &questions,
       {"/data/0/paragraphs/0/context", "not empty"}},
      {".json",
       R"({"data": [{"paragraphs": [{"context": "c", "qas": [{"question": "q"}]}]}]})",
       &questions,
       {"answers"}},
      {".json",
       R"({"data": [{"paragraphs": [{"context": "c", "qas": [{"question": 1, "answers": []}]}]}]})",
       &questions,
       {"/data/0/paragraphs/0/qas/0/question", "string"}},
      {".json",
       R"({"data": [{"paragraphs": [{"context": "c", "qas": [{"question": "q", "answers": [{}]}]}]}]})",
       &questions,
       {"/qas/0/answers/0", "text"}},
      {".json",
       R"({"data": [{"paragraphs": [{"context": "c", "qas": [{"question": "q", "answers": [], "is_impossible": false}]}]}]})",
       &questions,
       {"answers", "is_impossible is false"}},
      {".json",
       R"({"data": [{"paragraphs": [{"context": "c", "qas": [{"question": "q", "answers": [], "is_impossible": "no"}]}]}]})",
       &questions,
       {"is_impossible"}},
      {".json", "{\"data\": []}", &questions, {"items", "at least one"}},
      {".json",
       "{\"data\": []}",
       &text_and_label,
       {"form of the file", "squad, which has questions"}},
  };
  return table;
}

TEST_F(DataSets, EveryWrongRowIsAnErrorThatSaysWhere) {
  for (const BadFile& bad : bad_files()) {
    SCOPED_TRACE(bad.extension + (": " + bad.content));
    const std::string found = complaint<FileError>(bad.extension, bad.content, *bad.fields,
                                                   {.columns = parse_columns(bad.columns)});
    for (const std::string& part : bad.parts) {
      EXPECT_NE(found.find(part), std::string::npos) << "no " << part << " in: " << found;
    }
    EXPECT_NE(found.find("data."), std::string::npos) << found;  // the file's name
  }
}

TEST_F(DataSets, WhatCannotBeMeantIsUsage) {
  const auto complaint_of = [&](const char* extension, Strings columns,
                                const std::vector<DataField>& fields) {
    return complaint<UsageError>(extension, "x", fields, {.columns = parse_columns(columns)});
  };
  EXPECT_NE(complaint_of(".tsv", {"word=1"}, text_and_label)
                .find("unknown \"word\"; this task has text, label, pair"),
            std::string::npos);
  EXPECT_NE(complaint_of(".conll", {"tags=1", "tags=2"}, words_and_tags).find("given twice"),
            std::string::npos);
  EXPECT_NE(complaint_of(".json", {"question=q"}, questions).find("no columns"), std::string::npos);
  EXPECT_NE(complaint_of(".parquet", {}, questions).find("tsv, csv, conll, squad, jsonl"),
            std::string::npos);
  for (const char* const word : {"text", "=1", "text=", ""}) {
    EXPECT_THROW(static_cast<void>(parse_columns({word})), UsageError) << word;
  }
}

// Rows or an Error, whatever one byte, cut or repetition makes of a file.
TEST_F(DataSets, MutationsOfEveryFormAreRowsOrErrors) {
  struct Form {
    const char* file;
    const std::vector<DataField>* fields;
    Strings columns = {};
  };
  const std::vector<Form> forms = {
      {"reviews.tsv", &text_and_label},
      {"reviews.csv", &text_and_label, {"label=1", "text=2", "text=3"}},
      {"names.conll", &words_and_tags},
      {"names.jsonl", &words_and_tags},
      {"pairs.tsv", &pair_and_score},
      {"squad-v2.json", &questions},
  };
  constexpr std::string_view bytes = "\t\n\r,\"'\\{}[]:0-#\x80\xFF ";
  std::mt19937_64 random(20261129);
  for (const Form& form : forms) {
    const std::filesystem::path file = test::tests_folder() / "cli/evaluate" / form.file;
    const std::string good = test::read_file(file);
    const DataSource how{.columns = parse_columns(form.columns)};
    int accepted = 0;
    for (int i = 0; i < 400; ++i) {
      std::string text = good;
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text[at] = bytes[random() % bytes.size()]; break;
        case 1: text.resize(at); break;
        case 2: text.erase(at, 1 + random() % 20); break;
        default: text.insert(at, text.substr(random() % text.size(), random() % 40));
      }
      try {
        const DataSet data = read(file.extension().string(), text, *form.fields, how);
        for (const DataRow& row : data.rows) {
          for (const auto& value : row.values) {
            for (const std::string_view part : value.value_or(Values())) {
              EXPECT_EQ(first_invalid_utf8(part), part.size());
            }
          }
        }
        ++accepted;
      } catch (const FileError& error) {
        EXPECT_NE(std::string_view(error.what()).find("data."), std::string_view::npos)
            << error.what();
      }
    }
    EXPECT_GT(accepted, 0) << form.file;
    EXPECT_LT(accepted, 400) << form.file;
  }
}

TEST_F(DataSets, AFileThatIsNotThere) {
  EXPECT_THROW(static_cast<void>(read_data_set({.file = "/nowhere/data.tsv"}, text_and_label)),
               FileError);
  EXPECT_THROW(static_cast<void>(read_data_set({.file = "/"}, text_and_label)), FileError);
}

}  // namespace
}  // namespace attend::cli
