// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Processors of logits, alone and in their order, against what transformers makes of the same rows;
// none of them allocates, and large vocabularies.
#include "attend/task/logits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <random>

#include "attend/task/logits_processors.h"
#include "support/allocation_count.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::test {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
// Of log_softmax, whose largest values are near 0 where logits are not; and one step of the sum.
constexpr double tolerance = 1e-6;

using Ids = std::vector<TokenId>;
using Row = std::vector<float>;

float number_of(const Json& value) {
  if (!value.is_string()) return value.get<float>();
  if (value == "nan") return std::numeric_limits<float>::quiet_NaN();
  return value == "inf" ? infinity : -infinity;
}

Row row_of(const Json& values) {
  Row row;
  for (const Json& value : values) row.push_back(number_of(value));
  return row;
}

Ids ids_of(const Json& value) {
  return value.is_array() ? value.get<Ids>() : Ids{value.get<TokenId>()};
}

struct RowCase {
  std::size_t number;
  const Json& arguments;
  const Json& whole;
  Ids ids;
  Row row;

  [[nodiscard]] double real(const char* key) const { return arguments.at(key).get<double>(); }
  [[nodiscard]] Index count(const char* key) const { return arguments.at(key).get<Index>(); }
  [[nodiscard]] Index keep() const { return arguments.value("min_tokens_to_keep", Index{1}); }
  [[nodiscard]] Ids encoder_ids() const {
    const auto& all = arguments.contains("encoder_input_ids") ? arguments : whole;
    return all.at("encoder_input_ids").at(number).get<Ids>();
  }
};

// A list of a config with this one thing in it, whose prompt has `prompt_length` tokens.
void apply_config(RowCase& one, GenerationConfig config, Index prompt_length,
                  LogitsScratch& scratch) {
  if (config.min_new_tokens) config.min_length = *config.min_new_tokens + prompt_length;
  const Ids encoder = one.whole.contains("encoder_input_ids") ? one.encoder_ids() : Ids{};
  LogitsCallbacks callbacks;
  if (one.arguments.contains("allowed")) {
    callbacks.prefix_allowed_tokens = [&](Index prompt, std::span<const TokenId>, Ids& allowed) {
      allowed = one.arguments.at("allowed").at(static_cast<std::size_t>(prompt)).get<Ids>();
    };
  }
  const LogitsProcessors processors(std::move(config),
                                    {.prompt_length = prompt_length,
                                     .vocabulary = static_cast<Index>(one.row.size()),
                                     .encoder_ids = encoder},
                                    std::move(callbacks));
  processors.apply({.logits = one.row, .ids = one.ids, .prompt = static_cast<Index>(one.number)},
                   scratch);
}

using Processor = std::function<void(RowCase&, LogitsScratch&)>;

