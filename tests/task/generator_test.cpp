// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Generation with models: the reference's scores, batches that are single prompts, padding that
// nobody sees, guesses that change nothing, and trained models with what was published of them.
// Every `generate` case of the golden folders runs in tests/cli/run_golden_test.cpp.
#include "attend/task/generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

#include "attend/task/draft_model.h"
#include "support/allocation_count.h"
#include "task/cached_model.h"
#include "task/cases.h"

namespace attend::test {
namespace {

using Ids = std::vector<TokenId>;

bool has_generations(const std::filesystem::path& folder) {
  return !cases(folder, "call", "generate").empty();
}

const std::vector<std::string>& folders() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> out;
    for (const std::string& folder : golden_folders()) {
      if (std::filesystem::exists(golden(folder) / "cases.json") &&
          has_generations(golden(folder))) {
        out.push_back(folder);
      }
    }
    return out;
  }();
  return all;
}

/// A model with what its folder generates with.
struct Loaded {
  Model model;
  GenerationConfig config;

  explicit Loaded(const std::filesystem::path& folder)
      : model(load_model(folder)), config(read_generation_defaults(folder).config) {}

  /// Prompts are the encoder's where there is one.
  [[nodiscard]] std::vector<Generation> run(const std::vector<Ids>& prompts,
                                            GenerationOptions options,
                                            const RunOptions& how = {}) const {
    std::vector<GenerationPrompt> views;
    for (const Ids& ids : prompts) {
      GenerationPrompt prompt;
      (model.has_decoder() ? prompt.encoder_ids : prompt.ids) = ids;
      // Alone or not, a prompt draws the same.
      prompt.stream = static_cast<Index>(ids.size());
      views.push_back(prompt);
    }
    options.model_config = config;
    std::vector<Generation> out;
    for (auto& outcome : generate_each(model, views, std::move(options), how)) {
      out.push_back(std::move(outcome).value());
    }
    return out;
  }

  [[nodiscard]] Ids random_ids(Index count, std::uint32_t seed) const {
    std::mt19937 random(seed);
    Ids ids;
    // Ids in the middle are no special tokens.
    const auto range = static_cast<std::uint32_t>(model.config().vocab_size) - 20;
    for (Index i = 0; i < count; ++i) ids.push_back(static_cast<TokenId>(10 + random() % range));
    return ids;
  }
};

GenerationConfig config_of(Index max_new_tokens) {
  GenerationConfig config;
  config.max_new_tokens = max_new_tokens;
  config.num_beams = 1;
  config.do_sample = false;
  return config;
}

std::vector<GenerationConfig> all_modes() {
  std::vector<GenerationConfig> all(6, config_of(9));
  all[1].do_sample = true;
  all[1].num_return_sequences = 2;
  all[2].num_beams = 3;
  all[2].num_return_sequences = 2;
  all[3].num_beams = 4;
  all[3].num_beam_groups = 2;
  all[3].diversity_penalty = 0.5;
  all[4].penalty_alpha = 0.6;
  all[4].top_k = 4;
  all[5].prompt_lookup_num_tokens = 4;
  return all;
}

void expect_same(const Generation& a, const Generation& b) {
  ASSERT_EQ(a.sequences.size(), b.sequences.size());
  for (std::size_t i = 0; i < a.sequences.size(); ++i) {
    EXPECT_EQ(a.sequences[i].ids, b.sequences[i].ids);
    EXPECT_EQ(a.sequences[i].score, b.sequences[i].score);
    EXPECT_EQ(a.sequences[i].reason, b.sequences[i].reason);
  }
}

