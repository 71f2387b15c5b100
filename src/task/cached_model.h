// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A decoder with its cache as generation sees it: rows that grow, multiply and vanish.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/core/workspace.h"
#include "attend/model/model.h"
#include "attend/task/generation.h"
#include "task/state_recorder.h"

namespace attend {

struct CachedModelOptions {
  enum class LastHidden : bool { dropped, kept } last_hidden = LastHidden::dropped;
  StateRecorder::Wanted states = {};
  std::uint64_t max_cache_bytes = std::numeric_limits<std::uint64_t>::max();
};

/// Each row of a step is a sequence of the cache. Long steps run in parts of `part_tokens` tokens,
/// which changes no bit of what comes out; where rotary frequencies depend on the length of a text,
/// no row is cut. Once that is grown, nothing is allocated, unless states are asked for.
class CachedModel final : public LanguageModel {
 public:
  /// `prompts` are those of the generation, whose encoder_ids an encoder reads. All outlive it.
  CachedModel(const Model& model, std::span<const GenerationPrompt> prompts, Workspace& workspace,
              const CachedModelOptions& options = {});

  [[nodiscard]] Index vocabulary() const override;
  /// Throws: as Model::encode(), Model::step() and Model::logits(); resource_limit.
  [[nodiscard]] MatrixView<float> step(std::span<const RowStep> rows) override;
  [[nodiscard]] MatrixView<const float> hidden() const override { return hidden_; }
  [[nodiscard]] std::vector<RowStates> take_states() override { return std::move(states_); }
  [[nodiscard]] RowStates take_encoder_states() override { return std::move(encoder_states_); }
  void drop_states() override { recorder_.drop_text(); }

  [[nodiscard]] const KvCache& cache() const noexcept { return cache_; }

 private:
  static constexpr Index part_tokens = 1024;

  /// A row, or a part of one that is read under other frequencies than the rest.
  struct Piece {
    std::size_t row = 0;
    std::span<const TokenId> tokens;
    Index own = 0;     ///< the last ones, which the step gave
    Index wanted = 0;  ///< logits
    bool anew = false;
  };
  // A piece on its way: tokens that are done.
  struct Progress {
    std::size_t piece = 0;
    Index done = 0;
  };

  [[nodiscard]] KvCache make_cache() const;
  void begin_anew();
  void inherit(std::span<const RowStep> rows);
  [[nodiscard]] Index fork(Index sequence);
  [[nodiscard]] std::vector<TokenId>& text_of(Index sequence);
  void keep_texts(std::span<const RowStep> rows);
  void add_texts(std::span<const RowStep> rows);
  void encode(std::span<const RowStep> rows, std::span<const Index> first_rows);
  void cut(std::span<const RowStep> rows);
  void next_part(Progress& at);
  [[nodiscard]] MatrixView<float> states_of_part();
  void step_at_once();
  void run_part();

  const Model& model_;
  std::span<const GenerationPrompt> prompts_;
  Workspace& workspace_;
  bool keeps_hidden_;
  bool cuts_rows_;
  Index anew_behind_ = 0;  // texts that grow beyond so many tokens are read anew; 0: never
  StateRecorder recorder_;
  std::uint64_t max_cache_bytes_;
  KvCache cache_;
  bool is_whole_ = true;                     // no step has failed half way
  std::vector<Index> sequences_;             // of the rows of the last step; -1: it was not reached
  std::vector<Index> next_;                  // of this one's
  std::vector<bool> has_heir_;               // sequences that some row goes on with
  std::vector<Index> first_rows_;            // of new texts
  std::vector<std::vector<TokenId>> texts_;  // of the sequences, where some may be read anew
  std::vector<Piece> pieces_;

  std::optional<Workspace::Scope> results_;
  MatrixView<float> logits_;
  MatrixView<float> hidden_;
  Index logits_done_ = 0;
  Index hidden_done_ = 0;
  std::vector<RowStates> states_;
  RowStates encoder_states_;

  // A part of a step.
  Batch batch_;
  std::vector<Index> part_sequences_;
  std::vector<Index> wanted_;            // rows of the part
  std::vector<Index> own_;               // of the part, that the step gave
  std::vector<RowStates*> part_states_;  // one a sequence
};

}  // namespace attend
