// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Two small encoder-decoders that were trained: what they write, against results that others
// computed (expected.json beside the weights).
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "attend/task/generator.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::test {
namespace {

using Ids = std::vector<TokenId>;

constexpr double published_tolerance = 1e-5;  // of log-probabilities that have six digits
constexpr double summed_tolerance = 1e-4;     // of up to fifteen of them, with five digits

/// A folder without a tokenizer, and all of its cases at once.
struct Trained {
  Model model;
  GenerationConfig config;
  Json cases;

  explicit Trained(const std::filesystem::path& folder)
      : model(load_model(folder, {.head = HeadKind::conditional_generation})),
        config(read_generation_defaults(folder).config),
        cases(read_json_file(folder / "expected.json")["cases"]) {}

  [[nodiscard]] std::vector<Generation> write(std::string_view ids_key,
                                              const GenerationConfig& call) const {
    std::vector<Ids> ids;
    for (const Json& one : cases) ids.push_back(one[std::string(ids_key)].get<Ids>());
    std::vector<GenerationPrompt> prompts;
    for (const Ids& of_case : ids) prompts.push_back({.encoder_ids = of_case});
    GenerationOptions options;
    options.config = call;
    options.model_config = config;
    std::vector<Generation> out;
    for (auto& outcome : generate_each(model, prompts, options)) {
      out.push_back(std::move(outcome).value());
    }
    return out;
  }
};

GenerationConfig greedy() {
  GenerationConfig config;
  config.max_new_tokens = 40;
  config.num_beams = 1;
  return config;
}

double log_probability(const StepScores& logits, TokenId id) {
  double sum = 0;
  for (const float value : logits.values) sum += std::exp(static_cast<double>(value));
  return static_cast<double>(logits.values[static_cast<std::size_t>(id)]) - std::log(sum);
}

TEST(TrainedSeq2Seq, SpellingToSounds) {
  const auto folder = shared("data/models/bart-g2p-us");
  if (!folder) GTEST_SKIP() << "data/models/bart-g2p-us is not beside the project";
  const Trained bart(*folder);
  const auto written = bart.write("input_ids", greedy());
  GenerationConfig beams = greedy();
  beams.num_beams = 4;
  const auto of_beams = bart.write("input_ids", beams);
  for (std::size_t i = 0; i < bart.cases.size(); ++i) {
    const Json& one = bart.cases[i];
    SCOPED_TRACE(one["word"].get<std::string>());
    EXPECT_EQ(written[i].sequences[0].ids, one["greedy_ids"].get<Ids>());
    const GeneratedSequence& best = of_beams[i].sequences[0];
    const Json& expected = one["beam4"][0];
    const auto length = static_cast<double>(best.ids.size() - 1);
    if (one["word"] == "phoneme") {  // the search there lost the better of two
      EXPECT_EQ(best.ids, one["greedy_ids"].get<Ids>());
      EXPECT_GT(best.score * length, expected["sum_log_prob"].get<double>());
      continue;
    }
    EXPECT_EQ(best.ids, expected["ids"].get<Ids>());
    EXPECT_NEAR(best.score * length, expected["sum_log_prob"].get<double>(), summed_tolerance);
  }
  EXPECT_EQ(bart.cases.size(), 17U);
}

TEST(TrainedSeq2Seq, ArabicNamesToLatinLetters) {
  const auto folder = shared("data/models/m2m100-transliteration-ar-en");
  if (!folder) GTEST_SKIP() << "data/models/m2m100-transliteration-ar-en is not beside the project";
  const Trained m2m100(*folder);
  GenerationConfig config = greedy();
  config.output_logits = true;
  const auto written = m2m100.write("source_ids", config);
  for (std::size_t i = 0; i < m2m100.cases.size(); ++i) {
    const Json& one = m2m100.cases[i];
    SCOPED_TRACE(one["source"].get<std::string>());
    const Ids& ids = written[i].sequences[0].ids;
    ASSERT_EQ(ids, one["greedy_ids"].get<Ids>());
    const Json published = one.value("published_token_log_probs", Json::array());
    for (std::size_t step = 0; step < published.size(); ++step) {
      EXPECT_NEAR(log_probability(written[i].logits[0][step], ids[step + 1]),
                  published[step].get<double>(), published_tolerance);
    }
  }
  EXPECT_EQ(m2m100.cases.size(), 15U);
}

}  // namespace
}  // namespace attend::test
