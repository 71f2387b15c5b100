// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Generation over anything that gives logits: searches, processors and criteria put together, many
// prompts at a time, each with the result that it has alone.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/task/generation_config.h"
#include "attend/task/search.h"

namespace attend {

/// A row of the next step: the first tokens of a row of the step before, and new ones.
struct RowStep {
  std::optional<Index> parent = {};  ///< nothing: a new text
  Index length = 0;                  ///< tokens of the parent that are kept
  std::span<const TokenId> tokens;   ///< at least one
  Index text = 0;                    ///< number of the prompt, for the input of an encoder
  Index wanted = 1;                  ///< the logits of so many of its last tokens are asked for
};

/// What generation wants of a model: rows of text that grow, multiply and vanish. An adaptor keeps
/// keys and values of each row.
class ATTEND_EXPORT LanguageModel {
 public:
  virtual ~LanguageModel() = default;

  /// Number of logits.
  [[nodiscard]] virtual Index vocabulary() const = 0;
  /// Makes these rows of those of the step before, of which none stays otherwise.
  /// Shapes: [sum of wanted, v], valid and the caller's to change until the next step.
  [[nodiscard]] virtual MatrixView<float> step(std::span<const RowStep> rows) = 0;
  /// The last hidden states of all tokens of the last step, [t, m]; none where they are not kept.
  [[nodiscard]] virtual MatrixView<const float> hidden() const { return {}; }
};

struct GenerationPrompt {
  /// Of the decoder. Empty: bos_token_id; of an encoder-decoder: decoder_start_token_id.
  std::span<const TokenId> ids = {};
  std::span<const TokenId> encoder_ids = {};  ///< for the penalties of an encoder's tokens
  /// Guidance: what the text is led away from; the last token of the prompt when empty.
  std::span<const TokenId> negative_ids = {};
};

struct GenerationOptions {
  GenerationConfig config = {};        ///< of the call
  GenerationConfig model_config = {};  ///< read_generation_config()
  GenerationInput input = {};          ///< of the model; its prompt_length is filled in
  std::uint64_t seed = 0;              ///< the same seed, the same texts, on every machine
  LogitsCallbacks callbacks = {};
  StoppingOptions stopping = {};
  /// Tokens as they are chosen, of one text at a time; not with beams. False ends that text.
  std::function<bool(Index prompt, Index sequence, TokenId token)> on_token = {};
  std::stop_token cancellation = {};
  /// Tokens that all rows of running prompts may come to have together; a prompt that would exceed
  /// them waits for others to finish, unless it is alone. 0: no limit.
  Index token_budget = 0;
};

/// What a prompt led to.
struct Generation {
  std::vector<GeneratedSequence> sequences;
  Index prompt_length = 0;
  /// On request, a list a step: of all rows of beams, else of one sequence after the other.
  std::vector<std::vector<StepScores>> scores = {};
  std::vector<std::vector<StepScores>> logits = {};
};

/// One result a prompt. Sequence i of prompt n draws from stream n * num_return_sequences + i of
/// the seed; beams of prompt n from stream n.
/// Throws: config_error as resolve(), for an empty prompt without a token to begin with and for
/// on_token with beams; input_too_long; weight_value; cancelled.
[[nodiscard]] ATTEND_EXPORT std::vector<Generation> generate(
    LanguageModel& model, std::span<const GenerationPrompt> prompts,
    const GenerationOptions& options);

}  // namespace attend