// README of the goldens: 1e-4 relative.
TEST(Generator, ScoresAreThoseOfTheReference) {
  std::size_t compared = 0;
  for (const std::string& folder : folders()) {
    SCOPED_TRACE(folder);
    const Json one = [&] {
      for (const Json& any : cases(golden(folder), "call", "generate")) {
        if (any.at("id") == "generate-greedy-scores") return any;
      }
      return Json();
    }();
    if (one.is_null()) continue;
    const Loaded loaded(golden(folder));
    GenerationOptions options;
    options.config = config_of(one.at("parameters").at("max_new_tokens").get<Index>());
    options.config.output_scores = true;
    const auto& bos = one.at("parameters").find("forced_bos_token_id");
    if (bos != one.at("parameters").end()) options.config.forced_bos_token_id = bos->get<TokenId>();
    const auto found = loaded.run({one.at("inputs").at("input_ids").at(0).get<Ids>()}, options)[0];
    const auto expected = GoldenTensors(folder).output("generate-greedy-scores", "scores");
    std::vector<float> scores;
    for (const StepScores& step : found.scores.at(0)) {
      scores.insert(scores.end(), step.values.begin(), step.values.end());
    }
    ASSERT_EQ(scores.size(), expected.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (std::isinf(expected[i])) {
        EXPECT_EQ(scores[i], expected[i]);
      } else {
        EXPECT_NEAR(scores[i], expected[i], 1e-4F * std::max(1.0F, std::abs(expected[i])));
      }
    }
    ++compared;
  }
  EXPECT_GE(compared, folders().size() / 2);
}

TEST(Generator, BatchesAreSinglePromptsWithAnyNumberOfThreads) {
  ThreadPool one_thread(1);
  ThreadPool many_threads(4);
  for (const std::string& folder : folders()) {
    SCOPED_TRACE(folder);
    const Loaded loaded(golden(folder));
    const std::vector<Ids> prompts = {loaded.random_ids(1, 1), loaded.random_ids(37, 2),
                                      loaded.random_ids(5, 3), loaded.random_ids(12, 4)};
    for (const GenerationConfig& config : all_modes()) {
      GenerationOptions options{.config = config, .seed = 7};
      std::vector<Generation> alone;
      for (const Ids& prompt : prompts) {
        alone.push_back(loaded.run({prompt}, options, {.pool = &one_thread})[0]);
      }
      const auto together = loaded.run(prompts, options, {.pool = &many_threads});
      options.token_budget = 100;
      const auto in_turns = loaded.run(prompts, options, {.batch_size = 3, .pool = &one_thread});
      for (std::size_t i = 0; i < prompts.size(); ++i) {
        expect_same(together[i], alone[i]);
        expect_same(in_turns[i], alone[i]);
      }
    }
  }
}

TEST(Generator, PaddingIsSeenByNobody) {
  for (const std::string& folder : folders()) {
    SCOPED_TRACE(folder);
    const Loaded loaded(golden(folder));
    if (loaded.model.has_decoder()) continue;
    const Ids ids = loaded.random_ids(9, 5);
    Ids padded_ids(7, 0);
    padded_ids.insert(padded_ids.end(), ids.begin(), ids.end());
    for (const GenerationConfig& config : all_modes()) {
      const GenerationOptions options{.config = config, .model_config = loaded.config, .seed = 3};
      const GenerationPrompt plain{.ids = ids};
      const GenerationPrompt padded{.ids = padded_ids, .padding = 7};
      const auto expected = generate_each(loaded.model, {&plain, 1}, options)[0].value();
      const auto found = generate_each(loaded.model, {&padded, 1}, options)[0].value();
      ASSERT_EQ(found.sequences.size(), expected.sequences.size());
      for (std::size_t i = 0; i < found.sequences.size(); ++i) {
        const Ids& all = found.sequences[i].ids;
        ASSERT_GE(all.size(), padded_ids.size());
        EXPECT_TRUE(std::equal(padded_ids.begin(), padded_ids.end(), all.begin()));
        EXPECT_EQ(Ids(all.begin() + 7, all.end()), expected.sequences[i].ids);
      }
    }
    const GenerationPrompt wrong{.ids = ids, .padding = 9};
    EXPECT_EQ(generate_each(loaded.model, {&wrong, 1}, {})[0].error().kind(),
              ErrorKind::config_error);
  }
}

