// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Every search against generate() of transformers over a model that both have.
#include "attend/task/search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>

#include "support/allocation_count.h"
#include "support/json.h"
#include "support/paths.h"
#include "task/hash_model.h"

namespace attend::test {
namespace {

using Ids = std::vector<TokenId>;

constexpr double score_tolerance = 1e-4;  // sums of some dozen log-probabilities in float

GenerationOptions options_of(const Json& one) {
  GenerationOptions options;
  options.config = parse_generation_config(one.at("config").dump(), "case");
  options.config.output_scores = true;
  options.input.is_encoder_decoder = one.contains("encoder");
  options.seed = one.value("random_seed", std::uint64_t{0});
  if (one.contains("texts")) {
    options.stopping.texts = [texts = one.at("texts")](TokenId id) {
      return texts.at(static_cast<std::size_t>(id)).get<std::string>();
    };
  }
  return options;
}

std::vector<Generation> run(const Json& one) {
  HashModel model(one.at("vocabulary").get<Index>(), one.at("seed").get<std::uint32_t>(),
                  one.at("scale").get<float>());
  const bool has_encoder = one.contains("encoder");
  const auto prompts = one.at(has_encoder ? "encoder" : "prompts").get<std::vector<Ids>>();
  const auto negative = one.value("negative", std::vector<Ids>(prompts.size()));
  std::vector<GenerationPrompt> views;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    GenerationPrompt& view = views.emplace_back();
    (has_encoder ? view.encoder_ids : view.ids) = prompts[i];
    view.negative_ids = negative[i];
  }
  return generate(model, views, options_of(one));
}

std::vector<GeneratedSequence> all_sequences(const std::vector<Generation>& results) {
  std::vector<GeneratedSequence> all;
  for (const auto& result : results) {
    all.insert(all.end(), result.sequences.begin(), result.sequences.end());
  }
  return all;
}

TokenId fill_of(const Json& one) {
  auto config =
      merged(parse_generation_config(one.at("config").dump(), "case"), default_generation_config());
  if (!config.pad_token_id && config.eos_token_id)
    config.pad_token_id = config.eos_token_id->front();
  return fill_token(config);
}

bool agree(double found, const Json& recorded) {
  if (recorded.is_string()) {
    return recorded == "nan" ? std::isnan(found) : std::isinf(found) && found < 0;
  }
  const auto expected = recorded.get<double>();
  return std::abs(found - expected) <= score_tolerance * std::max(1.0, std::abs(expected));
}

std::string difference_of_scores(const Json& one, const std::vector<GeneratedSequence>& found) {
  if (!one.contains("sequences_scores")) return {};
  const Json& expected = one.at("sequences_scores");
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!agree(found[i].score, expected[i])) {
      return "score " + std::to_string(i) + ": " + std::to_string(found[i].score);
    }
  }
  return {};
}

// The reference numbers rows of all prompts.
std::string difference_of_rows(const Json& one, const std::vector<Generation>& found) {
  if (!one.contains("beam_indices")) return {};
  const auto beams = one.at("config").at("num_beams").get<Index>();
  std::size_t at = 0;
  for (std::size_t n = 0; n < found.size(); ++n) {
    for (const auto& sequence : found[n].sequences) {
      auto expected = one.at("beam_indices").at(at++).get<std::vector<Index>>();
      while (!expected.empty() && expected.back() < 0) expected.pop_back();
      for (Index& row : expected) row -= static_cast<Index>(n) * beams;
      if (expected != sequence.beam_indices) return "beam_indices " + std::to_string(at - 1);
    }
  }
  return {};
}

std::string difference_of_steps(const Json& one, const std::vector<Generation>& found) {
  if (!one.contains("transition_scores")) return {};
  std::size_t at = 0;
  for (const auto& result : found) {
    for (std::size_t s = 0; s < result.sequences.size(); ++s) {
      const auto& scores = result.scores[std::min(s, result.scores.size() - 1)];
      const auto values = transition_scores(result.sequences[s], result.prompt_length, scores);
      const Json& expected = one.at("transition_scores").at(at++);
      for (std::size_t i = 0; i < values.size() && i < expected.size(); ++i) {
        const bool same = agree(static_cast<double>(values[i]), expected[i]);
        if (!same)
          return "transition score " + std::to_string(i) + ": " + std::to_string(values[i]);
      }
    }
  }
  return {};
}

std::string difference(const Json& one) {
  const auto results = run(one);
  const auto found = all_sequences(results);
  const auto rows = padded(found, fill_of(one));
  if (Json(rows) != one.at("sequences")) return "sequences " + Json(rows).dump();
  for (const auto& text : {difference_of_scores(one, found), difference_of_rows(one, results),
                           difference_of_steps(one, results)}) {
    if (!text.empty()) return text;
  }
  return {};
}

void expect_agreement(const std::filesystem::path& file, int least = 1) {
  std::map<std::string, std::pair<int, int>> counts;
  std::map<std::string, int> others = {{"negative", 0}, {"texts", 0}, {"encoder", 0}};
  for (const Json& one : read_json_file(file)) {
    auto& [cases, failed] = counts[one.at("mode").get<std::string>()];
    ++cases;
    for (auto& [key, count] : others) count += one.contains(key) ? 1 : 0;
    std::string found;
    try {
      found = difference(one);
    } catch (const Error& error) {
      found = error.what();
    }
    if (found.empty()) continue;
    ++failed;
    ADD_FAILURE() << one.dump().substr(0, 1500) << "\nfound " << found;
  }
  EXPECT_EQ(counts.size(), 6U);  // all modes but assisted generation, whose texts are greedy ones
  for (const auto& [mode, count] : counts) {
    EXPECT_GE(count.first, least) << mode;
    std::cout << mode << ": " << count.first << " cases, " << count.second << " differ\n";
  }
  for (const auto& [key, count] : others) EXPECT_GE(count, least / 2) << key;
}

TEST(Search, RecordedCases) { expect_agreement(tests_folder() / "task" / "search_cases.json", 40); }

// Texts grow in memory that is there: what is allocated is what they double by.
TEST(Search, StepsOfBeamsAllocateLittle) {
  if (!allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  for (const Index groups : {1, 2}) {
    GenerationConfig call;
    call.num_beams = 4;
    call.num_beam_groups = groups;
    if (groups > 1) call.diversity_penalty = 0.5;
    call.max_new_tokens = 400;
    const LogitsProcessors processors(resolve(call, {}, {.prompt_length = 1, .vocabulary = 50}),
                                      {.prompt_length = 1, .vocabulary = 50, .encoder_ids = {}});
    StoppingCriteria stopping(processors.config());
    SearchMemory memory;
    const Ids prompt = {1};
    const auto search = make_search(
        {.prompt = prompt, .processors = &processors, .stopping = &stopping, .memory = &memory});
    std::vector<float> logits(4 * 50);
    for (std::size_t i = 0; i < logits.size(); ++i) {
      logits[i] = static_cast<float>(i * 37 % 101) / 50;
    }
    long before = 0;
    for (int step = 0; step < 160; ++step) {
      if (step == 140) before = *allocation_count();
      search->step({.logits = {logits.data(), 4, 50}});
    }
    EXPECT_FALSE(search->finished());
    EXPECT_LT(*allocation_count() - before, 20 * 4) << groups;
  }
}

// More of make_searches.py, when there are some.
TEST(Search, MoreCases) {
  const char* file = std::getenv("ATTEND_SEARCH_CASES");
  if (file == nullptr) GTEST_SKIP() << "ATTEND_SEARCH_CASES is not set";
  expect_agreement(file);
}

}  // namespace
}  // namespace attend::test