const std::map<std::string, Processor>& processors() {
  static const std::map<std::string, Processor> all = {
      {"TemperatureLogitsWarper",
       [](RowCase& c, LogitsScratch&) { apply_temperature(c.row, c.real("temperature")); }},
      {"TopKLogitsWarper",
       [](RowCase& c, LogitsScratch& s) {
         keep_top_k(c.row, std::max(c.count("top_k"), c.keep()), s);
       }},
      {"TopPLogitsWarper",
       [](RowCase& c, LogitsScratch& s) { keep_top_p(c.row, c.real("top_p"), c.keep(), s); }},
      {"MinPLogitsWarper",
       [](RowCase& c, LogitsScratch& s) { keep_min_p(c.row, c.real("min_p"), c.keep(), s); }},
      {"TypicalLogitsWarper",
       [](RowCase& c, LogitsScratch& s) { keep_typical(c.row, c.real("mass"), c.keep(), s); }},
      {"EpsilonLogitsWarper",
       [](RowCase& c, LogitsScratch& s) { keep_epsilon(c.row, c.real("epsilon"), c.keep(), s); }},
      {"EtaLogitsWarper",
       [](RowCase& c, LogitsScratch& s) { keep_eta(c.row, c.real("epsilon"), c.keep(), s); }},
      {"RepetitionPenaltyLogitsProcessor",
       [](RowCase& c, LogitsScratch& s) {
         const auto skipped = c.arguments.value("prompt_ignore_length", std::size_t{0});
         penalize_repetition(c.row, std::span<const TokenId>(c.ids).subspan(skipped),
                             c.real("penalty"), s);
       }},
      {"EncoderRepetitionPenaltyLogitsProcessor",
       [](RowCase& c, LogitsScratch& s) {
         penalize_repetition(c.row, c.encoder_ids(), 1 / c.real("penalty"), s);
       }},
      {"NoRepeatNGramLogitsProcessor",
       [](RowCase& c, LogitsScratch&) {
         forbid_ngrams(c.row, c.ids, c.ids, c.count("ngram_size"));
       }},
      {"EncoderNoRepeatNGramLogitsProcessor",
       [](RowCase& c, LogitsScratch&) {
         forbid_ngrams(c.row, c.encoder_ids(), c.ids, c.count("encoder_ngram_size"));
       }},
      {"NoBadWordsLogitsProcessor",
       [](RowCase& c, LogitsScratch& s) {
         GenerationConfig config;
         config.bad_words_ids = c.arguments.at("bad_words_ids").get<std::vector<Ids>>();
         config.eos_token_id = ids_of(c.arguments.at("eos_token_id"));
         apply_config(c, config, 1, s);
       }},
      {"SequenceBiasLogitsProcessor",
       [](RowCase& c, LogitsScratch&) {
         std::vector<SequenceBias> biases;
         for (const Json& pair : c.arguments.at("sequence_bias")) {
           biases.push_back({pair.at(0).get<Ids>(), number_of(pair.at(1))});
         }
         SequenceBiases(biases).apply(c.row, c.ids);
       }},
      {"MinLengthLogitsProcessor",
       [](RowCase& c, LogitsScratch& s) {
         GenerationConfig config;
         config.min_length = c.count("min_length");
         config.eos_token_id = ids_of(c.arguments.at("eos_token_id"));
         apply_config(c, config, 1, s);
       }},
      {"MinNewTokensLengthLogitsProcessor",
       [](RowCase& c, LogitsScratch& s) {
         GenerationConfig config;
         config.min_new_tokens = c.count("min_new_tokens");
         config.eos_token_id = ids_of(c.arguments.at("eos_token_id"));
         apply_config(c, config, c.count("prompt_length_to_skip"), s);
       }},
      {"ForcedBOSTokenLogitsProcessor",
       [](RowCase& c, LogitsScratch& s) {
         GenerationConfig config;
         config.forced_bos_token_id = c.arguments.at("bos_token_id").get<TokenId>();
         apply_config(c, config, 1, s);
       }},
      {"ForcedEOSTokenLogitsProcessor",
       [](RowCase& c, LogitsScratch& s) {
         GenerationConfig config;
         config.max_length = c.count("max_length");
         config.forced_eos_token_id = ids_of(c.arguments.at("eos_token_id"));
         apply_config(c, config, 1, s);
       }},
      {"ExponentialDecayLengthPenalty",
       [](RowCase& c, LogitsScratch& s) {
         const Json& decay = c.arguments.at("exponential_decay_length_penalty");
         GenerationConfig config;
         config.exponential_decay_length_penalty =
             LengthDecay{.start = decay.at(0).get<Index>(), .factor = decay.at(1).get<double>()};
         config.eos_token_id = ids_of(c.arguments.at("eos_token_id"));
         apply_config(c, config, c.count("input_ids_seq_length"), s);
       }},
      {"SuppressTokensLogitsProcessor",
       [](RowCase& c, LogitsScratch&) {
         forbid_tokens(c.row, ids_of(c.arguments.at("suppress_tokens")));
       }},
      {"SuppressTokensAtBeginLogitsProcessor",
       [](RowCase& c, LogitsScratch& s) {
         GenerationConfig config;
         config.begin_suppress_tokens = ids_of(c.arguments.at("begin_suppress_tokens"));
         apply_config(c, config, c.count("begin_index"), s);
       }},
      {"InfNanRemoveLogitsProcessor",
       [](RowCase& c, LogitsScratch&) { remove_invalid_values(c.row); }},
      {"LogitNormalization", [](RowCase& c, LogitsScratch& s) { log_softmax(c.row, s); }},
      {"PrefixConstrainedLogitsProcessor",
       [](RowCase& c, LogitsScratch& s) { apply_config(c, {}, 1, s); }},
      {"HammingDiversityLogitsProcessor",
       [](RowCase& c, LogitsScratch&) {
         const Ids chosen = c.arguments.value("current_tokens", Ids{5, 2, 7, 1});
         penalize_chosen(c.row, std::span(chosen).first(2), c.real("diversity_penalty"));
       }},
      {"ClassifierFreeGuidanceLogitsProcessor",
       [](RowCase& c, LogitsScratch&) {
         const Json& scores = c.whole.at("scores");
         const Row unconditional = row_of(scores.at(c.number + scores.size() / 2));
         guide(c.row, unconditional, c.real("guidance_scale"));
       }},
      {"UnbatchedClassifierFreeGuidanceLogitsProcessor",
       [](RowCase& c, LogitsScratch& s) {
         const Json& scores = c.whole.at("scores");
         Row unconditional = row_of(scores.at(c.number + scores.size() / 2));
         GenerationConfig config;
         config.guidance_scale = c.real("guidance_scale");
         const LogitsProcessors list(config, {});
         list.apply({.logits = c.row, .ids = c.ids, .unconditional = unconditional}, s);
       }},
      {"WatermarkLogitsProcessor",
       [](RowCase& c, LogitsScratch& s) {
         const WatermarkingConfig config{
             .greenlist_ratio = c.real("greenlist_ratio"),
             .bias = c.real("bias"),
             .hashing_key = c.count("hashing_key"),
             .seeding_scheme = c.arguments.at("seeding_scheme") == "selfhash"
                                   ? WatermarkSeeding::selfhash
                                   : WatermarkSeeding::lefthash,
             .context_width = c.count("context_width")};
         Watermark(config, static_cast<Index>(c.row.size())).apply(c.row, c.ids, s);
       }},
      {"list",
       [](RowCase& c, LogitsScratch& s) {
         const auto config = parse_generation_config(c.arguments.dump(), "case");
         apply_config(c, merged(config, default_generation_config()),
                      c.whole.at("prompt_length").get<Index>(), s);
       }},
  };
  return all;
}