// A step that is cut into parts gives the bits of one that is not.
void expect_whole_prompts(const char* folder) {
  SCOPED_TRACE(folder);
  const Loaded loaded(golden(folder));
  const std::vector<Ids> prompts = {loaded.random_ids(700, 1), loaded.random_ids(2100, 2),
                                    loaded.random_ids(3, 3)};
  GenerationOptions options{.config = config_of(3)};
  options.config.output_logits = true;
  const auto together = loaded.run(prompts, options);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    Batch batch;
    batch.ids = prompts[i];
    batch.type_ids.resize(batch.ids.size());
    batch.starts.push_back(static_cast<Index>(batch.ids.size()));
    Workspace workspace;
    const auto logits = loaded.model.logits(batch, workspace);
    const auto expected = logits.row(logits.rows - 1);
    EXPECT_EQ(together[i].logits.at(0).at(0).values,
              std::vector<float>(expected.begin(), expected.end()));
  }
}

TEST(Generator, LongPromptsRunInParts) {
  expect_whole_prompts("llama-text-generation");
  expect_whole_prompts("phi3-text-generation-longrope");  // whose angles depend on the length
}

TEST(Generator, OneBadPromptDoesNotStopTheOthers) {
  for (const char* folder : {"gpt2-text-generation", "bart-summarization"}) {
    const Loaded loaded(golden(folder));
    const std::vector<Ids> ids = {
        loaded.random_ids(5, 1), {-1}, loaded.random_ids(300, 2), loaded.random_ids(6, 3)};
    std::vector<GenerationPrompt> prompts;
    for (const Ids& one : ids) {
      GenerationPrompt prompt;
      (loaded.model.has_decoder() ? prompt.encoder_ids : prompt.ids) = one;
      prompts.push_back(prompt);
    }
    Index done = 0;
    const auto found = generate_each(loaded.model, prompts,
                                     {.config = config_of(4), .model_config = loaded.config},
                                     {.batch_size = 1, .progress = [&](Index now, Index total) {
                                        EXPECT_EQ(now, ++done);
                                        EXPECT_EQ(total, 4);
                                      }});
    EXPECT_TRUE(found[0].ok());
    EXPECT_EQ(found[1].error().kind(), ErrorKind::tokenizer_error);
    EXPECT_EQ(found[2].error().kind(), ErrorKind::input_too_long);
    EXPECT_TRUE(found[3].ok());
    EXPECT_EQ(done, 4);
  }
}

