// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Beam search and beam sampling. Sums and -1e9 for what does not count are in single precision, as
// in the reference, so that what ties there ties here.
#include <algorithm>
#include <cmath>
#include <utility>

#include "attend/ops/select.h"
#include "attend/ops/softmax.h"
#include "core/infinity.h"
#include "task/searches.h"

namespace attend {
namespace {

constexpr float excluded = -1e9F;

}  // namespace

BeamSearch::BeamSearch(const SearchSetup& setup)
    : Search(setup, setup.processors->config().num_beams.value_or(1)) {
  for (auto* const beams : {&running_, &finished_beams_, &next_, &next_finished_}) {
    beams->resize(tokens_.size());
  }
  for (std::size_t i = 0; i < running_.size(); ++i) {
    running_[i].ids = prompt_;
    running_[i].score = i == 0 ? 0 : excluded;  // all are the same text at first
    finished_beams_[i].ids = prompt_;
    finished_beams_[i].score = excluded;
  }
}

void BeamSearch::step(const SearchInput& input) {
  record_logits(input);
  score_rows(input);
  find_candidates(input.logits.cols);
  finish_candidates();
  continue_candidates();
  update_state();
}

// memory().values: log-probabilities of every continuation of every beam.
void BeamSearch::score_rows(const SearchInput& input) {
  const auto vocabulary = static_cast<std::size_t>(input.logits.cols);
  auto& values = memory().values;
  values.resize(running_.size() * vocabulary);
  for (std::size_t i = 0; i < running_.size(); ++i) {
    const auto source = input.logits.row(std::min(static_cast<Index>(i), input.logits.rows - 1));
    const auto row = std::span(values).subspan(i * vocabulary, vocabulary);
    std::copy(source.begin(), source.end(), row.begin());
    log_softmax(row, memory().logits);
    process(row, running_[i].ids, input, static_cast<Index>(i));
  }
  record_scores({values.data(), rows(), input.logits.cols});
  for (std::size_t i = 0; i < running_.size(); ++i) {
    const auto row = std::span(values).subspan(i * vocabulary, vocabulary);
    for (float& x : row) x += running_[i].score;
  }
}

// More than there are beams, so that enough are left when the others end.
void BeamSearch::find_candidates(Index vocabulary) {
  auto& step = memory();
  const auto& eos = config().eos_token_id;
  const Index share = std::max<Index>(2, 1 + (eos ? static_cast<Index>(eos->size()) : 0));
  const Index count = std::min(share * rows(), static_cast<Index>(step.values.size()));
  const std::vector<Index>* chosen = &step.order;
  if (config().do_sample.value_or(false)) {
    step.weights = step.values;
    ops::softmax(step.weights);
    draw_distinct(step.weights, count, setup_.random, step.draw);
    chosen = &step.draw.drawn;
  } else {
    ops::top_k(step.values, count, step.order);
    check_score(step.values[static_cast<std::size_t>(step.order.front())]);
  }
  candidates_.clear();
  for (const Index index : *chosen) {
    Candidate candidate{.beam = static_cast<std::size_t>(index / vocabulary),
                        .token = static_cast<TokenId>(index % vocabulary),
                        .score = step.values[static_cast<std::size_t>(index)]};
    auto& ids = running_[candidate.beam].ids;
    ids.push_back(candidate.token);
    candidate.reason = setup_.stopping->check(ids);
    ids.pop_back();
    candidates_.push_back(candidate);
  }
}

// In the memory of a beam that is gone: steps allocate nothing but what texts grow by.
void BeamSearch::continue_beam(const Candidate& candidate, Beam& out) const {
  const Beam& beam = running_[candidate.beam];
  out.ids.assign(beam.ids.begin(), beam.ids.end());
  out.ids.push_back(candidate.token);
  out.rows.assign(beam.rows.begin(), beam.rows.end());
  out.rows.push_back(static_cast<Index>(candidate.beam));
  out.score = candidate.score;
}

double BeamSearch::length_factor(std::size_t length) const {
  return std::pow(static_cast<double>(length - prompt_.size()),
                  config().length_penalty.value_or(1));
}

// The best of what was finished before and what is now. Only candidates among the first as many as
// there are beams may finish; the others are there to go on.
void BeamSearch::finish_candidates() {
  const bool is_full = config().early_stopping == EarlyStopping::yes &&
                       std::all_of(finished_beams_.begin(), finished_beams_.end(),
                                   [](const Beam& beam) { return beam.is_finished; });
  const auto factor = static_cast<float>(length_factor(running_[0].ids.size() + 1));
  const std::size_t known = finished_beams_.size();
  const auto finishes = [&](std::size_t c) { return c < running_.size() && candidates_[c].reason; };
  const auto score_of = [&](std::size_t c) {
    float score = candidates_[c].score / factor;
    if (is_full) score += excluded;
    if (!may_improve_) score += excluded;
    return finishes(c) ? score : score + excluded;
  };
  // Of equal ones, which such sums often are, those that are finished come first.
  const auto rank = [](float score, bool is_finished) {
    return is_finished ? score : std::nextafter(score, -infinity);
  };
  auto& ranks = memory().ranks;
  ranks.clear();
  for (const Beam& beam : finished_beams_) ranks.push_back(rank(beam.score, beam.is_finished));
  for (std::size_t c = 0; c < candidates_.size(); ++c) {
    ranks.push_back(rank(score_of(c), finishes(c)));
  }
  auto& order = memory().order;
  ops::top_k(ranks, rows(), order);
  for (std::size_t place = 0; place < order.size(); ++place) {
    const auto i = static_cast<std::size_t>(order[place]);
    Beam& beam = next_finished_[place];
    if (i < known) {
      std::swap(beam, finished_beams_[i]);
      continue;
    }
    const Candidate& candidate = candidates_[i - known];
    continue_beam(candidate, beam);
    beam.score = score_of(i - known);
    beam.is_finished = finishes(i - known);
    beam.reason = candidate.reason.value_or(FinishReason::max_length);
  }
  finished_beams_.swap(next_finished_);
}

void BeamSearch::continue_candidates() {
  auto& scores = memory().ranks;
  scores.clear();
  for (Candidate& candidate : candidates_) {
    if (candidate.reason) candidate.score += excluded;
    scores.push_back(candidate.score);
  }
  auto& order = memory().order;
  ops::top_k(scores, rows(), order);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Candidate& candidate = candidates_[static_cast<std::size_t>(order[i])];
    parents_[i] = static_cast<Index>(candidate.beam);
    tokens_[i] = candidate.token;
    continue_beam(candidate, next_[i]);
  }
  running_.swap(next_);
}

