// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The searches of one prompt in the loop of generation.
#include "task/prompt_run.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "attend/core/error.h"
#include "attend/model/kv_cache.h"
#include "attend/task/speculation.h"
#include "core/limits.h"
#include "task/generation_fields.h"

namespace attend {
namespace {

[[noreturn]] void reject_prompt(ErrorKind kind, std::string what, std::string expected,
                                std::string found) {
  fail(kind, {.where = "generate",
              .what = std::move(what),
              .expected = std::move(expected),
              .found = std::move(found),
              .file = {},
              .hint = {}});
}

// A row of its own of logits that several searches start with.
struct FirstRow {
  std::vector<float> values;

  explicit FirstRow(MatrixView<float> row) : values(row.data, row.data + row.rows * row.cols) {}
  MatrixView<float> view() {
    const Index rows = values.empty() ? 0 : 1;
    return {values.data(), rows, static_cast<Index>(values.size())};
  }
};

std::vector<TokenId> prompt_tokens(const GenerationPrompt& prompt,
                                   const GenerationOptions& options) {
  if (!prompt.ids.empty()) return {prompt.ids.begin(), prompt.ids.end()};
  const GenerationConfig config = config_of(options);
  auto first = config.bos_token_id;
  if (options.input.is_encoder_decoder && config.decoder_start_token_id) {
    first = config.decoder_start_token_id;
  }
  if (!first) {
    reject_prompt(ErrorKind::config_error, "bos_token_id", "an id to begin an empty prompt",
                  "none");
  }
  return {*first};
}

void check_ids(std::span<const TokenId> ids, Index vocabulary) {
  for (const TokenId id : ids) {
    if (id >= 0 && id < vocabulary) continue;
    reject_prompt(ErrorKind::tokenizer_error, "token id of a prompt",
                  "an id below " + std::to_string(vocabulary), std::to_string(id));
  }
}

// What an encoder reads.
void check_source(const GenerationPrompt& prompt, const GenerationInput& input, Index vocabulary) {
  check_ids(prompt.encoder_ids,
            input.encoder_vocabulary > 0 ? input.encoder_vocabulary : vocabulary);
  if (!input.is_encoder_decoder) return;
  const auto tokens = static_cast<Index>(prompt.encoder_ids.size());
  if (tokens == 0) {
    reject_prompt(ErrorKind::config_error, "encoder_ids", "a text for the encoder", "no tokens");
  }
  if (input.encoder_tokens > 0 && tokens > input.encoder_tokens) {
    reject_prompt(ErrorKind::input_too_long, "text",
                  "at most " + std::to_string(input.encoder_tokens) + " tokens",
                  std::to_string(tokens));
  }
}

void check_padding(const GenerationPrompt& prompt) {
  const auto tokens = static_cast<Index>(prompt.ids.size());
  if (prompt.padding == 0 || (prompt.padding > 0 && prompt.padding < tokens)) return;
  reject_prompt(ErrorKind::config_error, "padding", "fewer tokens than the prompt has",
                std::to_string(prompt.padding) + " of " + std::to_string(tokens));
}

}  // namespace

PromptRun::PromptRun(const GenerationPrompt& prompt, Index number, const Setting& setting)
    : options_(&setting.options),
      number_(number),
      prompt_(prompt_tokens(prompt, setting.options)),
      vocabulary_(setting.vocabulary),
      encoder_tokens_(static_cast<Index>(prompt.encoder_ids.size())) {
  check_padding(prompt);
  seen_ = std::span(prompt_).subspan(static_cast<std::size_t>(prompt.padding));
  const GenerationOptions& options = setting.options;
  const Index vocabulary = setting.vocabulary;
  check_ids(prompt_, vocabulary);
  check_ids(prompt.negative_ids, vocabulary);
  check_source(prompt, options.input, vocabulary);
  GenerationInput input = options.input;
  input.prompt_length = static_cast<Index>(prompt_.size());
  input.vocabulary = vocabulary;
  auto config = resolved(options, input);
  const GenerationMode mode = generation_mode(config);
  if (options.on_token && config.num_beams.value_or(1) > 1) {
    reject_prompt(ErrorKind::config_error, "num_beams",
                  "1 where tokens are handed out as they come", std::to_string(*config.num_beams));
  }
  const auto& negative = prompt.negative_ids;
  negative_.assign(negative.begin(), negative.end());
  if (negative_.empty()) negative_ = {prompt_.back()};
  // Of two vocabularies (Marian) the larger may be the encoder's.
  std::vector<TokenId> source(prompt.encoder_ids.begin(), prompt.encoder_ids.end());
  std::erase_if(source, [&](TokenId id) { return id >= vocabulary; });
  const LogitsSetup setup{.prompt_length = input.prompt_length,
                          .vocabulary = vocabulary,
                          .encoder_ids = input.is_encoder_decoder ? source : prompt_,
                          .tables = setting.tables};
  stopping_ = std::make_unique<StoppingCriteria>(config, options.stopping);
  const bool by_sequence = mode == GenerationMode::sample;
  const Index count = by_sequence ? *config.num_return_sequences : 1;
  processors_ =
      std::make_unique<const LogitsProcessors>(std::move(config), setup, options.callbacks);
  for (Index i = 0; i < count; ++i) {
    const auto stream = static_cast<std::uint64_t>(prompt.stream.value_or(number)) *
                            static_cast<std::uint64_t>(count) +
                        static_cast<std::uint64_t>(i);
    runs_.push_back({.search = make_search({.prompt = prompt_,
                                            .prompt_number = number,
                                            .processors = processors_.get(),
                                            .stopping = stopping_.get(),
                                            .memory = &setting.memory,
                                            .random = Random(options.seed, stream)}),
                     .reported = prompt_.size()});
  }
}

bool PromptRun::finished() const {
  return std::all_of(runs_.begin(), runs_.end(), [](const Run& run) { return run.finished(); });
}

RowRoom PromptRun::needed() const {
  Index rows = std::max(config().num_beams.value_or(1), static_cast<Index>(runs_.size()));
  if (generation_mode(config()) == GenerationMode::contrastive_search) rows = *config().top_k;
  RowRoom room{.pages = KvCache::pages_of(encoder_tokens_)};
  const auto add = [&](std::span<const TokenId> prompt) {
    const Index tokens = *config().max_length + static_cast<Index>(prompt.size()) -
                         static_cast<Index>(prompt_.size());
    room += {.tokens = rows * tokens, .pages = rows * KvCache::pages_of(tokens)};
  };
  add(seen_);
  if (is_guided()) add(negative_);
  return room;
}

void PromptRun::ask(std::vector<RowStep>& rows) {
  if (runs_[0].length > 0) {
    for (Run& run : runs_) {
      if (!run.finished()) ask_for(run, rows);
    }
    return;
  }
  stopping_->start();
  first_row_ = static_cast<Index>(rows.size());
  rows.push_back({.tokens = seen_, .text = number_});
  if (is_guided()) rows.push_back({.tokens = negative_, .text = number_});
}

void PromptRun::ask_for(Run& run, std::vector<RowStep>& rows) {
  const auto add = [&](Index first, Index length) {
    const auto begin = static_cast<Index>(rows.size());
    const auto tokens = run.search->tokens();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      // All continue the prompt's one row at first.
      const bool is_first = run.length == static_cast<Index>(seen_.size());
      const Index parent = first + (is_first ? 0 : run.search->parents()[i]);
      const auto next =
          run.guess.empty() ? tokens.subspan(i, 1) : std::span<const TokenId>(run.guess);
      rows.push_back({.parent = parent,
                      .length = length,
                      .tokens = next,
                      .text = number_,
                      .wanted = static_cast<Index>(next.size())});
    }
    return begin;
  };
  make_guess(run);
  run.first_row = add(run.first_row, run.length);
  if (is_guided()) run.first_twin = add(run.first_twin, run.twin_length);
}

