// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What generation may be asked for: defaults, files, order, checks.
#include "attend/task/generation_config.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "support/error_of.h"
#include "support/paths.h"

namespace attend::test {
namespace {

using Ids = std::vector<TokenId>;
using Names = std::vector<std::string_view>;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

TEST(GenerationConfig, FileDecides) {
  const TemporaryFolder folder;
  write_file(folder.path() / "config.json", R"({"eos_token_id": 9, "num_beams": 4})");
  write_file(folder.path() / "generation_config.json",
             R"({"eos_token_id": [2, 3], "max_new_tokens": 8, "temperature": 0.6, "top_k": null,
                 "early_stopping": "never", "stop_strings": "x", "cache_implementation": "static",
                 "sequence_bias": [[[1, 2], -2.5]], "exponential_decay_length_penalty": [3, 1.5],
                 "max_length": 256.0, "watermarking_config": {"seeding_scheme": "selfhash"}})");
  const auto config = read_generation_config(folder.path());
  EXPECT_EQ(config.eos_token_id, (Ids{2, 3}));
  EXPECT_EQ(config.max_new_tokens, 8);
  EXPECT_EQ(config.temperature, 0.6);
  EXPECT_EQ(config.top_k, 0);  // None: no step, where an absent key means 50
  EXPECT_FALSE(config.num_beams);
  EXPECT_EQ(config.max_length, 256);
  EXPECT_EQ(config.early_stopping, EarlyStopping::never);
  EXPECT_EQ(config.stop_strings, std::vector<std::string>{"x"});
  EXPECT_EQ(config.sequence_bias->at(0), (SequenceBias{{1, 2}, -2.5}));
  EXPECT_EQ(config.exponential_decay_length_penalty, (LengthDecay{3, 1.5}));
  EXPECT_EQ(config.watermarking_config->seeding_scheme, WatermarkSeeding::selfhash);
}

TEST(GenerationConfig, ModelsConfigWithoutFile) {
  const TemporaryFolder folder;
  write_file(folder.path() / "config.json",
             R"({"eos_token_id": 9, "num_beams": 4, "text_config": {"num_beams": 2, "top_k": 7}})");
  GenerationConfig of_class;
  of_class.pad_token_id = 5;
  of_class.eos_token_id = Ids{6};
  const auto config = read_generation_config(folder.path(), of_class);
  EXPECT_EQ(config.eos_token_id, Ids{9});
  EXPECT_EQ(config.pad_token_id, 5);
  EXPECT_EQ(config.num_beams, 4);
  EXPECT_EQ(config.top_k, 7);
}

TEST(GenerationConfig, FileThatWasMadeFromTheModelsConfig) {
  const TemporaryFolder folder;
  write_file(folder.path() / "generation_config.json",
             R"({"_from_model_config": true, "eos_token_id": 2})");
  const auto with = [&](std::string_view config) {
    write_file(folder.path() / "config.json", config);
    return read_generation_config(folder.path()).eos_token_id;
  };
  EXPECT_EQ(with(R"({"eos_token_id": 9})"), Ids{2});
  EXPECT_EQ(with(R"({"eos_token_id": 9, "num_beams": 1, "top_p": 1.0})"), Ids{2});
  EXPECT_EQ(with(R"({"eos_token_id": 9, "num_beams": 4})"), Ids{9});
}

TEST(GenerationConfig, FilesThatAreWrong) {
  const std::vector<std::pair<std::string_view, std::string_view>> files = {
      {R"({"max_length": 1.5})", "/max_length"},
      {R"({"max_length": "20"})", "/max_length"},
      {R"({"do_sample": 1})", "/do_sample"},
      {R"({"temperature": "hot"})", "/temperature"},
      {R"({"early_stopping": "soon"})", "/early_stopping"},
      {R"({"eos_token_id": [1, 2.5]})", "/eos_token_id/1"},
      {R"({"eos_token_id": 4294967296})", "/eos_token_id"},
      {R"({"sequence_bias": [[[0], 1.0]]})", "/sequence_bias/0/0"},
      {R"({"sequence_bias": [[[1]]]})", "/sequence_bias/0"},
      {R"({"exponential_decay_length_penalty": [1]})", "/exponential_decay_length_penalty"},
      {R"({"watermarking_config": {"seeding_scheme": "righthash"}})", "seeding_scheme"},
      {R"({"watermarking_config": {"hashing_key": -1}})", "hashing_key"},
  };
  for (const auto& file : files) {
    expect_error(ErrorKind::config_error, {"file.json", file.second},
                 [&] { return parse_generation_config(file.first, "file.json"); });
  }
  for (const std::string_view key : {"constraints", "force_words_ids", "dola_layers",
                                     "token_healing", "assistant_early_exit", "top_h"}) {
    expect_error(ErrorKind::unsupported, {key}, [&] {
      return parse_generation_config("{\"" + std::string(key) + "\": true}", "file.json");
    });
  }
  const std::string_view harmless =
      R"({"token_healing": false, "dola_layers": null, "low_memory": true})";
  EXPECT_EQ(parse_generation_config(harmless, ""), GenerationConfig());
}

GenerationConfig resolved(const GenerationConfig& call, Index prompt = 5,
                          const GenerationConfig& model = {}) {
  return resolve(call, model, {.prompt_length = prompt, .vocabulary = 100});
}

TEST(GenerationConfig, CallBeforeModelBeforeDefaults) {
  GenerationConfig call;
  call.top_k = 3;
  GenerationConfig model;
  model.top_k = 4;
  model.num_beams = 2;
  const auto config = resolved(call, 5, model);
  EXPECT_EQ(config.top_k, 3);
  EXPECT_EQ(config.num_beams, 2);
  EXPECT_EQ(config.top_p, 1);
  EXPECT_EQ(resolved({}).top_k, 50);
}

TEST(GenerationConfig, Lengths) {
  GenerationConfig call;
  EXPECT_EQ(resolved(call).max_length, 25);  // 20 new tokens by default
  call.max_length = 20;
  EXPECT_EQ(resolved(call).max_length, 20);  // but not when that is asked for
  call.max_new_tokens = 3;
  call.min_new_tokens = 2;
  EXPECT_EQ(resolved(call).max_length, 8);
  EXPECT_EQ(resolved(call).min_length, 7);
  GenerationConfig model;
  model.max_length = 20;
  EXPECT_EQ(resolved({}, 5, model).max_length, 25);
  model.max_length = 21;
  EXPECT_EQ(resolved({}, 5, model).max_length, 21);
  GenerationInput input{.prompt_length = 5, .max_positions = 12};
  EXPECT_EQ(resolve({}, {}, input).max_length, 12);
  EXPECT_EQ(resolve(call, {}, {.prompt_length = 5, .max_positions = 6}).max_length, 8);
  input = {.prompt_length = 5, .max_positions = 6, .has_position_limit = true};
  EXPECT_EQ(resolve(call, {}, input).max_length, 6);
}

// Files alone ask for no text without end; calls may.
TEST(GenerationConfig, LengthsThatNoCallAsksForAreBounded) {
  GenerationConfig model;
  const GenerationInput rotary{.prompt_length = 5, .max_positions = 12};
  for (const bool counts_new : {false, true}) {
    (counts_new ? model.max_new_tokens : model.max_length) = 1'000'000'000;
    EXPECT_EQ(resolved({}, 5, model).max_length, 131'072 + 5);
    EXPECT_EQ(resolve({}, model, rotary).max_length, 8 * 12 + 5);
    GenerationConfig call;
    call.max_length = 1'000'000;
    if (!counts_new) {
      EXPECT_EQ(resolve(call, model, rotary).max_length, 1'000'000);
    }
    call.max_new_tokens = 1'000'000;
    EXPECT_EQ(resolve(call, model, rotary).max_length, 1'000'005);
  }
}

TEST(GenerationConfig, Tokens) {
  GenerationConfig call;
  call.eos_token_id = Ids{7, 8};
  EXPECT_EQ(resolved(call).pad_token_id, 7);
  call.pad_token_id = 1;
  EXPECT_EQ(resolved(call).pad_token_id, 1);
  const GenerationInput seq2seq{.prompt_length = 1, .is_encoder_decoder = true};
  expect_error(ErrorKind::config_error, {"decoder_start_token_id"},
               [&] { return resolve(call, {}, seq2seq); });
  call.bos_token_id = 4;
  EXPECT_EQ(resolve(call, {}, seq2seq).decoder_start_token_id, 4);
}

struct BadCall {
  std::function<void(GenerationConfig&)> change;
  std::vector<std::string_view> parts;  // field, range, value
};

TEST(GenerationConfig, CallsThatAreWrong) {
  using C = GenerationConfig;
  const std::vector<BadCall> calls = {
      {[](C& c) { c.max_new_tokens = 0; }, {"max_new_tokens", "[1, 1073741824]", "found 0"}},
      {[](C& c) { c.max_new_tokens = -3; }, {"max_new_tokens", "found -3"}},
      {[](C& c) { c.max_new_tokens = Index{1} << 60U; }, {"max_new_tokens", "1152921504606846976"}},
      {[](C& c) { c.max_length = 5; }, {"max_length", "5 tokens of the prompt", "found 5"}},
      {[](C& c) { c.max_length = 0; }, {"max_length", "found 0"}},
      {[](C& c) { c.min_length = -1; }, {"min_length", "found -1"}},
      {[](C& c) { c.min_new_tokens = -1; }, {"min_new_tokens", "found -1"}},
      {[](C& c) { c.max_time = -1; }, {"max_time", "at least 0", "found -1"}},
      {[](C& c) { c.max_time = nan_value; }, {"max_time", "nan"}},
      {[](C& c) {
         c.stop_strings = std::vector<std::string>{"a", ""};
       },
       {"stop_strings", "empty"}},
      {[](C& c) { c.stop_strings.emplace(1025, "a"); }, {"stop_strings", "1024]", "found 1025"}},
      {[](C& c) { c.do_sample = true, c.temperature = 0; },
       {"temperature", "above 0", "found 0", "do_sample"}},
      {[](C& c) { c.do_sample = true, c.temperature = -1; }, {"temperature", "found -1"}},
      {[](C& c) { c.do_sample = true, c.temperature = nan_value; }, {"temperature", "nan"}},
      {[](C& c) { c.do_sample = true, c.temperature = infinity; }, {"temperature", "inf"}},
      {[](C& c) { c.do_sample = true, c.top_p = -0.1; }, {"top_p", "[0, 1]", "found -0.1"}},
      {[](C& c) { c.do_sample = true, c.top_p = 1.5; }, {"top_p", "[0, 1]", "found 1.5"}},
      {[](C& c) { c.eos_token_id = Ids(1025, 2); }, {"eos_token_id", "[1, 1024]", "found 1025"}},
      {[](C& c) { c.do_sample = true, c.top_p = nan_value; }, {"top_p", "nan"}},
      {[](C& c) { c.do_sample = true, c.top_k = -1; }, {"top_k", "found -1"}},
      {[](C& c) { c.do_sample = true, c.min_p = 1.1; }, {"min_p", "[0, 1]", "found 1.1"}},
      {[](C& c) { c.do_sample = true, c.typical_p = 0; }, {"typical_p", "(0, 1]"}},
      {[](C& c) { c.do_sample = true, c.epsilon_cutoff = 1; }, {"epsilon_cutoff", "[0, 1)"}},
      {[](C& c) { c.do_sample = true, c.eta_cutoff = -0.1; }, {"eta_cutoff", "[0, 1)"}},
      {[](C& c) { c.repetition_penalty = 0; }, {"repetition_penalty", "above 0", "found 0"}},
      {[](C& c) { c.encoder_repetition_penalty = -2; }, {"encoder_repetition_penalty"}},
      {[](C& c) { c.guidance_scale = nan_value; }, {"guidance_scale", "finite"}},
      {[](C& c) { c.no_repeat_ngram_size = -1; }, {"no_repeat_ngram_size", "found -1"}},
      {[](C& c) { c.num_beams = 0; }, {"num_beams", "[1, 1024]", "found 0"}},
      {[](C& c) { c.num_beams = 100'000; }, {"num_beams", "found 100000"}},
      {[](C& c) { c.num_return_sequences = 0; }, {"num_return_sequences", "found 0"}},
      {[](C& c) { c.num_return_sequences = 2; }, {"num_return_sequences", "1 without", "found 2"}},
      {[](C& c) { c.num_beams = 2, c.num_return_sequences = 3; },
       {"num_return_sequences", "at most num_beams, 2"}},
      {[](C& c) { c.num_beams = 4, c.num_beam_groups = 3, c.diversity_penalty = 1; },
       {"num_beam_groups", "divisor"}},
      {[](C& c) { c.num_beams = 4, c.num_beam_groups = 2; }, {"diversity_penalty", "above 0"}},
      {[](C& c) { c.num_beams = 4, c.num_beam_groups = 2, c.do_sample = true; },
       {"do_sample", "false"}},
      {[](C& c) { c.num_beams = 2, c.length_penalty = infinity; }, {"length_penalty", "finite"}},
      {[](C& c) { c.penalty_alpha = 1.5; }, {"penalty_alpha", "(0, 1]"}},
      {[](C& c) { c.penalty_alpha = 0.5, c.top_k = 2000; }, {"top_k", "[2, 1024]", "found 2000"}},
      {[](C& c) { c.prompt_lookup_num_tokens = 0; }, {"prompt_lookup_num_tokens", "found 0"}},
      {[](C& c) { c.prompt_lookup_num_tokens = 3, c.do_sample = true, c.num_return_sequences = 2; },
       {"num_return_sequences", "assisted"}},
      {[](C& c) { c.bad_words_ids.emplace(); }, {"bad_words_ids"}},
      {[](C& c) { c.bad_words_ids.emplace(1); }, {"bad_words_ids", "empty"}},
      {[](C& c) { c.bad_words_ids.emplace(1, Ids{100}); },
       {"bad_words_ids", "below 100", "found 100"}},
      {[](C& c) { c.sequence_bias.emplace(); }, {"sequence_bias"}},
      {[](C& c) {
         c.sequence_bias = std::vector{SequenceBias{{-1}, 1}};
       },
       {"sequence_bias", "found -1"}},
      {[](C& c) {
         c.sequence_bias = std::vector{SequenceBias{{1}, nan_value}};
       },
       {"sequence_bias", "NaN"}},
      {[](C& c) { c.forced_bos_token_id = 100; }, {"forced_bos_token_id", "found 100"}},
      {[](C& c) { c.forced_eos_token_id = Ids{-1}; }, {"forced_eos_token_id", "found -1"}},
      {[](C& c) { c.forced_eos_token_id = Ids(1025); }, {"forced_eos_token_id", "found 1025"}},
      {[](C& c) {
         c.exponential_decay_length_penalty = LengthDecay{1, 1.1};
       },
       {"exponential_decay_length_penalty", "eos_token_id"}},
      {[](C& c) { c.watermarking_config = WatermarkingConfig{.greenlist_ratio = 1}; },
       {"greenlist_ratio", "(0, 1)"}},
      {[](C& c) { c.watermarking_config = WatermarkingConfig{.context_width = 0}; },
       {"context_width"}},
  };
  for (const auto& [change, parts] : calls) {
    GenerationConfig call;
    change(call);
    const auto error = error_of([&] { return resolved(call); });
    ASSERT_TRUE(error) << parts[0];
    EXPECT_EQ(error->kind(), ErrorKind::config_error) << error->what();
    for (const auto part : parts) {
      EXPECT_NE(std::string_view(error->what()).find(part), std::string_view::npos)
          << part << " is not in " << error->what();
    }
  }
}

TEST(GenerationConfig, PromptThatFillsTheModel) {
  expect_error(ErrorKind::input_too_long, {"prompt", "fewer than 8 tokens", "found 8"}, [] {
    return resolve({}, {}, {.prompt_length = 8, .max_positions = 8, .has_position_limit = true});
  });
}

TEST(GenerationConfig, WhatIsNotUsedIsNamed) {
  GenerationConfig config;
  config.temperature = 0;  // nothing is drawn, so that this is no error
  config.top_k = 3;
  config.length_penalty = 2;
  EXPECT_NO_THROW(static_cast<void>(resolved(config)));
  EXPECT_EQ(unused_options(config), (Names{"temperature", "top_k", "length_penalty"}));
  config.do_sample = true;
  config.num_beams = 2;
  EXPECT_EQ(unused_options(config), Names{});
}

TEST(GenerationConfig, Modes) {
  GenerationConfig config;
  EXPECT_EQ(generation_mode(config), GenerationMode::greedy_search);
  config.penalty_alpha = 0.5;
  EXPECT_EQ(generation_mode(config), GenerationMode::contrastive_search);
  config.top_k = 1;
  EXPECT_EQ(generation_mode(config), GenerationMode::greedy_search);
  config.prompt_lookup_num_tokens = 3;
  EXPECT_EQ(generation_mode(config), GenerationMode::assisted_generation);
  config.num_beams = 4;
  EXPECT_EQ(generation_mode(config), GenerationMode::beam_search);
  config.do_sample = true;
  EXPECT_EQ(generation_mode(config), GenerationMode::beam_sample);
  config.num_beam_groups = 2;
  EXPECT_EQ(generation_mode(config), GenerationMode::group_beam_search);
}

}  // namespace
}  // namespace attend::test
