// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Vectors of texts that are longer than the model: against windows that are run one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "attend/batch/batch.h"
#include "attend/task/sentence_embedding.h"
#include "support/error_of.h"
#include "task/embedding_folder.h"

namespace attend {
namespace {

using test::EmbeddingFolder;
using test::golden_width;
using Vector = std::vector<double>;

constexpr Index window = 24;  // max_seq_length of the folder
constexpr const char* mean = R"({"word_embedding_dimension": 32, "pooling_mode": "mean"})";

std::string long_text(int repeats) {
  std::string text;
  for (int i = 0; i < repeats; ++i) text += "the house of the people, " + std::to_string(i) + " ";
  return text;
}

/// The rows of one window, by the model itself.
std::vector<float> rows_of(const SentenceEmbedding& embed, Encoding encoding) {
  Workspace workspace;
  const Workspace::Scope scope(workspace);
  const Batch batch = make_batch(std::span<const Encoding>(&encoding, 1));
  const auto hidden = embed.task_model().model->hidden_states(batch, workspace);
  return {hidden.data, hidden.data + hidden.rows * hidden.cols};
}

/// The mean of all rows of all windows, without the first `skipped` rows of the first.
Vector mean_by_hand(const SentenceEmbedding& embed, std::string_view text, Index overlap,
                    Index skipped = 0) {
  Vector sums(golden_width, 0);
  double count = 0;
  const EncodeOptions how{.truncation = Truncation{.max_length = window, .stride = overlap}};
  for (const Encoding& encoding : embed.task_model().tokenizer->encode_windows(text, how)) {
    const std::vector<float> rows = rows_of(embed, encoding);
    for (Index r = std::exchange(skipped, 0); r < encoding.size(); ++r) {
      for (Index c = 0; c < golden_width; ++c) {
        sums[static_cast<std::size_t>(c)] +=
            static_cast<double>(rows[static_cast<std::size_t>(r * golden_width + c)]);
      }
      ++count;
    }
  }
  for (double& sum : sums) sum /= count;
  return sums;
}

void expect_vector(const Embedding& vector, const Vector& expected) {
  ASSERT_EQ(vector.size(), expected.size());
  for (std::size_t i = 0; i < vector.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(vector[i]), expected[i], 1e-5) << i;
  }
}

SentenceEmbeddingOptions windows(Index overlap = 0) {
  return {.long_text = LongText::mean_of_windows, .window_overlap = overlap};
}

TEST(LongTexts, OfOneWindowHaveTheirPlainVector) {
  const EmbeddingFolder folder;
  for (const char* mode : {"mean", "cls", "max", "lasttoken", "weightedmean"}) {
    folder.pooling(std::string(R"({"pooling_mode": ")") + mode + "\"}");
    const SentenceEmbedding embed = folder.load();
    for (const char* text : {"", "the house", "the house of the people and the school"}) {
      EXPECT_EQ(embed(text, windows()), embed(text)) << mode << ' ' << text;
      EXPECT_EQ(embed(text, windows(5)), embed(text)) << mode << ' ' << text;
    }
  }
  const EmbeddingFolder normalised;
  const SentenceEmbedding embed = normalised.load();
  EXPECT_EQ(embed("the house", windows()), embed("the house"));
}

TEST(LongTexts, AreTheMeanOfAllTheirRows) {
  const EmbeddingFolder folder;
  folder.pooling(mean);
  const SentenceEmbedding embed = folder.load();
  for (const int repeats : {4, 20}) {
    const std::string text = long_text(repeats);
    EXPECT_NE(embed(text, windows()), embed(text));
    for (const Index overlap : {0, 1, 21}) {
      SCOPED_TRACE(overlap);
      expect_vector(embed(text, windows(overlap)), mean_by_hand(embed, text, overlap));
    }
    EXPECT_NE(embed(text, windows(3)), embed(text, windows()));
  }
}

// The identity that the option is defined by: windows weigh as many tokens as they have.
TEST(LongTexts, AreTheWeightedMeanOfTheirWindows) {
  const EmbeddingFolder folder;
  for (const char* mode : {"mean", "cls", "max", "lasttoken"}) {
    SCOPED_TRACE(mode);
    folder.pooling(std::string(R"({"pooling_mode": ")") + mode + "\"}");
    const SentenceEmbedding embed = folder.load();
    const std::string text = long_text(7);
    const EncodeOptions how{.truncation = Truncation{.max_length = window}};
    Vector sums(golden_width, 0);
    double tokens = 0;
    Index found = 0;
    for (const Encoding& encoding : embed.task_model().tokenizer->encode_windows(text, how)) {
      const std::vector<float> rows = rows_of(embed, encoding);
      const auto size = static_cast<std::size_t>(encoding.size());
      for (std::size_t c = 0; c < sums.size(); ++c) {
        double total = 0;
        float largest = rows[c];
        for (std::size_t r = 0; r < size; ++r) {
          total += static_cast<double>(rows[r * sums.size() + c]);
          largest = std::max(largest, rows[r * sums.size() + c]);
        }
        const std::string_view kind(mode);
        const double value = kind == "mean"  ? total / static_cast<double>(size)
                             : kind == "cls" ? static_cast<double>(rows[c])
                             : kind == "max"
                                 ? static_cast<double>(largest)
                                 : static_cast<double>(rows[(size - 1) * sums.size() + c]);
        sums[c] += static_cast<double>(size) * value;
      }
      tokens += static_cast<double>(size);
      ++found;
    }
    ASSERT_GT(found, 2);
    for (double& sum : sums) sum /= tokens;
    expect_vector(embed(text, windows()), sums);
  }
}

TEST(LongTexts, GoThroughTheOtherModulesOnce) {
  const EmbeddingFolder folder;  // which normalises
  const SentenceEmbedding embed = folder.load();
  const std::string text = long_text(9);
  Vector expected = mean_by_hand(embed, text, 0);
  double length = 0;
  for (const double value : expected) length += value * value;
  for (double& value : expected) value /= std::sqrt(length);
  expect_vector(embed(text, windows()), expected);
  SentenceEmbeddingOptions cut = windows();
  cut.truncate_dim = 7;
  expect_vector(embed(text, cut), Vector(expected.begin(), expected.begin() + 7));
}

TEST(LongTexts, HaveTheirPromptInTheFirstWindow) {
  const EmbeddingFolder folder;
  const std::string text = long_text(9);
  const std::string with_prompt = "query: " + text;
  SentenceEmbeddingOptions options = windows();
  options.prompt_name = "query";
  folder.pooling(mean);
  const SentenceEmbedding all = folder.load();
  expect_vector(all(text, options), mean_by_hand(all, with_prompt, 0));
  folder.pooling(R"({"pooling_mode": "mean", "include_prompt": false})");
  const SentenceEmbedding without = folder.load();
  const Index prompt_tokens = without.task_model().tokenizer->encode("query: ").size() - 1;
  expect_vector(without(text, options), mean_by_hand(without, with_prompt, 0, prompt_tokens));
  options.long_text = LongText::truncate;
  const Embedding plain = without("the house", options);
  options.long_text = LongText::mean_of_windows;
  EXPECT_EQ(without("the house", options), plain);
}

TEST(LongTexts, DoNotDependOnTheOthers) {
  const EmbeddingFolder folder;
  const SentenceEmbedding embed = folder.load();
  const std::string longer = long_text(30);
  const std::string shorter = long_text(5);
  const std::vector<std::string_view> texts{longer, "the house", "\xFF", shorter};
  ThreadPool one(1);
  for (const Index batch_size : {1, 3, 64}) {
    const auto outcomes = embed.each(texts, windows(2), {.batch_size = batch_size, .pool = &one});
    EXPECT_EQ(outcomes[2].error().kind(), ErrorKind::invalid_utf8);
    for (const std::size_t i : {0U, 1U, 3U}) {
      EXPECT_EQ(outcomes[i].value(), embed(texts[i], windows(2)));
    }
  }
}

TEST(LongTexts, ThatAreCutOnTheLeftAreReadFromTheirBeginning) {
  const EmbeddingFolder folder;
  folder.pooling(mean);
  const Embedding expected = folder.load()(long_text(5), windows());
  folder.set("tokenizer_config.json", "truncation_side", "left");
  const SentenceEmbedding left = folder.load();
  EXPECT_EQ(left(long_text(5), windows()), expected);
  EXPECT_NE(left(long_text(5)), folder.load()("the house"));
}

TEST(LongTexts, HaveOptionsThatAreChecked) {
  const EmbeddingFolder folder;
  const SentenceEmbedding embed = folder.load();
  const auto call = [&](const SentenceEmbeddingOptions& options) {
    return [&embed, options] { return embed("the house", options); };
  };
  test::expect_error(ErrorKind::config_error, {"window_overlap", "mean_of_windows"},
                     call({.window_overlap = 3}));
  test::expect_error(ErrorKind::config_error, {"window_overlap", "-1"}, call(windows(-1)));
  test::expect_error(ErrorKind::config_error, {"window_overlap", "22 tokens"}, call(windows(22)));
  EXPECT_NO_THROW(static_cast<void>(call(windows(21))()));
}

}  // namespace
}  // namespace attend