bool PromptRun::is_guessing() const {
  if (outputs_states(config())) return false;  // a step a token
  switch (generation_mode(config())) {
    case GenerationMode::assisted_generation: return true;
    case GenerationMode::greedy_search:
    case GenerationMode::sample: return options_->guess != nullptr;
    case GenerationMode::beam_search:
    case GenerationMode::beam_sample:
    case GenerationMode::group_beam_search:
    case GenerationMode::contrastive_search: break;
  }
  return false;
}

void PromptRun::make_guess(Run& run) {
  if (!is_guessing()) return;
  const auto text = run.search->text();
  guess_.clear();
  if (options_->guess) {
    options_->guess(number_, text, guess_);
    // One token is left to the model.
    const auto room = static_cast<std::size_t>(*config().max_length) - text.size() - 1;
    guess_.resize(
        std::min({guess_.size(), room, static_cast<std::size_t>(limits::guessed_tokens)}));
    const auto is_none = [this](TokenId id) { return id < 0 || id >= vocabulary_; };
    guess_.erase(std::find_if(guess_.begin(), guess_.end(), is_none), guess_.end());
  } else {
    look_up_prompt(text,
                   {.tokens = *config().prompt_lookup_num_tokens,
                    .max_ngram = config().max_matching_ngram_size.value_or(2),
                    .max_length = *config().max_length,
                    .eos = config().eos_token_id ? std::span<const TokenId>(*config().eos_token_id)
                                                 : std::span<const TokenId>()},
                   guess_);
  }
  run.guess.assign(1, text.back());
  run.guess.insert(run.guess.end(), guess_.begin(), guess_.end());
}