TEST(Generator, SteadyStepsAllocateNothing) {
  if (!allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  for (const char* folder :
       {"llama-text-generation", "t5-text2text-generation", "phi3-text-generation-longrope"}) {
    SCOPED_TRACE(folder);
    const Loaded loaded(golden(folder));
    const Ids source = loaded.random_ids(5, 1);
    const std::vector<GenerationPrompt> prompts(1, {.encoder_ids = source});
    Workspace workspace;
    CachedModel rows(loaded.model, prompts, workspace);
    const Ids prompt = {3, 4, 5};
    std::vector<RowStep> four(4);
    // Four beams, of which two always go on.
    const auto decode = [&] {
      const RowStep begin{.tokens = prompt};
      (void)rows.step({&begin, 1});
      for (Index length = 3; length < 40; ++length) {
        for (std::size_t i = 0; i < 4; ++i) {
          four[i] = {.parent = length == 3 ? 0 : static_cast<Index>(i / 2 * 3),
                     .length = length,
                     .tokens = std::span(prompt).first(1)};
        }
        (void)rows.step(four);
      }
    };
    decode();
    decode();  // what was swapped has its size, too
    const auto before = allocation_count();
    decode();
    EXPECT_EQ(allocation_count(), before);
  }
}

TEST(Generator, DraftModelsChangeNothing) {
  const Loaded large(golden("llama-text-generation"));
  const Loaded same(golden("llama-text-generation"));
  const Loaded other(golden("qwen2-text-generation"));  // smaller by a token or two
  for (const bool sample : {false, true}) {
    GenerationOptions options{.config = config_of(25), .seed = 5};
    options.config.do_sample = sample;
    options.config.temperature = 0.5;
    const std::vector<Ids> prompts = {large.random_ids(4, 1), large.random_ids(9, 2)};
    const auto expected = large.run(prompts, options);
    for (const Loaded* small : {&same, &other}) {
      DraftModel draft(small->model, 4);
      std::size_t asked = 0;
      options.guess = [&](Index, std::span<const TokenId> ids, Ids& guess) {
        ++asked;
        draft.guess(ids, guess);
      };
      const auto found = large.run(prompts, options);
      for (std::size_t i = 0; i < prompts.size(); ++i) expect_same(found[i], expected[i]);
      if (small != &same || sample) continue;
      EXPECT_LE(asked, 2 * 25 / 5 + 2U);  // steps that were needed
    }
    options.guess = {};
  }
  expect_error(ErrorKind::config_error, {"at least 1"}, [&] { return DraftModel(large.model, 0); });
  const Model seq2seq = load_model(golden("t5-text2text-generation"));
  expect_error(ErrorKind::unsupported, {"decoder"}, [&] { return DraftModel(seq2seq); });
}

// More texts than are kept, in turn, would be read as a whole for every guess.
TEST(Generator, DraftModelsKeepAsManyTextsAsTheyAreTold) {
  const Loaded loaded(golden("llama-text-generation"));
  for (const Index texts : {1, 3, 40}) {
    DraftModel draft(loaded.model, 2, texts);
    std::vector<Ids> all;
    for (std::uint32_t seed = 0; seed < 40; ++seed) all.push_back(loaded.random_ids(33, seed));
    for (const Ids& ids : all) {
      Ids guess;
      draft.guess(ids, guess);
      EXPECT_EQ(guess.size(), 2U);
    }
    EXPECT_EQ(draft.cache().size(), texts);
  }
  expect_error(ErrorKind::config_error, {"texts", "at least 1"},
               [&] { return DraftModel(loaded.model, 5, 0); });
}

TEST(Generator, DraftModelsForgetOldTexts) {
  const Loaded loaded(golden("llama-text-generation"));
  DraftModel draft(loaded.model, 3);
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    Ids guess;
    draft.guess(loaded.random_ids(40, seed), guess);
    EXPECT_EQ(guess.size(), 3U);
  }
  EXPECT_EQ(draft.cache().size(), 32);
  // Texts that begin alike share what they begin with, and do not disturb each other.
  DraftModel alone(loaded.model, 3);
  const Ids prompt = loaded.random_ids(200, 7);
  Ids one = prompt;
  Ids other = prompt;
  for (TokenId id = 20; id < 40; ++id) {
    one.push_back(id);
    other.push_back(static_cast<TokenId>(id + 20));
    Ids guess;
    Ids expected;
    draft.guess(one, guess);
    alone.guess(one, expected);
    EXPECT_EQ(guess, expected);
    guess.clear();
    draft.guess(other, guess);
  }
  Ids none;
  draft.guess(Ids{3, 1'000'000}, none);
  draft.guess(Ids{-1}, none);
  EXPECT_TRUE(none.empty());
}

// Prompts wait until there is room for them, and what comes out is what comes out without a limit.
void expect_within(const Loaded& loaded, const std::vector<Ids>& prompts,
                   const GenerationConfig& config, std::uint64_t pages) {
  const auto page = static_cast<std::uint64_t>(loaded.model.make_cache().page_bytes());
  const GenerationOptions options{.config = config};
  const auto expected = loaded.run(prompts, options);
  const auto found = loaded.run(prompts, options, {.max_cache_bytes = pages * page});
  for (std::size_t i = 0; i < prompts.size(); ++i) expect_same(found[i], expected[i]);
}