bool agree(float found, float expected) {
  if (std::isnan(expected)) return std::isnan(found);
  if (std::isinf(expected) || std::isinf(found)) return found == expected;
  return std::abs(static_cast<double>(found) - static_cast<double>(expected)) <=
         tolerance * std::max(1.0, std::abs(static_cast<double>(expected)));
}

void expect_agreement(const std::filesystem::path& file, std::size_t kinds = 1) {
  LogitsScratch scratch;
  std::map<std::string, std::pair<int, int>> counts;
  for (const Json& one : read_json_file(file)) {
    const auto name = one.at("processor").get<std::string>();
    auto& [cases, failed] = counts[name];
    ++cases;
    for (std::size_t i = 0; i < one.at("expected").size(); ++i) {
      RowCase row{i, one.at("arguments"), one,
                  one.at("input_ids").at(i % one.at("input_ids").size()),
                  row_of(one.at("scores").at(i))};
      processors().at(name)(row, scratch);
      const Row expected = row_of(one.at("expected").at(i));
      ASSERT_EQ(row.row.size(), expected.size());
      for (std::size_t j = 0; j < expected.size(); ++j) {
        if (agree(row.row[j], expected[j])) continue;
        ++failed;
        ADD_FAILURE() << name << ' ' << one.dump().substr(0, 700) << "\nrow " << i << ", logit "
                      << j << ": " << row.row[j] << " instead of " << expected[j];
        break;
      }
    }
  }
  EXPECT_GE(counts.size(), kinds);
  if (std::getenv("ATTEND_LOGITS_CASES") == nullptr) return;
  for (const auto& [name, count] : counts) {
    std::cout << name << ": " << count.first << " cases, " << count.second << " rows differ\n";
  }
}