void BeamSearch::update_state() {
  const bool to_the_end =
      config().early_stopping == EarlyStopping::never && config().length_penalty.value_or(1) > 0;
  const std::size_t length = to_the_end ? static_cast<std::size_t>(config().max_length.value_or(0))
                                        : running_[0].ids.size();
  const float best = running_[0].score / static_cast<float>(length_factor(length));
  float worst = finished_beams_[0].score;
  bool all_finished = true;
  for (const Beam& beam : finished_beams_) {
    worst = std::min(worst, beam.score);
    all_finished = all_finished && beam.is_finished;
  }
  may_improve_ = may_improve_ && best > (all_finished ? worst : excluded);
  const bool is_full = all_finished && config().early_stopping == EarlyStopping::yes;
  const bool none_goes_on = std::all_of(candidates_.begin(), candidates_.end(),
                                        [](const Candidate& c) { return c.reason.has_value(); });
  finished_ = !may_improve_ || is_full || none_goes_on;
}

std::vector<GeneratedSequence> BeamSearch::sequences() const {
  const Beam& best = finished_beams_.front();
  check_score(best.is_finished ? best.score : -infinity);
  std::vector<GeneratedSequence> out;
  const auto count = static_cast<std::size_t>(config().num_return_sequences.value_or(1));
  for (std::size_t i = 0; i < count; ++i) {
    const Beam& beam = finished_beams_[i];
    out.push_back({beam.ids, static_cast<double>(beam.score), beam.rows, beam.reason});
  }
  return out;
}

}  // namespace attend
