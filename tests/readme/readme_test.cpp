// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The tables of README.md say what the registries say.
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "attend/model/architecture.h"
#include "attend/pipeline/pipeline.h"
#include "support/paths.h"
#include "tokenizer/tokenizer_class.h"

namespace attend {
namespace {

using Names = std::set<std::string>;

/// The words between backquotes in a cell.
Names quoted_names(const std::string& cell) {
  Names names;
  std::istringstream words(cell);
  for (std::string word; std::getline(words, word, '`') && std::getline(words, word, '`');) {
    names.insert(word);
  }
  return names;
}

/// The rows of the table below "## title" or "### title", head and rule left out; a row is its
/// cells.
std::vector<std::vector<std::string>> table(const std::string& title) {
  std::istringstream readme(test::read_file(test::tests_folder() / ".." / "README.md"));
  std::vector<std::vector<std::string>> rows;
  std::string line;
  while (std::getline(readme, line) && !line.ends_with("## " + title)) continue;
  while (std::getline(readme, line) && (rows.empty() || !line.empty())) {
    if (!line.starts_with("| ")) continue;
    std::istringstream cells(line.substr(1));
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '|');) rows.back().push_back(cell);
  }
  if (rows.size() > 2) rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

TEST(Readme, NamesTheArchitecturesOfTheRegistry) {
  Names written;
  for (const auto& row : table("Models")) written.merge(quoted_names(row.at(0)));
  Names known;
  for (const Architecture* architecture : architectures()) {
    known.insert(architecture->model_types.begin(), architecture->model_types.end());
  }
  EXPECT_EQ(written, known);
}

/// Those whose table has a head of that kind, with the settings that transformers presumes.
Names models_with(HeadKind kind) {
  Names names;
  const test::TemporaryFolder folder;
  for (const Architecture* architecture : architectures()) {
    const std::string type(architecture->model_types.front());
    test::write_file(folder.path() / "config.json", R"({"model_type": ")" + type + R"("})");
    if (!architecture->head(kind, read_config(folder.path()))) continue;
    names.insert(architecture->model_types.begin(), architecture->model_types.end());
  }
  return names;
}

/// "all", "all but `a` and `b`", or "`a`, `b`".
Names models_of(const std::string& cell) {
  Names names = quoted_names(cell);
  if (!cell.starts_with(" all")) return names;
  Names others;
  for (const Architecture* architecture : architectures()) {
    others.insert(architecture->model_types.begin(), architecture->model_types.end());
  }
  for (const std::string& name : names) EXPECT_EQ(others.erase(name), 1U) << name;
  return others;
}

// The classes of a row lead to its head, which its architectures have.
TEST(Readme, NamesTheHeads) {
  Names written;
  for (const auto& row : table("Heads")) {
    const Names names = quoted_names(row.at(0));
    ASSERT_EQ(names.size(), 1U) << row.at(0);
    const auto kind = find_head_kind(*names.begin());
    ASSERT_TRUE(kind) << row.at(0);
    for (const std::string& suffix : quoted_names(row.at(1))) {
      EXPECT_EQ(head_of_class("ElectraFor" + suffix), kind) << suffix;
    }
    EXPECT_EQ(models_of(row.at(3)), models_with(*kind)) << row.at(0);
    written.insert(*names.begin());
  }
  Names known;
  for (const HeadKind kind : head_kinds) known.emplace(name(kind));
  known.erase("none");
  EXPECT_EQ(written, known);
}

// A row's classes read its files, and it has no file that none of them reads.
TEST(Readme, NamesTheTokenizerClassesAndTheirFiles) {
  Names written;
  for (const auto& row : table("Tokenizers")) {
    SCOPED_TRACE(row.at(0));
    Names files;
    for (const std::string& name : quoted_names(row.at(1))) {
      EXPECT_TRUE(written.insert(name).second) << name << " stands there twice";
      const TokenizerClass* const known = find_tokenizer_class(name);
      ASSERT_NE(known, nullptr) << name;
      for (const std::string_view file : split_words(known->slow_files)) files.emplace(file);
    }
    EXPECT_EQ(quoted_names(row.at(2)), files);
  }
  Names known;
  for (const TokenizerClass& one : tokenizer_classes()) known.emplace(one.name);
  EXPECT_EQ(written, known);
}

TEST(Readme, NamesTheTasksTheirAliasesAndModels) {
  using Row = std::tuple<Names, Names, Names>;
  std::vector<Row> written;
  for (const auto& row : table("Tasks")) {
    written.emplace_back(quoted_names(row.at(0)), quoted_names(row.at(1)), quoted_names(row.at(2)));
  }
  std::vector<Row> known;
  for (const TaskInfo& task : tasks()) {
    known.emplace_back(
        Names{std::string(task.name)}, Names(task.aliases.begin(), task.aliases.end()),
        task.bundled_model.empty() ? Names{} : Names{std::string(task.bundled_model)});
  }
  EXPECT_EQ(written, known);
}

}  // namespace
}  // namespace attend
