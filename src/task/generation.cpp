// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The loop of generation: one step of the model for the rows of all searches that run.
#include "attend/task/generation.h"

#include <memory>
#include <optional>

#include "attend/core/error.h"
#include "task/generation_fields.h"
#include "task/prompt_run.h"
#include "task/typed_items.h"

namespace attend {
namespace {

// One prompt of many: what runs, and what came of it.
struct Slot {
  std::unique_ptr<PromptRun> run = {};
  std::optional<Outcome<Generation>> outcome = {};
  // Where its part of a step is.
  Index first_logits = 0;
  Index first_hidden = 0;
};

class Loop {
 public:
  Loop(LanguageModel& model, std::span<const GenerationPrompt> prompts,
       const GenerationOptions& options)
      : model_(model), prompts_(prompts), options_(options), slots_(prompts.size()) {
    memory_.output_bytes = options.max_output_bytes;
    wants_states_ = outputs_states(config_of(options));
    max_prompts_ = wants_states_ ? 1 : options.max_prompts;
    if (!prompts.empty()) check_options();
  }

  std::vector<Outcome<Generation>> run() {
    for (begin_more(); !running_.empty(); begin_more()) {
      throw_if_cancelled();
      step();
      std::erase_if(running_, [&](Slot* slot) { return end(*slot); });
    }
    std::vector<Outcome<Generation>> results;
    for (Slot& slot : slots_) results.push_back(*std::move(slot.outcome));
    return results;
  }

 private:
  // What is wrong with every prompt is said once, and not after the first has run.
  void check_options() const {
    GenerationInput input = options_.input;
    input.prompt_length = 0;
    input.vocabulary = model_.vocabulary();
    (void)resolved(options_, input);
  }

  // As many as the limits let run.
  void begin_more() {
    for (; next_ < slots_.size(); ++next_) {
      Slot& slot = slots_[next_];
      prepare(slot);
      if (slot.outcome) {
        report_done();
        continue;
      }
      RowRoom used = used_;
      used += slot.run->needed();
      const auto within = [](Index count, Index limit) { return limit == 0 || count <= limit; };
      const bool fits = within(used.tokens, options_.token_budget) &&
                        within(used.pages, options_.page_budget) &&
                        within(static_cast<Index>(running_.size()) + 1, max_prompts_);
      if (!fits && !running_.empty()) return;
      used_ = used;
      running_.push_back(&slot);
    }
  }

  // Not before its turn: searches take memory.
  void prepare(Slot& slot) {
    if (slot.run != nullptr) return;
    attempt(slot, [&] {
      slot.run =
          std::make_unique<PromptRun>(prompts_[next_], static_cast<Index>(next_),
                                      PromptRun::Setting{options_, model_.vocabulary(), memory_});
    });
  }

  template <class Do>
  void attempt(Slot& slot, Do what) {
    try {
      what();
    } catch (const Error& error) {
      end_with(slot, error);
    }
  }

  // An Error of one prompt is its outcome, and what it has recorded is nobody's.
  void end_with(Slot& slot, const Error& error) {
    slot.outcome = error;
    if (slot.run == nullptr) return;
    memory_.output_bytes += slot.run->output_bytes();
    if (wants_states_) model_.drop_states();
  }

  void throw_if_cancelled() const {
    if (!options_.cancellation.stop_requested()) return;
    fail(ErrorKind::cancelled, {.where = "generate",
                                .what = "generation",
                                .expected = "to go on",
                                .found = "a request to stop",
                                .file = {},
                                .hint = {}});
  }

  void step() {
    rows_.clear();
    Index logits = 0;
    Index hidden = 0;
    for (Slot* slot : running_) {
      slot->first_logits = logits;
      slot->first_hidden = hidden;
      const std::size_t before = rows_.size();
      attempt(*slot, [&] { slot->run->ask(rows_); });
      if (slot->outcome) rows_.resize(before);
      for (std::size_t i = before; i < rows_.size(); ++i) {
        logits += rows_[i].wanted;
        hidden += static_cast<Index>(rows_[i].tokens.size());
      }
    }
    if (rows_.empty()) return;
    Output output;
    try {
      output = {.logits = model_.step(rows_), .hidden = model_.hidden()};
      if (wants_states_) take_states(output);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      for (Slot* slot : running_) {
        if (!slot->outcome) end_with(*slot, error);
      }
      return;
    }
    for (Slot* slot : running_) {
      if (slot->outcome) continue;
      output.next_logits = slot->first_logits;
      output.next_hidden = slot->first_hidden;
      attempt(*slot, [&] { slot->run->take(output); });
    }
  }

  void take_states(Output& output) {
    output.states = model_.take_states();
    output.encoder_states = model_.take_encoder_states();
    if (output.states.size() == rows_.size()) return;
    fail(ErrorKind::unsupported, {.where = "generate",
                                  .what = "output_hidden_states and output_attentions",
                                  .expected = "a model that hands them out",
                                  .found = "another",
                                  .file = {},
                                  .hint = {}});
  }

  // Whether it is over.
  bool end(Slot& slot) {
    if (!slot.outcome && !slot.run->finished()) return false;
    if (!slot.outcome) slot.outcome = slot.run->result();
    used_ -= slot.run->needed();
    slot.run.reset();
    report_done();
    return true;
  }

  void report_done() {
    ++done_;
    if (options_.progress) options_.progress(done_, static_cast<Index>(slots_.size()));
  }

  LanguageModel& model_;
  std::span<const GenerationPrompt> prompts_;
  const GenerationOptions& options_;
  SearchMemory memory_;
  std::vector<Slot> slots_;
  std::vector<Slot*> running_;
  std::vector<RowStep> rows_;
  bool wants_states_ = false;
  Index max_prompts_ = 0;
  std::size_t next_ = 0;
  RowRoom used_;
  Index done_ = 0;
};

}  // namespace

std::vector<Outcome<Generation>> generate_each(LanguageModel& model,
                                               std::span<const GenerationPrompt> prompts,
                                               const GenerationOptions& options) {
  return Loop(model, prompts, options).run();
}

std::vector<Generation> generate(LanguageModel& model, std::span<const GenerationPrompt> prompts,
                                 const GenerationOptions& options) {
  return values(generate_each(model, prompts, options));
}

}  // namespace attend
