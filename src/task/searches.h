// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The searches, one class a generation mode.
// Source: transformers 4.57 generation/utils.py (_sample, _beam_search); group beams and
// contrastive search, which 4.57 fetches as code from elsewhere, as they were in 4.55
// (_group_beam_search, _contrastive_search, beam_search.py).
#pragma once

#include <optional>
#include <vector>

#include "attend/task/search.h"

namespace attend {

/// One text; the likeliest token, or one that is drawn.
class TokenSearch final : public Search {
 public:
  explicit TokenSearch(const SearchSetup& setup);
  void step(const SearchInput& input) override;
  [[nodiscard]] std::span<const TokenId> text() const noexcept override { return text_.ids; }
  [[nodiscard]] std::vector<GeneratedSequence> sequences() const override;

 private:
  [[nodiscard]] TokenId choose(std::span<float> logits);

  GeneratedSequence text_;
};

/// A text that a beam search is at.
struct Beam {
  std::vector<TokenId> ids;
  std::vector<Index> rows;
  float score = 0;  // log-probability; of finished ones by their length
  bool is_finished = false;
  FinishReason reason = FinishReason::max_length;
};

/// Beams, with `rows` texts at a time, whose candidates are the best or are drawn.
class BeamSearch final : public Search {
 public:
  explicit BeamSearch(const SearchSetup& setup);
  void step(const SearchInput& input) override;
  [[nodiscard]] std::vector<GeneratedSequence> sequences() const override;

 private:
  struct Candidate {
    std::size_t beam = 0;
    TokenId token = 0;
    float score = 0;
    std::optional<FinishReason> reason = {};
  };

  void score_rows(const SearchInput& input);
  void find_candidates(Index vocabulary);
  void finish_candidates();
  void continue_candidates();
  void update_state();
  void continue_beam(const Candidate& candidate, Beam& out) const;
  [[nodiscard]] double length_factor(std::size_t length) const;

  std::vector<Beam> running_;
  std::vector<Beam> finished_beams_;  // best first; at first without text
  std::vector<Beam> next_;            // the memory of the next ones of each
  std::vector<Beam> next_finished_;
  std::vector<Candidate> candidates_;
  bool may_improve_ = true;
};

/// Groups of beams, each of which avoids what those before it choose in the same step.
/// Source: Vijayakumar et al. 2016, "Diverse Beam Search".
class GroupBeamSearch final : public Search {
 public:
  explicit GroupBeamSearch(const SearchSetup& setup);
  void step(const SearchInput& input) override;
  [[nodiscard]] std::vector<GeneratedSequence> sequences() const override;

 private:
  struct Finished {
    Beam beam;
    double score = 0;
  };
  struct Group {
    std::vector<Beam> running;
    std::vector<Finished> finished;
    double worst = 1e9;
    bool is_done = false;
  };

  void step_group(std::size_t number, const SearchInput& input);
  void choose(std::size_t number, Index vocabulary);
  void rest(std::size_t number, Index vocabulary);
  void add(Group& group, Beam beam) const;
  [[nodiscard]] bool is_done(const Group& group, double best) const;
  void update_state();
  [[nodiscard]] std::size_t new_tokens(const Beam& beam) const;

  std::size_t group_size_;
  std::vector<Group> groups_;
  std::vector<Beam> next_;  // the memory of a group's next ones
};

/// The likeliest tokens are tried, and that is taken which is likely and unlike all before it.
/// Source: Su et al. 2022, "A contrastive framework for neural text generation".
class ContrastiveSearch final : public Search {
 public:
  explicit ContrastiveSearch(const SearchSetup& setup);
  void step(const SearchInput& input) override;
  [[nodiscard]] std::span<const TokenId> text() const noexcept override { return text_.ids; }
  [[nodiscard]] std::vector<GeneratedSequence> sequences() const override;

 private:
  void remember(std::span<const float> hidden);
  [[nodiscard]] std::size_t select(MatrixView<const float> hidden) const;
  void propose(const SearchInput& input, Index row);

  GeneratedSequence text_;
  std::vector<float> context_;        // [tokens, m], each of length 1
  std::vector<float> probabilities_;  // of the candidates
  std::vector<TokenId> candidates_;
};

}  // namespace attend