TEST(Logits, GoldenCases) {
  expect_agreement(tests_folder() / "golden" / "logits_processors.json", 24);
}

TEST(Logits, RecordedCases) { expect_agreement(tests_folder() / "task" / "logits_cases.json", 25); }

// More of make_logits.py, when there are some.
TEST(Logits, MoreCases) {
  const char* file = std::getenv("ATTEND_LOGITS_CASES");
  if (file == nullptr) GTEST_SKIP() << "ATTEND_LOGITS_CASES is not set";
  expect_agreement(file);
}

Row random_row(std::size_t size) {
  std::mt19937 random(5);
  Row row(size);
  for (float& x : row) {
    x = static_cast<float>(random() % 200'000) / 10'000 - 10;  // with ties
  }
  return row;
}

// What is kept by the definition: sort, sum, cut.
Row kept_by_sorting(Row row, double p) {
  std::vector<std::size_t> order(row.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return row[a] < row[b] || (row[a] == row[b] && a > b);
  });
  double total = 0;
  for (const float x : row) total += std::exp(static_cast<double>(x));
  double mass = 0;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    mass += std::exp(static_cast<double>(row[order[i]])) / total;
    if (mass > 1 - p) break;
    row[order[i]] = -infinity;
  }
  return row;
}

TEST(Logits, TopPOfLargeVocabularies) {
  LogitsScratch scratch;
  const Row row = random_row(50'000);
  for (const double p : {0.0001, 0.01, 0.3, 0.9, 0.9999}) {
    Row found = row;
    keep_top_p(found, p, 1, scratch);
    // Probabilities are floats, each rounded, so that the cut may lie by this much elsewhere.
    constexpr double rounding = 1e-6;
    const Row least = kept_by_sorting(row, p - rounding);
    const Row most = kept_by_sorting(row, p + rounding);
    for (std::size_t i = 0; i < row.size(); ++i) {
      ASSERT_LE(least[i], found[i]) << p << ' ' << i;
      ASSERT_LE(found[i], most[i]) << p << ' ' << i;
    }
  }
}

TEST(Logits, TopKOfLargeVocabularies) {
  LogitsScratch scratch;
  const Row row = random_row(50'000);
  for (const Index k : {1, 2, 50, 5'000, 30'000}) {
    Row sorted = row;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    const float least = sorted[static_cast<std::size_t>(k) - 1];
    Row found = row;
    keep_top_k(found, k, scratch);
    for (std::size_t i = 0; i < row.size(); ++i) {
      ASSERT_EQ(found[i], row[i] < least ? -infinity : row[i]) << k << ' ' << i;
    }
  }
}

TEST(Logits, NothingIsAllocatedFromTheSecondStepOn) {
  GenerationConfig config = default_generation_config();
  config.do_sample = true;
  config.repetition_penalty = 1.1;
  config.no_repeat_ngram_size = 3;
  config.eos_token_id = Ids{1};
  config.min_length = 100;
  config.bad_words_ids = std::vector<Ids>{{4, 5}, {6}};
  config.temperature = 0.7;
  config.top_p = 0.9;
  config.min_p = 0.01;
  config.typical_p = 0.9;
  config.epsilon_cutoff = 1e-4;
  config.eta_cutoff = 1e-4;
  config.renormalize_logits = true;
  config.watermarking_config = WatermarkingConfig{};
  const LogitsProcessors list(config, {.prompt_length = 3, .vocabulary = 1000});
  LogitsScratch scratch;
  const Row row = random_row(1000);
  const Ids ids = {3, 5, 4, 3, 5, 9};
  Row changed = row;
  list.apply({.logits = changed, .ids = ids}, scratch);
  changed = row;
  const auto before = allocation_count();
  list.apply({.logits = changed, .ids = ids}, scratch);
  EXPECT_EQ(allocation_count(), before);
}

}  // namespace
}  // namespace attend::test
