// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What all searches share, and the search for one text.
#include "attend/task/search.h"

#include <algorithm>
#include <cmath>

#include "attend/core/error.h"
#include "attend/ops/select.h"
#include "attend/ops/softmax.h"
#include "task/searches.h"

namespace attend {
namespace {

StepScores copy_of(MatrixView<const float> rows) {
  StepScores scores{.rows = rows.rows, .values = {}};
  scores.values.reserve(static_cast<std::size_t>(rows.rows * rows.cols));
  for (Index i = 0; i < rows.rows; ++i) {
    const auto row = rows.row(i);
    scores.values.insert(scores.values.end(), row.begin(), row.end());
  }
  return scores;
}

}  // namespace

Search::Search(const SearchSetup& setup, Index rows)
    : setup_(setup),
      prompt_(setup.prompt.begin(), setup.prompt.end()),
      parents_(static_cast<std::size_t>(rows)),
      tokens_(static_cast<std::size_t>(rows)) {
  setup_.prompt = prompt_;
}

void Search::process(std::span<float> logits, std::span<const TokenId> ids,
                     const SearchInput& input, Index row, std::span<const TokenId> chosen) {
  const Index twins = input.unconditional.rows;
  setup_.processors->apply(
      {.logits = logits,
       .ids = ids,
       .prompt = setup_.prompt_number,
       .unconditional =
           twins > 0 ? input.unconditional.row(std::min(row, twins - 1)) : std::span<float>(),
       .chosen = chosen},
      memory().logits);
}

void Search::record(MatrixView<const float> rows, std::vector<StepScores>& to) {
  const auto bytes = static_cast<std::uint64_t>(rows.rows * rows.cols) * sizeof(float);
  if (bytes > memory().output_bytes) {
    fail(ErrorKind::resource_limit,
         {.where = "generate",
          .what = "output_scores and output_logits",
          .expected = "no more bytes of them than there is room for",
          .found = "more",
          .file = {},
          .hint = "GenerationOptions::max_output_bytes; fewer new tokens, beams or prompts in a "
                  "call have fewer"});
  }
  memory().output_bytes -= bytes;
  to.push_back(copy_of(rows));
}

void Search::record_logits(const SearchInput& input) {
  if (config().output_logits.value_or(false)) record(input.logits, logits_);
}

void Search::record_scores(MatrixView<const float> scores) {
  if (config().output_scores.value_or(false)) record(scores, scores_);
}

void Search::check_score(float score) {
  if (std::isfinite(score)) return;
  fail(ErrorKind::weight_value,
       {.where = "generate",
        .what = "scores of beams",
        .expected = "a finite best one",
        .found = std::isnan(score) ? "NaN" : (score > 0 ? "infinity" : "-infinity"),
        .hint = "remove_invalid_values makes zeros of NaN; what forbids tokens must leave one, and "
                "length_penalty a number"});
}

void Search::check_best(float logit) {
  if (!std::isnan(logit)) return;
  fail(ErrorKind::weight_value, {.where = "generate",
                                 .what = "logits",
                                 .expected = "numbers",
                                 .found = "NaN",
                                 .file = {},
                                 .hint = "remove_invalid_values makes zeros of them"});
}

TokenSearch::TokenSearch(const SearchSetup& setup) : Search(setup, 1) { text_.ids = prompt_; }

TokenId TokenSearch::choose(std::span<float> logits) {
  if (config().do_sample.value_or(false)) {
    ops::softmax(logits);
    return static_cast<TokenId>(draw(logits, setup_.random));
  }
  const Index best = ops::argmax(logits);
  check_best(logits[static_cast<std::size_t>(best)]);
  return static_cast<TokenId>(best);
}

void TokenSearch::step(const SearchInput& input) {
  record_logits(input);
  const auto logits = input.logits.row(0);
  process(logits, text_.ids, input, 0);
  record_scores(input.logits);
  tokens_[0] = choose(logits);
  text_.ids.push_back(tokens_[0]);
  if (const auto reason = setup_.stopping->check(text_.ids)) {
    text_.reason = *reason;
    finished_ = true;
  }
}

std::vector<GeneratedSequence> TokenSearch::sequences() const { return {text_}; }

std::unique_ptr<Search> make_search(const SearchSetup& setup) {
  switch (generation_mode(setup.processors->config())) {
    case GenerationMode::greedy_search:
    case GenerationMode::sample:
    case GenerationMode::assisted_generation: return std::make_unique<TokenSearch>(setup);
    case GenerationMode::beam_search:
    case GenerationMode::beam_sample: return std::make_unique<BeamSearch>(setup);
    case GenerationMode::group_beam_search: return std::make_unique<GroupBeamSearch>(setup);
    case GenerationMode::contrastive_search: return std::make_unique<ContrastiveSearch>(setup);
  }
  return nullptr;
}

TokenId fill_token(const GenerationConfig& config) {
  const TokenId pad = config.pad_token_id.value_or(-1);
  const GenerationMode mode = generation_mode(config);
  if (mode != GenerationMode::beam_search && mode != GenerationMode::beam_sample) return pad;
  if (!config.eos_token_id) return -1;
  return pad == 0 ? config.eos_token_id->front() : pad;
}

std::vector<std::vector<TokenId>> padded(std::span<const GeneratedSequence> sequences,
                                         TokenId fill) {
  std::size_t longest = 0;
  for (const auto& sequence : sequences) longest = std::max(longest, sequence.ids.size());
  std::vector<std::vector<TokenId>> rows;
  for (const auto& sequence : sequences) {
    rows.push_back(sequence.ids);
    rows.back().resize(longest, fill);
  }
  return rows;
}

std::vector<float> transition_scores(const GeneratedSequence& sequence, Index prompt_length,
                                     std::span<const StepScores> scores) {
  std::vector<float> values;
  const auto begin = static_cast<std::size_t>(prompt_length);
  for (std::size_t i = 0; begin + i < sequence.ids.size() && i < scores.size(); ++i) {
    const StepScores& step = scores[i];
    if (step.rows == 0) break;  // one that nothing was recorded in
    const std::size_t vocabulary = step.values.size() / static_cast<std::size_t>(step.rows);
    const Index row = i < sequence.beam_indices.size() ? sequence.beam_indices[i] : 0;
    const auto token = static_cast<std::size_t>(sequence.ids[begin + i]);
    values.push_back(step.values[static_cast<std::size_t>(row) * vocabulary + token]);
  }
  return values;
}

}  // namespace attend