std::vector<Ids> prompts_of(const Loaded& loaded, const std::vector<Index>& lengths) {
  std::vector<Ids> out;
  for (const Index length : lengths) {
    out.push_back(loaded.random_ids(length, static_cast<std::uint32_t>(out.size())));
  }
  return out;
}

TEST(Generator, CachesHaveALimit) {
  const Loaded loaded(golden("llama-text-generation"));
  expect_within(loaded, prompts_of(loaded, {60, 50, 70, 20}), config_of(6), 8);
  expect_within(loaded, prompts_of(loaded, std::vector<Index>(20, 3)), config_of(6), 8);
  GenerationConfig beams = config_of(6);
  beams.num_beams = 8;
  expect_within(loaded, prompts_of(loaded, {2, 2, 2}), beams, 8);
  GenerationConfig drawn = config_of(6);
  drawn.do_sample = true;
  drawn.num_return_sequences = 3;
  expect_within(loaded, prompts_of(loaded, {30, 2, 30, 2}), drawn, 6);
  GenerationConfig tried = config_of(6);
  tried.penalty_alpha = 0.6;
  tried.top_k = 4;
  expect_within(loaded, prompts_of(loaded, {26, 2, 26, 2}), tried, 4);
  // The guide's text is longer than the one that it leads.
  const Ids ids = loaded.random_ids(3, 1);
  const Ids negative = loaded.random_ids(60, 2);
  const std::vector<GenerationPrompt> guided(4, {.ids = ids, .negative_ids = negative});
  GenerationOptions options{.config = config_of(6), .model_config = loaded.config};
  options.config.guidance_scale = 1.5;
  const auto page = static_cast<std::uint64_t>(loaded.model.make_cache().page_bytes());
  for (const auto& one :
       generate_each(loaded.model, guided, options, {.max_cache_bytes = 4 * page}))
    EXPECT_TRUE(one.ok());
}

TEST(Generator, CachesHaveRoomForWhatEncodersRead) {
  for (const char* folder : {"t5-text2text-generation", "bart-summarization"}) {
    SCOPED_TRACE(folder);
    const Loaded loaded(golden(folder));
    expect_within(loaded, prompts_of(loaded, std::vector<Index>(8, 60)), config_of(6), 8);
    // One alone, right at the limit, behind some that took pages for other things.
    expect_within(loaded, prompts_of(loaded, {33, 3, 3, 3, 64, 33}), config_of(6), 3);
    GenerationConfig beams = config_of(40);
    beams.num_beams = 3;
    expect_within(loaded, prompts_of(loaded, {20, 3, 3, 60, 3}), beams, 8);
  }
}

// What has no room alone is an Error of its own.
TEST(Generator, CachesRefuseWhatHasNoRoomAlone) {
  const Loaded loaded(golden("llama-text-generation"));
  const auto ids = prompts_of(loaded, {60, 58, 70, 20});
  std::vector<GenerationPrompt> prompts;
  for (const Ids& one : ids) prompts.push_back({.ids = one});
  const auto page = static_cast<std::uint64_t>(loaded.model.make_cache().page_bytes());
  const auto found =
      generate_each(loaded.model, prompts, {.config = config_of(6)}, {.max_cache_bytes = 2 * page});
  EXPECT_EQ(found[0].error().kind(), ErrorKind::resource_limit);
  EXPECT_TRUE(found[1].ok());  // all of its places are taken
  EXPECT_EQ(found[2].error().kind(), ErrorKind::resource_limit);
  EXPECT_TRUE(found[3].ok());
}

