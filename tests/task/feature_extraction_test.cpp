// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Feature extraction: the goldens, then limits and batches.
#include "attend/task/feature_extraction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "task/cases.h"

namespace attend {
namespace {

using test::Json;

FeatureExtractionOptions options_of(const Json& parameters) {
  FeatureExtractionOptions options;
  for (const auto& [name, value] : parameters.items()) {
    if (name == "truncation") {
      options.tokenize.truncation = TruncationStrategy::longest_first;
    } else if (name == "tokenize_kwargs") {
      options.tokenize.max_length = value.at("max_length").get<Index>();
    } else {
      ADD_FAILURE() << "unknown parameter " << name;
    }
  }
  return options;
}

// [1][tokens][hidden] of the reference.
void expect_features(const TokenFeatures& features, const Json& expected) {
  const Json& rows = expected.at(0);
  ASSERT_EQ(static_cast<std::size_t>(features.tokens), rows.size());
  ASSERT_EQ(static_cast<std::size_t>(features.hidden_size), rows.at(0).size());
  for (Index row = 0; row < features.tokens; ++row) {
    for (Index col = 0; col < features.hidden_size; ++col) {
      const double want = rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(col)];
      EXPECT_NEAR(static_cast<double>(features.matrix()(row, col)), want,
                  test::golden_tolerance * std::max(1.0, std::abs(want)));
    }
  }
}

TEST(FeatureExtractionGoldens, AreReproduced) {
  int checked = 0;
  for (const std::string& folder : test::golden_folders()) {
    const auto cases = test::cases(test::golden(folder), "task", "feature-extraction");
    if (cases.empty()) continue;
    const FeatureExtraction extract = FeatureExtraction::load(test::golden(folder));
    for (const Json& one : cases) {
      SCOPED_TRACE(folder + " " + one.at("id").get<std::string>());
      const std::vector<std::string_view> texts = test::strings(one.at("inputs"));
      const auto features = extract(texts, options_of(one.at("parameters")));
      const Json& expected = one.at("expected");
      ASSERT_EQ(features.size(), texts.size());
      for (std::size_t i = 0; i < features.size(); ++i) {
        expect_features(features[i], one.at("inputs").is_array() ? expected.at(i) : expected);
      }
      ++checked;
    }
  }
  EXPECT_GE(checked, 8);
}

TEST(FeatureExtraction, RefusesALongTextUnlessItIsCutAndIgnoresTheBatch) {
  const FeatureExtraction extract =
      FeatureExtraction::load(test::golden("bert-feature-extraction"));
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "the ";
  const std::vector<std::string_view> texts{"the house", text, "a"};
  const auto outcomes = extract.each(texts, {}, {.batch_size = 3});
  EXPECT_EQ(outcomes[1].error().kind(), ErrorKind::input_too_long);
  EXPECT_EQ(outcomes[0].value().values, extract(texts[0]).values);
  EXPECT_EQ(outcomes[2].value().values, extract(texts[2]).values);
  const auto cut = extract(text, {.tokenize = {.max_length = 5}});
  EXPECT_EQ(cut.tokens, 5);
}

TEST(FeatureExtraction, WorksBelowAnyHead) {
  const auto folder = test::golden("bert-token-classification");
  const FeatureExtraction below(TaskModel::load(folder, HeadKind::token_classification));
  EXPECT_EQ(below("the house").values, FeatureExtraction::load(folder)("the house").values);
  test::expect_error(ErrorKind::config_error, {}, [] { return FeatureExtraction(TaskModel{}); });
}

}  // namespace
}  // namespace attend
