// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Diverse beam search. Unlike beam search, finished texts are kept by group and without their last
// token, and only ends of text, not other criteria, finish one beam.
#include <algorithm>
#include <cmath>

#include "attend/core/error.h"
#include "attend/ops/select.h"
#include "task/searches.h"

namespace attend {

GroupBeamSearch::GroupBeamSearch(const SearchSetup& setup)
    : Search(setup, setup.processors->config().num_beams.value_or(1)) {
  const auto groups = static_cast<std::size_t>(config().num_beam_groups.value_or(1));
  group_size_ = tokens_.size() / groups;
  groups_.resize(groups);
  next_.resize(group_size_);
  for (Group& group : groups_) {
    group.running.resize(group_size_);
    for (std::size_t i = 0; i < group_size_; ++i) {
      group.running[i].ids = prompt_;
      group.running[i].score = i == 0 ? 0 : -1e9F;
    }
  }
}

std::size_t GroupBeamSearch::new_tokens(const Beam& beam) const {
  return beam.ids.size() - prompt_.size();
}

void GroupBeamSearch::step(const SearchInput& input) {
  record_logits(input);
  auto& all = memory().weights;  // [rows, v], for output_scores
  all.resize(static_cast<std::size_t>(rows() * input.logits.cols));
  for (std::size_t number = 0; number < groups_.size(); ++number) step_group(number, input);
  record_scores({all.data(), rows(), input.logits.cols});
  update_state();
}

void GroupBeamSearch::step_group(std::size_t number, const SearchInput& input) {
  Group& group = groups_[number];
  const auto vocabulary = static_cast<std::size_t>(input.logits.cols);
  const std::size_t first = number * group_size_;
  const auto chosen = std::span<const TokenId>(tokens_).first(first);
  auto& values = memory().values;  // of the group
  values.resize(group_size_ * vocabulary);
  for (std::size_t i = 0; i < group_size_; ++i) {
    const auto row_number = static_cast<Index>(first + i);
    const auto source = input.logits.row(std::min(row_number, input.logits.rows - 1));
    const auto row = std::span(values).subspan(i * vocabulary, vocabulary);
    std::copy(source.begin(), source.end(), row.begin());
    log_softmax(row, memory().logits);
    process(row, group.running[i].ids, input, row_number, chosen);
    std::copy(row.begin(), row.end(),
              memory().weights.begin() + static_cast<std::ptrdiff_t>((first + i) * vocabulary));
    for (float& x : row) x += group.running[i].score;
  }
  if (group.is_done) {
    rest(number, input.logits.cols);
  } else {
    choose(number, input.logits.cols);
  }
}

// A group that is done goes on with padding, which those behind it avoid, too.
void GroupBeamSearch::rest(std::size_t number, Index vocabulary) {
  Group& group = groups_[number];
  TokenId padding = config().pad_token_id.value_or(0);
  if (padding < 0 || padding >= vocabulary) padding = 0;  // the -1 of some checkpoints
  const std::size_t first = number * group_size_;
  group.running[0].score = 0;
  group.running[0].ids.push_back(padding);
  for (std::size_t i = 0; i < group_size_; ++i) {
    group.running[i] = group.running[0];
    parents_[first + i] = static_cast<Index>(first);
    tokens_[first + i] = padding;
  }
}

void GroupBeamSearch::choose(std::size_t number, Index vocabulary) {
  Group& group = groups_[number];
  const std::size_t first = number * group_size_;
  const auto eos = config().eos_token_id ? std::span<const TokenId>(*config().eos_token_id)
                                         : std::span<const TokenId>();
  const auto& values = memory().values;
  auto& order = memory().order;
  const Index share = std::max<Index>(2, 1 + static_cast<Index>(eos.size()));
  ops::top_k(values, share * static_cast<Index>(group_size_), order);
  check_score(values[static_cast<std::size_t>(order.front())]);
  std::size_t found = 0;
  for (std::size_t rank = 0; rank < order.size() && found < group_size_; ++rank) {
    const Index index = order[rank];
    const auto parent = static_cast<std::size_t>(index / vocabulary);
    const auto token = static_cast<TokenId>(index % vocabulary);
    Beam& beam = next_[found];  // in the memory of one that is gone
    beam = group.running[parent];
    beam.score = values[static_cast<std::size_t>(index)];
    beam.rows.push_back(static_cast<Index>(first + parent));
    beam.ids.push_back(token);
    if (std::find(eos.begin(), eos.end(), token) == eos.end()) {
      parents_[first + found] = static_cast<Index>(first + parent);
      tokens_[first + found] = token;
      ++found;
    } else if (rank < group_size_) {
      beam.ids.back() = eos.front();  // whatever end it was
      beam.reason = FinishReason::eos;
      add(group, beam);
    }
  }
  if (found < group_size_) {
    fail(ErrorKind::config_error, {.where = "generate",
                                   .what = "eos_token_id",
                                   .expected = "tokens that do not end a text, for every beam",
                                   .found = "too few",
                                   .file = {},
                                   .hint = {}});
  }
  group.running.swap(next_);
  group.is_done = is_done(group, static_cast<double>(values[static_cast<std::size_t>(order[0])]));
}

void GroupBeamSearch::add(Group& group, Beam beam) const {
  const double factor =
      std::pow(static_cast<double>(new_tokens(beam)), config().length_penalty.value_or(1));
  const double score = static_cast<double>(beam.score) / factor;
  if (group.finished.size() >= group_size_ && !(score > group.worst)) return;
  group.finished.push_back({std::move(beam), score});
  if (group.finished.size() <= group_size_) {
    group.worst = std::min(group.worst, score);
    return;
  }
  const auto lower = [](const Finished& a, const Finished& b) { return a.score < b.score; };
  group.finished.erase(std::min_element(group.finished.begin(), group.finished.end(), lower));
  group.worst = std::min_element(group.finished.begin(), group.finished.end(), lower)->score;
}

bool GroupBeamSearch::is_done(const Group& group, double best) const {
  if (group.finished.size() < group_size_) return false;
  const double penalty = config().length_penalty.value_or(1);
  std::size_t length = new_tokens(group.running[0]);
  switch (config().early_stopping.value_or(EarlyStopping::no)) {
    case EarlyStopping::yes: return true;
    case EarlyStopping::no: break;
    case EarlyStopping::never:
      if (penalty > 0) {
        length = static_cast<std::size_t>(config().max_length.value_or(0)) - prompt_.size();
      }
      break;
  }
  return group.worst >= best / std::pow(static_cast<double>(length), penalty);
}

// Over when all groups are done, or a criterion holds for every row.
void GroupBeamSearch::update_state() {
  bool all_done = true;
  bool all_stop = true;
  for (Group& group : groups_) {
    all_done = all_done && group.is_done;
    for (Beam& beam : group.running) {
      const auto reason = setup_.stopping->check(beam.ids);
      all_stop = all_stop && reason;
      beam.reason = reason.value_or(FinishReason::max_length);
    }
  }
  finished_ = all_done || all_stop;
}

std::vector<GeneratedSequence> GroupBeamSearch::sequences() const {
  const auto max_length = static_cast<std::size_t>(config().max_length.value_or(0));
  std::vector<Finished> all;
  for (Group group : groups_) {
    if (!group.is_done) {
      for (const Beam& running : group.running) add(group, running);
    }
    all.insert(all.end(), group.finished.begin(), group.finished.end());
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Finished& a, const Finished& b) { return a.score < b.score; });
  std::vector<GeneratedSequence> out;
  const auto count = static_cast<std::size_t>(config().num_return_sequences.value_or(1));
  while (out.size() < count && !all.empty()) {
    auto& [beam, score] = all.back();
    if (out.empty()) check_score(static_cast<float>(score));
    // The reference ends what another criterion stopped with an end of text.
    const bool is_cut = beam.reason != FinishReason::eos && beam.ids.size() < max_length;
    if (is_cut && config().eos_token_id) beam.ids.push_back(config().eos_token_id->front());
    out.push_back({std::move(beam.ids), score, std::move(beam.rows), beam.reason});
    all.pop_back();
  }
  return out;
}

}  // namespace attend
