// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Labels of data in the words of a model: names, ids, translations, and what fits neither.
#include "cli/evaluate/label_match.h"

#include <gtest/gtest.h>

#include "cli/command.h"

namespace attend::cli {
namespace {

using Found = std::set<std::string_view>;

const std::vector<std::string> classes = {"NEGATIVE", "POSITIVE"};
const std::vector<std::string> tags = {"O", "B-PER", "I-PER", "I-LOC"};

TEST(LabelMatch, NamesGoBeforeIds) {
  EXPECT_EQ(match_labels({"POSITIVE"}, {}, classes, LabelForm::whole),
            (LabelMap{{"POSITIVE", "POSITIVE"}}));
  EXPECT_EQ(match_labels({"0", "1"}, {}, classes, LabelForm::whole),
            (LabelMap{{"0", "NEGATIVE"}, {"1", "POSITIVE"}}));
  const std::vector<std::string> numbers = {"1", "0"};
  EXPECT_EQ(match_labels({"0", "1"}, {}, numbers, LabelForm::whole),
            (LabelMap{{"0", "0"}, {"1", "1"}}));
}

TEST(LabelMatch, TranslationsGoFirst) {
  EXPECT_EQ(
      match_labels({"1", "5"}, {{"1", "NEGATIVE"}, {"5", "POSITIVE"}}, classes, LabelForm::whole),
      (LabelMap{{"1", "NEGATIVE"}, {"5", "POSITIVE"}}));
}

TEST(LabelMatch, TagsMatchByTheirTypes) {
  EXPECT_EQ(match_labels({"B-LOC", "I-PER", "O"}, {}, tags, LabelForm::tags),
            (LabelMap{{"B-LOC", "B-LOC"}, {"I-PER", "I-PER"}, {"O", "O"}}));
  EXPECT_EQ(match_labels({"B-person", "O"}, {{"person", "PER"}}, tags, LabelForm::tags),
            (LabelMap{{"B-person", "B-PER"}, {"O", "O"}}));
  EXPECT_EQ(match_labels({"B-firm", "O"}, {{"B-firm", "O"}}, tags, LabelForm::tags),
            (LabelMap{{"B-firm", "O"}, {"O", "O"}}));
  EXPECT_EQ(match_labels({"0", "2"}, {}, tags, LabelForm::tags),
            (LabelMap{{"0", "O"}, {"2", "I-PER"}}));
}

TEST(LabelMatch, WhatDoesNotFitListsBothSets) {
  struct Case {
    Found found;
    LabelMap map;
    const std::vector<std::string>* known;
    LabelForm form;
  };
  const std::vector<Case> table = {
      {{"positive"}, {}, &classes, LabelForm::whole},
      {{"0", "2"}, {}, &classes, LabelForm::whole},
      {{"0", "-1"}, {}, &classes, LabelForm::whole},
      {{"0", "1 "}, {}, &classes, LabelForm::whole},
      {{"0", "POSITIVE"}, {}, &classes, LabelForm::whole},  // no mixture
      {{"1", "2"}, {{"2", "POSITIVE"}}, &classes, LabelForm::whole},
      {{"a"}, {{"a", "b"}}, &classes, LabelForm::whole},
      {{"B-person"}, {}, &tags, LabelForm::tags},
      {{"PER"}, {}, &tags, LabelForm::tags},  // seqeval would take the P for a prefix
      {{"B-O"}, {}, &tags, LabelForm::tags},
      {{"B-PER"}, {}, &classes, LabelForm::whole},
  };
  for (const Case& one : table) {
    try {
      static_cast<void>(match_labels(one.found, one.map, *one.known, one.form));
      ADD_FAILURE() << *one.found.begin();
    } catch (const FileError& error) {
      const std::string message = error.what();
      for (const std::string& label : *one.known) {
        EXPECT_NE(message.find('"' + label + '"'), std::string::npos) << message;
      }
      for (const std::string_view label : one.found) {
        EXPECT_NE(message.find('"' + std::string(label) + '"'), std::string::npos) << message;
      }
      EXPECT_NE(message.find("--label-map"), std::string::npos) << message;
    }
  }
}

TEST(LabelMatch, TranslationsAsWords) {
  EXPECT_EQ(parse_label_map({"1=a=b", "2=c d"}), (LabelMap{{"1", "a=b"}, {"2", "c d"}}));
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"1"}, {"=a"}, {"1="}, {""}, {"1=a", "1=b"}}) {
    EXPECT_THROW(static_cast<void>(parse_label_map(wrong)), UsageError) << wrong.front();
  }
}

}  // namespace
}  // namespace attend::cli
