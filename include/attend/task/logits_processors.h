// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The functions of logits.h that a GenerationConfig asks for, in the order of transformers.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/generation_config.h"
#include "attend/task/logits.h"
#include "attend/task/watermark.h"

namespace attend {

/// A row of a step.
struct LogitsRow {
  std::span<float> logits;               ///< [v], changed in place
  std::span<const TokenId> ids;          ///< the row's text so far, with its prompt
  Index prompt = 0;                      ///< number of the prompt that it continues
  std::span<float> unconditional = {};   ///< guidance: [v], logits without the prompt; changed
  std::span<const TokenId> chosen = {};  ///< beam groups: what those before this one chose
};

/// What a caller adds.
struct LogitsCallbacks {
  /// Appends the tokens that may come next. Throws in the caller's name what it throws; giving none
  /// is an error of kind config_error.
  std::function<void(Index prompt, std::span<const TokenId> ids, std::vector<TokenId>& allowed)>
      prefix_allowed_tokens = {};
  /// Custom processors, which come behind those of the config and before the warpers.
  std::vector<std::function<void(const LogitsRow&)>> processors = {};
};

/// Biases of last tokens, by the tokens before them.
class SequenceBiases {
 public:
  SequenceBiases() = default;
  /// Of sequences that stand twice the last counts.
  explicit SequenceBiases(std::span<const SequenceBias> biases);

  /// Adds them. As in the reference, a sequence of n tokens needs n tokens of text before it.
  ATTEND_EXPORT void apply(std::span<float> logits, std::span<const TokenId> ids) const;

 private:
  std::vector<SequenceBias> biases_;  // by last token, single ones first
};

/// What the lists of a config become, which may be long: the same for all prompts of a call.
struct LogitsTables {
  LogitsTables(const GenerationConfig& config, Index vocabulary);

  SequenceBiases sequence_bias;
  SequenceBiases bad_words;
  std::vector<TokenId> suppressed;
  std::vector<TokenId> suppressed_at_begin;
  std::optional<Watermark> watermark;
};

/// What is the same for all rows of a prompt.
struct LogitsSetup {
  Index prompt_length = 0;
  Index vocabulary = 0;
  std::span<const TokenId> encoder_ids = {};  ///< the input of an encoder; else the prompt
  /// In the place of the config's lists; those of the config when null.
  std::shared_ptr<const LogitsTables> tables = {};
};

/// Shapes: rows [v]. Threads: apply() is const; scratch is the caller's.
class ATTEND_EXPORT LogitsProcessors {
 public:
  /// `config` comes from resolve(), which has checked it.
  LogitsProcessors(GenerationConfig config, const LogitsSetup& setup,
                   LogitsCallbacks callbacks = {});

  /// Throws: config_error when no token is allowed, or guidance lacks what it needs.
  void apply(const LogitsRow& row, LogitsScratch& scratch) const;

  [[nodiscard]] const GenerationConfig& config() const noexcept { return config_; }

 private:
  void apply_guidance(const LogitsRow& row, LogitsScratch& scratch) const;
  void apply_penalties(const LogitsRow& row, LogitsScratch& scratch) const;
  void apply_lengths(const LogitsRow& row) const;
  void apply_allowed(const LogitsRow& row, LogitsScratch& scratch) const;
  void apply_suppression(const LogitsRow& row) const;
  void apply_warpers(std::span<float> logits, LogitsScratch& scratch) const;

  GenerationConfig config_;
  Index prompt_length_;
  Index begin_suppress_at_;
  Index keep_;  // tokens that warpers leave
  std::vector<TokenId> encoder_ids_;
  std::shared_ptr<const LogitsTables> tables_;  // never null
  LogitsCallbacks callbacks_;
};

}  // namespace attend