// All that runs in the step begins anew but for what has no memory alone, and what a failed step
// leaves behind takes no page of those that come then.
void expect_errors_of_one_prompt(const Loaded& loaded, std::uint64_t max_cache_bytes) {
  const auto ids = prompts_of(loaded, {3, 4, 5});
  std::vector<GenerationPrompt> prompts;
  for (const Ids& one : ids) {
    prompts.push_back(loaded.model.has_decoder() ? GenerationPrompt{.encoder_ids = one}
                                                 : GenerationPrompt{.ids = one});
  }
  GenerationOptions options{.config = config_of(4), .model_config = loaded.config};
  options.config.num_beams = 3;
  const RunOptions run{.max_cache_bytes = max_cache_bytes};
  const auto expected = generate_each(loaded.model, prompts, options, run);
  GenerationOptions copy = options;
  const long before = *allocation_count();
  (void)generate_each(loaded.model, prompts, std::move(copy), run);
  const long count = *allocation_count() - before;
  int failed = 0;
  for (long after = 0; after < count; ++after) {
    std::vector<Outcome<Generation>> found;
    copy = options;
    try {
      const FailingAllocation fails(after);
      found = generate_each(loaded.model, prompts, std::move(copy), run);
    } catch (const Error& error) {  // no memory for any
      EXPECT_EQ(error.kind(), ErrorKind::resource_limit);
      continue;
    }
    const auto is_wrong = [](const auto& one) { return !one.ok(); };
    ASSERT_LE(std::count_if(found.begin(), found.end(), is_wrong), 1) << after;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i].ok()) {
        expect_same(found[i].value(), expected[i].value());
      } else {
        EXPECT_EQ(found[i].error().kind(), ErrorKind::resource_limit);
        ++failed;
      }
    }
  }
  EXPECT_GT(failed, 0);
}

TEST(Generator, NoMemoryIsAnErrorOfAPrompt) {
  if (!allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  for (const char* folder : {"llama-text-generation", "bart-summarization"}) {
    const Loaded loaded(golden(folder));
    const auto page = static_cast<std::uint64_t>(loaded.model.make_cache().page_bytes());
    expect_errors_of_one_prompt(loaded, 0);
    // Room for one at a time: a page a beam, and one of what an encoder has read.
    expect_errors_of_one_prompt(loaded, (loaded.model.has_decoder() ? 4 : 3) * page);
  }
}

TEST(Generator, ModelsWithoutAVocabularysHeadAreRefused) {
  const Model model = load_model(golden("llama-text-generation"), {.head = HeadKind::none});
  const Ids ids = {3};
  const GenerationPrompt prompt{.ids = ids};
  expect_error(ErrorKind::unsupported, {"head"}, [&] {
    return generate_each(model, {&prompt, 1}, {});
  });
}

TEST(Generator, FoldersSayWhetherTheirModelGenerates) {
  for (const std::string& folder : folders()) EXPECT_TRUE(generates(golden(folder))) << folder;
  EXPECT_TRUE(generates(golden("bert-fill-mask-decoder")));
  for (const char* name :
       {"bert-fill-mask", "bert-feature-extraction", "t5-feature-extraction",
        "bart-sequence-classification-nli", "llama-sequence-classification-llama3",
        "gemma3_text-feature-extraction-bidirectional"}) {
    EXPECT_FALSE(generates(golden(name))) << name;
  }
}

// ---- what a folder and a task say

GenerationConfig task_config() {
  GenerationConfig config;
  config.max_new_tokens = 256;
  config.num_beams = 4;
  return config;
}

TEST(GenerationDefaults, TheTaskGoesBeforeTheFolder) {
  const TemporaryFolder folder;
  write_file(folder.path() / "config.json",
             R"({"model_type": "t5", "prefix": "all: ", "task_specific_params": {
                 "summarization": {"num_beams": 1, "max_length": 30, "prefix": "sum: "},
                 "other": {"prefix": null}}})");
  const auto with = [&](const char* json) {
    write_file(folder.path() / "generation_config.json", json);
  };
  with(R"({"num_beams": 2, "temperature": 1.0, "top_p": 0.5, "transformers_version": "4.30.0"})");
  const auto plain = read_generation_defaults(folder.path());
  EXPECT_EQ(plain.config.num_beams, 2);
  EXPECT_EQ(plain.prefix, "");
  auto task = read_generation_defaults(folder.path(), "translation", task_config());
  EXPECT_EQ(task.config.num_beams, 4);
  EXPECT_EQ(task.config.max_new_tokens, 256);
  EXPECT_EQ(task.config.top_p, 0.5);
  EXPECT_EQ(task.prefix, "all: ");
  task = read_generation_defaults(folder.path(), "summarization", task_config());
  EXPECT_EQ(task.config.num_beams, 1);
  EXPECT_EQ(task.config.max_length, 30);
  EXPECT_EQ(task.prefix, "sum: ");
  EXPECT_EQ(read_generation_defaults(folder.path(), "other", task_config()).prefix, "");
  // A length of the folder drops that of the task.
  with(R"({"max_length": 99})");
  task = read_generation_defaults(folder.path(), "translation", task_config());
  EXPECT_FALSE(task.config.max_new_tokens);
  EXPECT_EQ(task.config.max_length, 99);
  // Files of newer versions fill what is a default again.
  with(R"({"num_beams": 2, "transformers_version": "4.57.6"})");
  EXPECT_EQ(
      read_generation_defaults(folder.path(), "summarization", task_config()).config.num_beams, 2);
}

