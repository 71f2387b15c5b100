// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The loop of generation: one step of the model for the rows of all searches that run.
#include "attend/task/generation.h"

#include <memory>

#include "attend/core/error.h"
#include "task/prompt_run.h"

namespace attend {

std::vector<Generation> generate(LanguageModel& model, std::span<const GenerationPrompt> prompts,
                                 const GenerationOptions& options) {
  SearchMemory memory;
  const PromptRun::Setting setting{options, model.vocabulary(), memory};
  std::vector<std::unique_ptr<PromptRun>> all;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    all.push_back(std::make_unique<PromptRun>(prompts[i], static_cast<Index>(i), setting));
  }
  std::vector<PromptRun*> running;
  Index budget_used = 0;
  std::size_t next = 0;
  std::vector<RowStep> rows;
  while (next < all.size() || !running.empty()) {
    while (next < all.size()) {
      const Index needed = all[next]->needed_tokens();
      const bool fits = options.token_budget == 0 || budget_used + needed <= options.token_budget;
      if (!fits && !running.empty()) break;
      budget_used += needed;
      running.push_back(all[next++].get());
    }
    if (options.cancellation.stop_requested()) {
      fail(ErrorKind::cancelled, {.where = "generate",
                                  .what = "generation",
                                  .expected = "to go on",
                                  .found = "a request to stop",
                                  .file = {},
                                  .hint = {}});
    }
    rows.clear();
    for (PromptRun* run : running) run->ask(rows);
    const auto logits = model.step(rows);
    Output output{.logits = logits, .hidden = model.hidden()};
    for (PromptRun* run : running) run->take(output);
    std::erase_if(running, [&](const PromptRun* run) {
      if (run->finished()) budget_used -= run->needed_tokens();
      return run->finished();
    });
  }
  std::vector<Generation> results;
  for (const auto& run : all) results.push_back(run->result());
  return results;
}

}  // namespace attend
