// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A decoder with its cache as generation sees it: rows that grow, multiply and vanish.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/core/workspace.h"
#include "attend/model/model.h"
#include "attend/task/generation.h"

namespace attend {

/// Each row of a step is a sequence of the cache. Long steps run in parts of `part_tokens` tokens,
/// which changes no bit of what comes out. Once that is grown, nothing is allocated.
class CachedModel final : public LanguageModel {
 public:
  enum class Hidden : bool { dropped, kept };

  /// `prompts` are those of the generation, whose encoder_ids an encoder reads. All outlive it.
  CachedModel(const Model& model, std::span<const GenerationPrompt> prompts, Workspace& workspace,
              Hidden hidden = Hidden::dropped);

  [[nodiscard]] Index vocabulary() const override;
  /// Throws: as Model::encode(), Model::step() and Model::logits().
  [[nodiscard]] MatrixView<float> step(std::span<const RowStep> rows) override;
  [[nodiscard]] MatrixView<const float> hidden() const override { return hidden_; }

  [[nodiscard]] const KvCache& cache() const noexcept { return cache_; }

 private:
  static constexpr Index part_tokens = 1024;

  // A row on its way: tokens that are done, of its step.
  struct Progress {
    Index row = 0;
    Index done = 0;
  };

  void inherit(std::span<const RowStep> rows);
  void add_texts(std::span<const RowStep> rows);
  void encode(std::span<const RowStep> rows, std::span<const Index> first_rows);
  void next_part(std::span<const RowStep> rows, Progress& at);
  void step_at_once(std::span<const RowStep> rows);
  void run_part();

  const Model& model_;
  std::span<const GenerationPrompt> prompts_;
  Workspace& workspace_;
  Hidden keeps_hidden_;
  KvCache cache_;
  std::vector<Index> sequences_;   // of the rows of the last step
  std::vector<Index> next_;        // of this one's
  std::vector<bool> has_heir_;     // sequences that some row goes on with
  std::vector<Index> first_rows_;  // of new texts

  std::optional<Workspace::Scope> results_;
  MatrixView<float> logits_;
  MatrixView<float> hidden_;
  Index logits_done_ = 0;
  Index hidden_done_ = 0;

  // A part of a step.
  Batch batch_;
  std::vector<Index> part_sequences_;
  std::vector<Index> wanted_;  // rows of the part
};

}  // namespace attend
