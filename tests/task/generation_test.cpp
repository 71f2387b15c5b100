// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The loop: batches equal single prompts, guesses change nothing, tokens come as they are chosen,
// and what goes wrong is said.
#include "attend/task/generation.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <string>
#include <thread>

#include "support/allocation_count.h"
#include "support/error_of.h"
#include "task/hash_model.h"

namespace attend::test {
namespace {

using Ids = std::vector<TokenId>;

constexpr Index vocabulary = 23;

HashModel model_of() { return HashModel(vocabulary, 77, 6); }

std::vector<Generation> run(HashModel& model, const std::vector<Ids>& prompts,
                            const GenerationOptions& options) {
  std::vector<GenerationPrompt> views;
  for (const Ids& ids : prompts) views.push_back({.ids = ids});
  return generate(model, views, options);
}

std::vector<Generation> run(const std::vector<Ids>& prompts, const GenerationOptions& options) {
  HashModel model = model_of();
  return run(model, prompts, options);
}

GenerationOptions options_of(Index max_new_tokens = 12) {
  GenerationOptions options;
  options.config.max_new_tokens = max_new_tokens;
  options.config.eos_token_id = Ids{5, 9};
  return options;
}

std::vector<GenerationOptions> all_modes() {
  std::vector<GenerationOptions> all(7, options_of());
  all[1].config.num_beams = 3;
  all[2].config.num_beams = 4;
  all[2].config.num_return_sequences = 4;
  all[2].config.num_beam_groups = 2;
  all[2].config.diversity_penalty = 0.5;
  all[3].config.penalty_alpha = 0.6;
  all[3].config.top_k = 4;
  all[4].config.guidance_scale = 1.5;
  all[5].config.prompt_lookup_num_tokens = 4;
  all[6].config.num_beams = 3;
  all[6].config.guidance_scale = 1.5;
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

TEST(Generation, BatchesAreSinglePrompts) {
  const std::vector<Ids> prompts = {{1}, {2, 3, 4}, {8, 8}, {3, 1, 4, 1, 5, 9, 2, 6}, {7}};
  for (const auto& options : all_modes()) {
    const auto together = run(prompts, options);
    ASSERT_EQ(together.size(), prompts.size());
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      expect_same(together[i], run({prompts[i]}, options)[0]);
    }
  }
}

// Whose logits are no numbers.
class BrokenModel : public HashModel {
 public:
  BrokenModel() : HashModel(model_of()) {}
  MatrixView<float> step(std::span<const RowStep> rows) override {
    const auto logits = HashModel::step(rows);
    for (Index i = 0; i < logits.rows; ++i) logits(i, 3) = std::nanf("");
    return logits;
  }
};

TEST(Generation, LogitsThatAreNoNumbersAreAnErrorInEverySearch) {
  auto modes = all_modes();
  modes.push_back(options_of());
  modes.back().config.do_sample = true;
  modes.push_back(modes.back());
  modes.back().config.num_beams = 3;
  for (std::size_t i = 0; i < modes.size(); ++i) {
    SCOPED_TRACE(i);
    BrokenModel model;
    expect_error(ErrorKind::weight_value, {"NaN"}, [&] { return run(model, {{1, 2}}, modes[i]); });
  }
}

// A text that must not end and shall: in the reference such a score is NaN.
TEST(Generation, BeamsWhoseScoresAreNoNumbersAreAnError) {
  for (const Index groups : {1, 2}) {
    auto options = all_modes()[2];
    options.config.num_beam_groups = groups;
    options.config.exponential_decay_length_penalty = LengthDecay{0, 1.2};
    options.config.min_new_tokens = 8;
    expect_error(ErrorKind::weight_value, {"scores of beams"}, [&] { return run({{1}}, options); });
    options.config.exponential_decay_length_penalty = LengthDecay{0, 0.8};
    EXPECT_TRUE(std::isfinite(run({{1}}, options)[0].sequences[0].score));
  }
}

// Nothing but the prompt is no result.
TEST(Generation, BeamsOfWhichNoneMayBeAreAnError) {
  for (const Index groups : {1, 2}) {
    auto options = all_modes()[2];
    options.config.num_beam_groups = groups;
    options.config.length_penalty = -1e308;
    expect_error(ErrorKind::weight_value, {"scores of beams", "length_penalty"},
                 [&] { return run({{1}}, options); });
    options.config.length_penalty.reset();
    options.config.suppress_tokens.emplace();
    for (TokenId id = 0; id < vocabulary; ++id) options.config.suppress_tokens->push_back(id);
    expect_error(ErrorKind::weight_value, {"scores of beams"}, [&] { return run({{1}}, options); });
  }
}

// All have the only token that may come, although all but one are the same text and do not count.
TEST(Generation, ReturnedBeamsHaveNewTokens) {
  auto options = options_of(1);
  options.config.num_beams = 5;
  options.config.num_return_sequences = 4;
  options.config.forced_eos_token_id = Ids{5};
  const auto found = run({{1, 2}}, options);
  for (const auto& sequence : found[0].sequences) {
    EXPECT_EQ(sequence.ids, (Ids{1, 2, 5}));
  }
}

// The padding of checkpoints without one: groups that are done go on with another token.
TEST(Generation, APaddingThatIsNoTokenIsNeverGivenToTheModel) {
  for (const TokenId padding : {-1, 23, 1'000'000}) {
    auto options = all_modes()[2];
    options.config.pad_token_id = padding;
    options.config.early_stopping = EarlyStopping::yes;
    options.config.max_new_tokens = 40;
    options.config.repetition_penalty = 1.5;
    options.config.no_repeat_ngram_size = 3;
    HashModel model = model_of();
    for (const Ids& prompt : {Ids{1}, Ids{2, 3, 4}, Ids{7, 7}}) {
      const auto found = run(model, {prompt}, options);
      for (const auto& sequence : found[0].sequences) {
        for (const TokenId id : sequence.ids) EXPECT_TRUE(id >= 0 && id < vocabulary) << id;
      }
    }
  }
}

// A budget decides when a prompt runs, not what comes of it.
TEST(Generation, BudgetOfTokens) {
  const std::vector<Ids> prompts(9, Ids{1, 2});
  for (auto options : all_modes()) {
    options.config.do_sample = false;
    HashModel free = model_of();
    const auto expected = run(free, prompts, options);
    options.token_budget = 60;  // of texts of 14 tokens
    HashModel bounded = model_of();
    const auto found = run(bounded, prompts, options);
    for (std::size_t i = 0; i < prompts.size(); ++i) expect_same(found[i], expected[i]);
    EXPECT_LT(bounded.most_rows, free.most_rows);
    EXPECT_GT(bounded.steps, free.steps);
  }
}

TEST(Generation, SamplesDependOnSeedAndNumberOnly) {
  auto options = options_of();
  options.config.do_sample = true;
  options.config.num_return_sequences = 3;
  options.seed = 12;
  const std::vector<Ids> same(2, Ids{1, 2});
  const auto found = run(same, options);
  expect_same(found[0], run({same[0]}, options)[0]);
  options.token_budget = 1;
  expect_same(found[1], run(same, options)[1]);
  EXPECT_NE(found[0].sequences[0].ids, found[0].sequences[1].ids);
  EXPECT_NE(found[0].sequences[0].ids, found[1].sequences[0].ids);
  options.seed = 13;
  EXPECT_NE(found[0].sequences[0].ids, run(same, options)[0].sequences[0].ids);
}

// Fixed: the same on every machine.
TEST(Generation, FixedSamples) {
  auto options = options_of(8);
  options.config.eos_token_id.reset();
  options.config.do_sample = true;
  options.config.temperature = 0.8;
  options.seed = 2026;
  EXPECT_EQ(run({{1, 2}}, options)[0].sequences[0].ids, (Ids{1, 2, 16, 22, 9, 13, 14, 6, 22, 18}));
}

TEST(Generation, GuessesChangeNothing) {
  int fewer = 0;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    auto options = options_of(40);
    options.seed = seed;
    options.config.do_sample = seed % 3 == 0;
    options.config.temperature = 0.2;
    if (seed % 2 == 0) options.config.repetition_penalty = 1.1;
    if (seed % 5 == 0) options.config.guidance_scale = 1.2;
    const Ids prompt = {1, 2, 3, 1, 2};
    HashModel plain(12, seed, 6);
    const auto expected = run(plain, {prompt}, options);
    options.config.prompt_lookup_num_tokens = 1 + static_cast<Index>(seed % 7);
    options.config.max_matching_ngram_size = 1 + static_cast<Index>(seed % 3);
    HashModel guessing(12, seed, 6);
    expect_same(run(guessing, {prompt}, options)[0], expected[0]);
    EXPECT_LE(guessing.steps, plain.steps);
    fewer += guessing.steps < plain.steps ? 1 : 0;
  }
  EXPECT_GT(fewer, 8);
}

// A draft may have more tokens than the model: its guess ends in front of the first.
TEST(Generation, GuessesMayHaveTokensThatAreNone) {
  const auto expected = run({{1, 2}, {3}}, options_of());
  for (const TokenId none : {-1, 23, 1'000'000}) {
    auto options = options_of();
    options.guess = [&](Index, std::span<const TokenId>, Ids& guess) { guess = {7, none, 8}; };
    const auto found = run({{1, 2}, {3}}, options);
    expect_same(found[0], expected[0]);
    expect_same(found[1], expected[1]);
  }
}

TEST(Generation, AGuessThatThrowsEndsItsPromptAlone) {
  auto options = options_of();
  options.guess = [](Index prompt, std::span<const TokenId>, Ids&) {
    if (prompt == 1) fail(ErrorKind::resource_limit, {.where = "draft"});
  };
  HashModel model = model_of();
  const std::vector<Ids> ids = {{1}, {2, 3}, {4}};
  std::vector<GenerationPrompt> prompts;
  for (const Ids& one : ids) prompts.push_back({.ids = one});
  const auto found = generate_each(model, prompts, options);
  EXPECT_EQ(found[1].error().kind(), ErrorKind::resource_limit);
  const auto expected = run(ids, options_of());
  expect_same(found[0].value(), expected[0]);
  expect_same(found[2].value(), expected[2]);
}

// A stop string in the middle of a guess ends the text there.
TEST(Generation, TextsEndInsideOfGuesses) {
  auto options = options_of();
  options.config.eos_token_id.reset();
  options.stopping.texts = [](TokenId id) { return "<" + std::to_string(id) + ">"; };
  const auto all = run({{1, 2}}, options)[0].sequences[0].ids;
  for (std::size_t end = 2; end + 1 < all.size(); ++end) {
    options.config.stop_strings = {{"<" + std::to_string(all[end]) + ">"}};
    options.guess = {};
    const auto expected = run({{1, 2}}, options);
    options.guess = [&](Index, std::span<const TokenId> ids, Ids& guess) {
      guess.assign(all.begin() + static_cast<std::ptrdiff_t>(ids.size()), all.end());
    };
    expect_same(run({{1, 2}}, options)[0], expected[0]);
  }
}

// Has no room for one prompt's third token, and for nothing else in that step.
class FailingModel : public HashModel {
 public:
  FailingModel() : HashModel(model_of()) {}
  MatrixView<float> step(std::span<const RowStep> rows) override {
    for (const RowStep& row : rows) {
      if (row.text != 1 || !row.parent || row.length < 4) continue;
      if (throws_bad_alloc) throw std::bad_alloc();
      fail(ErrorKind::resource_limit, {.where = "step"});
    }
    return HashModel::step(rows);
  }
  bool throws_bad_alloc = false;
};

std::vector<GenerationPrompt> prompts_of(const std::vector<Ids>& ids) {
  std::vector<GenerationPrompt> prompts;
  for (const Ids& one : ids) prompts.push_back({.ids = one});
  return prompts;
}

// Those that ran in the same step begin anew, and nobody is told a token twice.
TEST(Generation, AStepThatThrowsEndsOnlyWhoseFaultItIs) {
  const std::vector<Ids> ids(5, Ids{1, 2});
  for (const bool throws_bad_alloc : {false, true}) {
    for (auto options : all_modes()) {
      const bool streams = !options.config.num_beams && !options.config.penalty_alpha;
      options.config.do_sample = streams && !options.config.prompt_lookup_num_tokens;
      options.config.eos_token_id = Ids{5};
      options.seed = 7;
      const auto expected = run(ids, options);
      std::vector<Ids> told(ids.size());
      if (streams) {
        options.on_token = [&](Index prompt, Index, TokenId token) {
          told[static_cast<std::size_t>(prompt)].push_back(token);
          return true;
        };
      }
      options.max_prompts = 3;
      FailingModel model;
      model.throws_bad_alloc = throws_bad_alloc;
      const auto found = generate_each(model, prompts_of(ids), options);
      ASSERT_FALSE(found[1].ok());
      EXPECT_EQ(found[1].error().kind(), ErrorKind::resource_limit);
      for (const std::size_t i : {0U, 2U, 3U, 4U}) {
        expect_same(found[i].value(), expected[i]);
        const auto& text = expected[i].sequences[0].ids;
        if (!streams) continue;
        EXPECT_EQ(told[i], Ids(text.begin() + 2, text.end()));
      }
    }
  }
}

// A text that its caller has ended stays ended when it begins anew.
TEST(Generation, TextsThatWereEndedAreNotMadeAnew) {
  auto options = options_of();
  options.config.eos_token_id.reset();
  int told = 0;
  options.on_token = [&](Index prompt, Index sequence, TokenId) {
    return prompt != 0 || sequence != 0 || ++told < 2;
  };
  options.config.do_sample = true;
  options.config.num_return_sequences = 2;
  FailingModel model;
  const std::vector<Ids> ids(2, Ids{1, 2});
  const auto found = generate_each(model, prompts_of(ids), options);
  EXPECT_EQ(told, 2);
  EXPECT_EQ(found[0].value().sequences[0].ids.size(), 4U);
  EXPECT_EQ(found[0].value().sequences[1].ids.size(), 14U);
  EXPECT_FALSE(found[1].ok());
}

TEST(Generation, NoMemoryIsAnErrorOfAPrompt) {
  if (!allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  const std::vector<Ids> ids = {{1}, {2, 3}, {4}};
  const auto prompts = prompts_of(ids);
  auto options = options_of(6);
  options.config.output_scores = true;
  options.config.stop_strings = std::vector<std::string>{"<3><4>"};
  options.config.bad_words_ids = std::vector<Ids>{{3}, {4, 5}};
  options.stopping.texts = [](TokenId id) { return "<" + std::to_string(id) + ">"; };
  const auto expected = run(ids, options);
  HashModel model = model_of();
  const long before = *allocation_count();
  (void)generate_each(model, prompts, options);
  const long count = *allocation_count() - before;
  for (long after = 0; after < count; ++after) {
    std::vector<Outcome<Generation>> found;
    try {
      const FailingAllocation fails(after);
      found = generate_each(model, prompts, options);
    } catch (const Error& error) {  // no memory for any
      EXPECT_EQ(error.kind(), ErrorKind::resource_limit);
      continue;
    }
    ASSERT_EQ(found.size(), ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (found[i].ok()) {
        expect_same(found[i].value(), expected[i]);
      } else {
        EXPECT_EQ(found[i].error().kind(), ErrorKind::resource_limit);
      }
    }
  }
}

// Lists are there once, however many prompts there are
TEST(Generation, ListsAreSharedByPrompts) {
  if (!allocation_count()) GTEST_SKIP() << "a sanitizer has its own operator new";
  auto options = options_of(2);
  options.config.bad_words_ids.emplace();
  for (TokenId id = 0; id < 7'000; ++id) {
    options.config.bad_words_ids->push_back({id % 23, id % 19, id % 17, 3});
  }
  const auto allocations_of = [&](std::size_t count) {
    HashModel model = model_of();
    const std::vector<Ids> ids(count, Ids{1});
    const auto prompts = prompts_of(ids);
    const long before = *allocation_count();
    (void)generate_each(model, prompts, options);
    return *allocation_count() - before;
  };
  EXPECT_LT(allocations_of(40), allocations_of(20) + 20'000);
}

// What is wrong with every prompt is said once.
TEST(Generation, OptionsAreCheckedBeforePromptsRun) {
  auto options = options_of();
  options.config.num_beams = 0;
  HashModel model = model_of();
  const std::vector<Ids> ids = {{1}, {-1}};
  std::vector<GenerationPrompt> prompts;
  for (const Ids& one : ids) prompts.push_back({.ids = one});
  expect_error(ErrorKind::config_error, {"num_beams"},
               [&] { return generate_each(model, prompts, options); });
  EXPECT_EQ(model.steps, 0);
}

// Steps take their time.
class SlowModel : public HashModel {
 public:
  SlowModel() : HashModel(model_of()) {}
  MatrixView<float> step(std::span<const RowStep> rows) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return HashModel::step(rows);
  }
};

// A prompt that waits for others has all of its time.
TEST(Generation, TimeBeginsWithThePrompt) {
  auto options = options_of(2);
  options.config.max_time = 0.25;  // of each; all together take 0.4
  options.token_budget = 1;
  options.config.eos_token_id.reset();
  SlowModel model;
  for (const auto& one : run(model, std::vector<Ids>(20, Ids{1}), options)) {
    EXPECT_EQ(one.sequences[0].reason, FinishReason::max_length);
  }
}

TEST(Generation, TokensComeAsTheyAreChosen) {
  const std::vector<Ids> prompts = {{1}, {2, 3}};
  for (auto options : all_modes()) {
    if (options.config.num_beams) continue;
    std::vector<Ids> texts = prompts;
    options.on_token = [&](Index prompt, Index sequence, TokenId token) {
      EXPECT_EQ(sequence, 0);
      texts[static_cast<std::size_t>(prompt)].push_back(token);
      return true;
    };
    const auto found = run(prompts, options);
    EXPECT_EQ(found[0].sequences[0].ids, texts[0]);
    EXPECT_EQ(found[1].sequences[0].ids, texts[1]);
  }
}

TEST(Generation, CallersMayEndTexts) {
  auto options = options_of();
  options.config.eos_token_id.reset();
  options.on_token = [left = 3](Index prompt, Index, TokenId) mutable {
    return prompt != 0 || --left > 0;
  };
  const auto found = run({{1}, {1}}, options);
  EXPECT_EQ(found[0].sequences[0].ids.size(), 4U);
  EXPECT_EQ(found[0].sequences[0].reason, FinishReason::criterion);
  EXPECT_EQ(found[1].sequences[0].ids.size(), 13U);
  EXPECT_EQ(found[1].sequences[0].reason, FinishReason::max_length);
}

TEST(Generation, RequestsToStop) {
  std::stop_source source;
  auto options = options_of();
  options.cancellation = source.get_token();
  options.on_token = [&](Index, Index, TokenId) { return source.request_stop(); };
  expect_error(ErrorKind::cancelled, {"generation"}, [&] { return run({{1}}, options); });
}

TEST(Generation, EmptyPrompts) {
  auto options = options_of(3);
  expect_error(ErrorKind::config_error, {"bos_token_id", "empty prompt"},
               [&] { return run({{}}, options); });
  options.config.bos_token_id = 7;
  EXPECT_EQ(run({{}}, options)[0].sequences[0].ids, run({{7}}, options)[0].sequences[0].ids);
  EXPECT_TRUE(run({}, options).empty());
}

TEST(Generation, TokensThatAreNone) {
  for (const TokenId id : {-1, static_cast<TokenId>(vocabulary)}) {
    expect_error(ErrorKind::tokenizer_error, {"below 23", std::to_string(id)}, [&] {
      return run({{1}, {1, id}}, options_of());
    });
  }
}

TEST(Generation, BeamsHandNothingOut) {
  auto options = options_of();
  options.config.num_beams = 2;
  options.on_token = [](Index, Index, TokenId) { return true; };
  expect_error(ErrorKind::config_error, {"num_beams"}, [&] { return run({{1}}, options); });
}

TEST(Generation, EveryTokenEndsTexts) {
  for (auto options : all_modes()) {
    options.config.eos_token_id = Ids(vocabulary);
    for (TokenId id = 0; id < vocabulary; ++id) {
      options.config.eos_token_id->at(static_cast<std::size_t>(id)) = id;
    }
    const auto error = error_of([&] { return run({{1}}, options); });
    if (options.config.num_beam_groups) {
      EXPECT_EQ(error->kind(), ErrorKind::config_error);
    } else {
      EXPECT_FALSE(error);
    }
  }
}

// Only what was asked for.
TEST(Generation, ScoresAndLogits) {
  auto options = options_of(4);
  options.config.eos_token_id.reset();
  EXPECT_TRUE(run({{1}}, options)[0].scores.at(0).empty());
  options.config.output_scores = true;
  options.config.output_logits = true;
  options.config.suppress_tokens = Ids{3};
  const auto found = run({{1}}, options)[0];
  ASSERT_EQ(found.scores.at(0).size(), 4U);
  EXPECT_TRUE(std::isinf(found.scores[0][0].values[3]));
  EXPECT_FALSE(std::isinf(found.logits[0][0].values[3]));
  EXPECT_EQ(transition_scores(found.sequences[0], 1, found.logits[0]).size(), 4U);
}

}  // namespace
}  // namespace attend::test