TEST(GenerationDefaults, ClassesHaveTokens) {
  const TemporaryFolder folder;
  write_file(folder.path() / "config.json", R"({"model_type": "bart", "eos_token_id": null})");
  const auto config = read_generation_defaults(folder.path()).config;
  EXPECT_EQ(config.bos_token_id, 0);
  EXPECT_EQ(config.pad_token_id, 1);
  EXPECT_FALSE(config.eos_token_id);
  EXPECT_EQ(config.forced_eos_token_id, Ids{2});
  EXPECT_EQ(config.decoder_start_token_id, 2);
}

// ---- trained models, beside the project

TEST(TrainedModels, PlanProcesses) {
  const auto folder = shared("data/models/gpt2-process-planning");
  if (!folder) GTEST_SKIP() << "the trained models are not beside the project";
  const Loaded loaded(*folder);
  const Json expected_file = read_json_file(*folder / "expected.json");
  for (const Json& one : expected_file.at("cases")) {
    const auto found = loaded.run({one.at("prompt_ids").get<Ids>()}, {.config = config_of(60)})[0];
    EXPECT_EQ(found.sequences[0].ids, one.at("greedy_ids").get<Ids>());
  }
}

TEST(TrainedModels, RandomGpt2AsPublished) {
  const auto folder = shared("data/models/gpt2-tiny-random");
  if (!folder) GTEST_SKIP() << "the trained models are not beside the project";
  const Loaded loaded(*folder);
  const Json expected = read_json_file(*folder / "expected.json");
  GenerationOptions options;
  options.config.max_length = 10;
  const auto greedy = loaded.run(expected.at("prompt_ids").get<std::vector<Ids>>(), options);
  for (std::size_t i = 0; i < greedy.size(); ++i) {
    EXPECT_EQ(greedy[i].sequences[0].ids, expected.at("greedy_max_length_10").at(i).get<Ids>());
  }
  const Json& beam = expected.at("beam");
  options.config.max_length = beam.at("max_length").get<Index>();
  options.config.num_beams = beam.at("num_beams").get<Index>();
  options.config.length_penalty = beam.at("length_penalty").get<double>();
  const auto beams = loaded.run(beam.at("prompt_ids").get<std::vector<Ids>>(), options);
  for (std::size_t i = 0; i < beams.size(); ++i) {
    EXPECT_EQ(beams[i].sequences[0].ids, beam.at("expected_ids").at(i).get<Ids>());
  }
}

