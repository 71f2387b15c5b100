// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A small model that guesses for a large one, which checks several tokens in one step.
#pragma once

#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/workspace.h"
#include "attend/model/model.h"

namespace attend {

/// Guesses by greedy search, for GenerationOptions::guess: both models have one vocabulary.
///
///   DraftModel draft(small);
///   options.guess = [&](Index, std::span<const TokenId> ids, std::vector<TokenId>& guess) {
///     draft.guess(ids, guess);
///   };
///
/// Threads: one thread at a time.
/// Source: Leviathan et al. 2022, "Fast inference from transformers via speculative decoding";
/// assistant_model of transformers, whose texts are these, too: guesses that the large model would
/// not have chosen itself are dropped, so that none changes a text.
class ATTEND_EXPORT DraftModel {
 public:
  /// `tokens` are guessed at a time. Keys and values of `texts` texts are kept, which share what
  /// they begin with: of more that ask in turn each is read as a whole for every guess, so that
  /// there should be no more in the making, RunOptions::batch_size times num_return_sequences.
  /// `model` must outlive this. Throws: config_error (tokens or texts < 1), unsupported (a model
  /// that is no decoder, has an encoder, or no head of the vocabulary).
  explicit DraftModel(const Model& model, Index tokens = 5, Index texts = 32,
                      ThreadPool& pool = default_pool());

  /// What may follow a text: fewer tokens, or none, where the model's positions end, and none where
  /// the text has a token that the model does not know. Throws: as Model::step().
  void guess(std::span<const TokenId> ids, std::vector<TokenId>& guess);

  [[nodiscard]] const KvCache& cache() const noexcept { return cache_; }

 private:
  struct Text {
    Index sequence = 0;
    std::vector<TokenId> ids = {};  // in the cache
  };

  [[nodiscard]] Text& text_for(std::span<const TokenId> ids);
  [[nodiscard]] TokenId next(Text& text, std::span<const TokenId> ids);

  const Model& model_;
  Index tokens_;
  std::size_t most_texts_;
  Workspace workspace_;
  KvCache cache_;
  std::vector<Text> texts_;  // the one that was used last stands last
  Batch batch_;
};

}  // namespace attend