void PromptRun::take(Output& output) {
  if (runs_[0].length == 0) {
    begin(output);
  } else {
    for (Run& run : runs_) {
      if (!run.finished()) step(run, output);
    }
  }
  for (std::size_t i = 0; i < runs_.size(); ++i) report(runs_[i], static_cast<Index>(i));
}

void PromptRun::begin(Output& output) {
  const auto logits = output.take_logits(1);
  const auto hidden = output.take_hidden(static_cast<Index>(seen_.size()));
  MatrixView<float> unconditional;
  if (is_guided()) {
    unconditional = output.take_logits(1);
    static_cast<void>(output.take_hidden(static_cast<Index>(negative_.size())));
  }
  for (Run& run : runs_) {
    FirstRow own(logits);
    FirstRow twin(unconditional);
    run.search->step({own.view(), twin.view(), hidden});
    keep_states(run, output, first_row_, 1);
    run.first_row = first_row_;
    run.first_twin = first_row_ + 1;
    run.length = static_cast<Index>(seen_.size());
    run.twin_length = static_cast<Index>(negative_.size());
  }
  encoder_states_ = std::move(output.encoder_states);
}

// There is one run then.
void PromptRun::keep_states(Run& run, Output& output, Index first, Index count) {
  if (output.states.empty()) return;
  const auto begin = std::make_move_iterator(output.states.begin() + first);
  run.states.emplace_back(begin, begin + count);
}

void PromptRun::step(Run& run, Output& output) {
  const auto tokens = static_cast<Index>(std::max<std::size_t>(1, run.guess.size()));
  const Index count = run.search->rows() * tokens;
  SearchInput input{.logits = output.take_logits(count), .hidden = output.take_hidden(count)};
  if (is_guided()) {
    input.unconditional = output.take_logits(count);
    static_cast<void>(output.take_hidden(count));
  }
  if (!run.guess.empty()) return check_guess(run, input);
  keep_states(run, output, run.first_row, count);
  run.search->step(input);
  run.length += 1;
  run.twin_length += 1;
}

// Chooses behind every guessed token, as long as the one that was chosen is the next that was
// guessed: the result is what it is without guesses.
void PromptRun::check_guess(Run& run, const SearchInput& input) {
  for (std::size_t i = 0; i < run.guess.size(); ++i) {
    const auto row = static_cast<Index>(i);
    SearchInput one{.logits = input.logits.row_range(row, 1)};
    if (is_guided()) one.unconditional = input.unconditional.row_range(row, 1);
    run.search->step(one);
    run.length += 1;
    run.twin_length += 1;
    if (run.finished()) return;
    if (i + 1 < run.guess.size() && run.search->tokens()[0] != run.guess[i + 1]) return;
  }
}

void PromptRun::report(Run& run, Index sequence) const {
  const auto text = run.search->text();
  run.is_stopped = run.is_stopped || (run.was_stopped && text.size() >= run.reported);
  for (; options_->on_token && run.reported < text.size() && !run.is_stopped; ++run.reported) {
    run.is_stopped = !options_->on_token(number_, sequence, text[run.reported]);
  }
}

std::vector<Reported> PromptRun::reported() const {
  std::vector<Reported> out;
  for (const Run& run : runs_) out.push_back({run.reported, run.is_stopped});
  return out;
}

void PromptRun::resume(std::span<const Reported> reported) {
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    runs_[i].reported = reported[i].tokens;
    runs_[i].was_stopped = reported[i].is_stopped;
  }
}

std::uint64_t PromptRun::output_bytes() const {
  std::uint64_t values = 0;
  for (const Run& run : runs_) {
    for (const auto* steps : {&run.search->scores(), &run.search->logits()}) {
      for (const StepScores& step : *steps) values += step.values.size();
    }
  }
  return values * sizeof(float);
}

Generation PromptRun::result() {
  Generation result{.sequences = {},
                    .prompt_length = static_cast<Index>(prompt_.size()),
                    .fill = fill_token(config())};
  for (Run& run : runs_) {
    for (auto& sequence : run.search->sequences()) {
      if (run.is_stopped) {
        sequence.reason = FinishReason::criterion;
        sequence.ids.resize(run.reported);  // guesses may have gone further
      }
      result.sequences.push_back(std::move(sequence));
    }
    result.scores.push_back(run.search->take_scores());
    result.logits.push_back(run.search->take_logits());
    if (outputs_states(config())) result.states.push_back(std::move(run.states));
  }
  result.encoder_states = std::move(encoder_states_);
  return result;
}

}  // namespace attend