TEST(TrainedModels, SortLetters) {
  const auto folder = shared("data/models/gpt2-nano-sort");
  if (!folder) GTEST_SKIP() << "the trained models are not beside the project";
  const Loaded loaded(*folder);
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    Ids letters(6);
    for (TokenId& letter : letters) letter = static_cast<TokenId>(random() % 3);
    // The model has positions for five more.
    const Ids found = loaded.run({letters}, {.config = config_of(5)})[0].sequences[0].ids;
    Ids sorted = letters;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(Ids(found.begin() + 6, found.end()), Ids(sorted.begin(), sorted.begin() + 5));
  }
}

TEST(TrainedModels, TellStories) {
  const Loaded loaded(bundled("stories"));
  const auto folder = shared("data/models/llama-tinystories-260k");
  if (!folder) GTEST_SKIP() << "the trained models are not beside the project";
  const Json expected = read_json_file(*folder / "expected.json");
  const auto ids = expected.at("greedy_ids_from_bos").get<Ids>();
  GenerationOptions options;
  options.config.max_length = static_cast<Index>(ids.size());
  const GenerationPrompt from_bos;
  options.model_config = loaded.config;
  const auto found = generate_each(loaded.model, {&from_bos, 1}, options)[0].value();
  EXPECT_EQ(found.sequences[0].ids, ids);
}

TEST(TrainedModels, SpellSounds) {
  const auto folder = shared("data/models/bart-g2p-us");
  if (!folder) GTEST_SKIP() << "the trained models are not beside the project";
  const Loaded loaded(*folder);
  std::size_t beams = 0;
  const Json expected_file = read_json_file(*folder / "expected.json");
  for (const Json& one : expected_file.at("cases")) {
    SCOPED_TRACE(one.at("word"));
    GenerationOptions options{.config = config_of(50)};
    const std::vector<Ids> source = {one.at("input_ids").get<Ids>()};
    EXPECT_EQ(loaded.run(source, options)[0].sequences[0].ids, one.at("greedy_ids").get<Ids>());
    options.config.num_beams = 4;
    options.config.num_return_sequences = 4;
    const auto found = loaded.run(source, options)[0].sequences;
    // Published is what another beam search found, which prunes by sums alone: ours finds the same
    // or a better one.
    const Json& best = one.at("beam4").at(0);
    const auto ids = best.at("ids").get<Ids>();
    const double score =
        best.at("sum_log_prob").get<double>() / static_cast<double>(ids.size() - 1);
    EXPECT_GE(found[0].score, score - 2e-5);
    if (found[0].ids != ids) continue;
    EXPECT_NEAR(found[0].score, score, 2e-5);
    ++beams;
  }
  EXPECT_GT(beams, 13U);
}

TEST(TrainedModels, WriteNamesInLatinLetters) {
  const auto folder = shared("data/models/m2m100-transliteration-ar-en");
  if (!folder) GTEST_SKIP() << "the trained models are not beside the project";
  const Loaded loaded(*folder);
  const Json expected_file = read_json_file(*folder / "expected.json");
  for (const Json& one : expected_file.at("cases")) {
    SCOPED_TRACE(one.at("source"));
    GenerationOptions options{.config = config_of(40)};
    options.config.output_logits = true;
    const auto found = loaded.run({one.at("source_ids").get<Ids>()}, options)[0];
    const Ids& ids = found.sequences[0].ids;
    EXPECT_EQ(ids, one.at("greedy_ids").get<Ids>());
    if (!one.contains("published_token_log_probs") || ids != one.at("target_ids").get<Ids>())
      continue;
    const auto expected = one.at("published_token_log_probs").get<std::vector<double>>();
    ASSERT_EQ(expected.size(), found.logits.at(0).size());
    for (std::size_t step = 0; step < expected.size(); ++step) {
      const auto& logits = found.logits[0][step].values;
      double sum = 0;
      for (std::size_t id = 51; id < logits.size(); ++id)
        sum += std::exp(static_cast<double>(logits[id]));
      EXPECT_NEAR(
          static_cast<double>(logits[static_cast<std::size_t>(ids[step + 1])]) - std::log(sum),
          expected[step], 2e-5);
    }
  }
}

}  // namespace
}  // namespace attend::test
