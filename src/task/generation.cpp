// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The loop of generation: one step of the model for the rows of all searches that run.
#include "attend/task/generation.h"

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "attend/core/error.h"
#include "task/generation_fields.h"
#include "task/out_of_memory.h"
#include "task/prompt_run.h"
#include "task/typed_items.h"

namespace attend {
namespace {

// One prompt of many: what runs, and what came of it.
struct Slot {
  std::unique_ptr<PromptRun> run = {};
  std::optional<Outcome<Generation>> outcome = {};
  // Of a prompt that begins anew after a step that failed: it runs alone.
  bool is_alone = false;
  std::vector<Reported> reported = {};
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
    running_.reserve(slots_.size());
    anew_.reserve(slots_.size());
    if (!prompts.empty()) share_lists();
  }

  std::vector<Outcome<Generation>> run() {
    for (begin_more(); !running_.empty(); begin_more()) {
      throw_if_cancelled();
      step();
      std::erase_if(running_, [&](Slot* slot) { return end(*slot); });
    }
    std::vector<Outcome<Generation>> results;
    results.reserve(slots_.size());
    for (Slot& slot : slots_) results.push_back(*std::move(slot.outcome));
    return results;
  }

 private:
  // What is wrong with every prompt is said once, and not after the first has run. Lists, which may
  // be long, are kept once; the configs that prompts have of their own are without.
  void share_lists() {
    GenerationInput input = options_.input;
    input.prompt_length = 0;
    input.vocabulary = model_.vocabulary();
    const GenerationConfig config = resolved(options_, input);
    wants_states_ = outputs_states(config);
    if (wants_states_) options_.max_prompts = 1;
    tables_ = std::make_shared<const LogitsTables>(config, input.vocabulary);
    options_.stopping.strings = stop_strings(config, options_.stopping.texts);
    options_.config = without_lists(std::move(options_.config));
    options_.model_config = without_lists(std::move(options_.model_config));
  }

  // As many as the limits let run.
  void begin_more() {
    if (running_.empty()) begin_anew();
    if (!running_.empty() && running_.front()->is_alone) return;
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
                        within(static_cast<Index>(running_.size()) + 1, options_.max_prompts);
      if (!fits && !running_.empty()) return;
      used_ = used;
      running_.push_back(&slot);
    }
  }

  void begin_anew() {
    while (running_.empty() && !anew_.empty()) {
      Slot& slot = *anew_.back();
      anew_.pop_back();
      prepare(slot);
      if (slot.outcome) {
        report_done();
        continue;
      }
      slot.run->resume(slot.reported);
      used_ += slot.run->needed();
      running_.push_back(&slot);
    }
  }

  // Not before its turn: searches take memory.
  void prepare(Slot& slot) {
    if (slot.run != nullptr) return;
    const auto number = static_cast<std::size_t>(&slot - slots_.data());
    attempt(slot, [&] {
      slot.run = std::make_unique<PromptRun>(
          prompts_[number], static_cast<Index>(number),
          PromptRun::Setting{options_, tables_, model_.vocabulary(), memory_});
    });
  }

  template <class Do>
  void attempt(Slot& slot, Do what) {
    try {
      what();
    } catch (const Error& error) {
      end_with(slot, error);
    } catch (const std::bad_alloc&) {
      end_with(slot, out_of_memory());
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
      return end_step_with(error);
    } catch (const std::bad_alloc&) {
      return end_step_with(out_of_memory());
    }
    for (Slot* slot : running_) {
      if (slot->outcome) continue;
      output.next_logits = slot->first_logits;
      output.next_hidden = slot->first_hidden;
      attempt(*slot, [&] { slot->run->take(output); });
    }
  }

  // Of several that ran any may be the one that failed, or all of them together: each begins anew,
  // alone, which changes nothing of what comes out.
  void end_step_with(const Error& error) {
    const auto goes_on = [](const Slot* slot) { return !slot->outcome; };
    const auto count = std::count_if(running_.begin(), running_.end(), goes_on);
    std::erase_if(running_, [&](Slot* slot) {
      if (slot->outcome) return false;
      if (count == 1) {
        end_with(*slot, error);
        return false;
      }
      memory_.output_bytes += slot->run->output_bytes();
      used_ -= slot->run->needed();
      slot->is_alone = true;
      slot->reported = slot->run->reported();
      slot->run.reset();
      anew_.push_back(slot);
      return true;
    });
    std::reverse(anew_.begin(), anew_.end());  // the first is taken from the back
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
    if (!slot.outcome) attempt(slot, [&] { slot.outcome = slot.run->result(); });
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
  GenerationOptions options_;
  std::shared_ptr<const LogitsTables> tables_;
  SearchMemory memory_;
  std::vector<Slot> slots_;
  std::vector<Slot*> running_;
  std::vector<Slot*> anew_;  // of a step that failed
  std::vector<RowStep> rows_;
  bool wants_states_ = false;
  std::size_t next_ = 0;
  RowRoom used_;
  Index done_ = 0;
};

}  // namespace

std::vector<Outcome<Generation>> generate_each(LanguageModel& model,
                                               std::span<const GenerationPrompt> prompts,
                                               const GenerationOptions& options) {
  try {
    return Loop(model, prompts, options).run();
  } catch (const std::bad_alloc&) {
    throw out_of_memory();
  }
}

std::vector<Generation> generate(LanguageModel& model, std::span<const GenerationPrompt> prompts,
                                 const GenerationOptions& options) {
  return values(generate_each(model, prompts, options));
}

}  // namespace attend
