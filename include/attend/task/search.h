// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The searches as state machines without a model: logits in, the next tokens and the rows that they
// continue out. One object is the search of one prompt; those of a batch do not know each other.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/task/logits_processors.h"
#include "attend/task/random.h"
#include "attend/task/stopping.h"

namespace attend {

/// One text that a search found.
struct GeneratedSequence {
  std::vector<TokenId> ids;  ///< the prompt and what follows it
  /// Beams: the sum of log-probabilities / (new tokens ^ length_penalty); else 0.
  double score = 0;
  /// Beams: the row whose logits each new token came from.
  std::vector<Index> beam_indices;
  FinishReason reason = FinishReason::max_length;
};

/// Logits of all rows of a step, on request.
struct StepScores {
  Index rows = 0;
  std::vector<float> values;  // [rows, v]
};

/// Memory of a step, used again by the next; searches that run in turns share one.
struct SearchMemory {
  LogitsScratch logits;
  std::vector<float> values;   // [rows, v]
  std::vector<float> weights;  // the same for draws
  std::vector<Index> order;
  DistinctDraw draw;
  std::vector<float> ranks;  // of candidates
  /// Bytes that are left for output_scores and output_logits.
  std::uint64_t output_bytes = std::numeric_limits<std::uint64_t>::max();
};

/// What a search needs besides logits.
struct SearchSetup {
  std::span<const TokenId> prompt;               ///< at least one token
  Index prompt_number = 0;                       ///< for callbacks
  const LogitsProcessors* processors = nullptr;  ///< not null; must outlive the search
  StoppingCriteria* stopping = nullptr;          ///< the same
  SearchMemory* memory = nullptr;                ///< the same
  Random random{0};
};

/// What a model gave for the rows of a step.
struct SearchInput {
  MatrixView<float>
      logits;  ///< [rows, v]; changed. Before the first step one row may stand for all
  /// Guidance: [rows, v], logits of the same texts without the prompt; changed.
  MatrixView<float> unconditional = {};
  /// Contrastive search: [rows, m], the last hidden states; first those of the whole prompt.
  MatrixView<const float> hidden = {};
};

class ATTEND_EXPORT Search {
 public:
  virtual ~Search() = default;
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  /// Chooses. Throws: config_error and weight_value of the processors and of draws.
  virtual void step(const SearchInput& input) = 0;

  [[nodiscard]] bool finished() const noexcept { return finished_; }
  /// Rows whose logits step() wants: before the first step of the prompt itself, then for each row
  /// of parents() that row followed by its token.
  [[nodiscard]] Index rows() const noexcept { return static_cast<Index>(tokens_.size()); }
  [[nodiscard]] std::span<const Index> parents() const noexcept { return parents_; }
  [[nodiscard]] std::span<const TokenId> tokens() const noexcept { return tokens_; }

  /// The text so far of a search that has one; empty for beams.
  [[nodiscard]] virtual std::span<const TokenId> text() const noexcept { return {}; }

  /// Best first: num_return_sequences for beams, else one. Requires: at least one step.
  /// Throws: weight_value where the best of beams has no finite score.
  [[nodiscard]] virtual std::vector<GeneratedSequence> sequences() const = 0;

  /// output_scores and output_logits: one entry a step.
  [[nodiscard]] const std::vector<StepScores>& scores() const noexcept { return scores_; }
  [[nodiscard]] const std::vector<StepScores>& logits() const noexcept { return logits_; }
  /// The same, given away.
  [[nodiscard]] std::vector<StepScores> take_scores() noexcept { return std::move(scores_); }
  [[nodiscard]] std::vector<StepScores> take_logits() noexcept { return std::move(logits_); }

 protected:
  Search(const SearchSetup& setup, Index rows);

  [[nodiscard]] const GenerationConfig& config() const noexcept {
    return setup_.processors->config();
  }
  /// Runs the processors over one row's logits.
  void process(std::span<float> logits, std::span<const TokenId> ids, const SearchInput& input,
               Index row, std::span<const TokenId> chosen = {});
  /// Of the largest of all choices: NaN counts as larger than numbers. Throws: weight_value for
  /// NaN, of beams for infinities, too.
  static void check_best(float logit);
  static void check_score(float score);
  /// On request. Throws: resource_limit.
  void record_logits(const SearchInput& input);
  void record_scores(MatrixView<const float> scores);
  void record(MatrixView<const float> rows, std::vector<StepScores>& to);

  [[nodiscard]] SearchMemory& memory() const noexcept { return *setup_.memory; }

  SearchSetup setup_;
  std::vector<TokenId> prompt_;
  std::vector<Index> parents_;
  std::vector<TokenId> tokens_;
  std::vector<StepScores> scores_;
  std::vector<StepScores> logits_;
  bool finished_ = false;
};

/// The search of the config's generation_mode(); greedy_search and sample for assisted_generation.
[[nodiscard]] ATTEND_EXPORT std::unique_ptr<Search> make_search(const SearchSetup& setup);

/// What fills sequences up to the length of the longest: pad_token_id, or the end of text for
/// beams with pad_token_id 0, as in the reference; -1 where there is neither.
[[nodiscard]] ATTEND_EXPORT TokenId fill_token(const GenerationConfig& config);

/// Shapes: [sequences, ids of the longest].
[[nodiscard]] ATTEND_EXPORT std::vector<std::vector<TokenId>> padded(
    std::span<const GeneratedSequence> sequences, TokenId fill);

/// The sum of chosen tokens' scores needs them one by one: for each new token of a sequence its
/// value in scores (or logits), of beams in the row that its beam_indices name.
/// Source: compute_transition_scores() of transformers, without its padding.
[[nodiscard]] ATTEND_EXPORT std::vector<float> transition_scores(
    const GeneratedSequence& sequence, Index prompt_length, std::span<const StepScores> scores);

}  // namespace attend
