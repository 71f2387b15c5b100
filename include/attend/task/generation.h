// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Generation over anything that gives logits: searches, processors and criteria put together, many
// prompts at a time, each with the result that it has alone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/task/generation_config.h"
#include "attend/task/result.h"
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

/// What a model passes through for the new tokens of a row, by layer. Keys that a window has left
/// behind have weights of 0; the reference leaves them out. Shapes: hidden_states [t, m] from 0 =
/// embeddings on, attentions [h, t, s], cross_attentions [h, t, r].
struct RowStates {
  Index tokens = 0;       ///< t
  Index keys = 0;         ///< s: the tokens of the text so far
  Index memory_keys = 0;  ///< r: what the encoder read
  std::vector<std::vector<float>> hidden_states = {};
  std::vector<std::vector<float>> attentions = {};
  std::vector<std::vector<float>> cross_attentions = {};
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
  /// After a step that throws there are no rows: all of the next one are of new texts.
  [[nodiscard]] virtual MatrixView<float> step(std::span<const RowStep> rows) = 0;
  /// The last hidden states of all tokens of the last step, [t, m]; none where they are not kept.
  [[nodiscard]] virtual MatrixView<const float> hidden() const { return {}; }
  /// Of each row of the last step, and of its encoder; none where they are not kept. Taken once.
  [[nodiscard]] virtual std::vector<RowStates> take_states() { return {}; }
  [[nodiscard]] virtual RowStates take_encoder_states() { return {}; }
  /// Those of the text that was begun last are of no use: they count against no limit any more.
  virtual void drop_states() {}
};

struct GenerationPrompt {
  /// Of the decoder. Empty: bos_token_id; of an encoder-decoder: decoder_start_token_id.
  std::span<const TokenId> ids = {};
  /// What an encoder reads; some penalties look at it, too.
  std::span<const TokenId> encoder_ids = {};
  /// Guidance: what the text is led away from; the last token of the prompt when empty.
  std::span<const TokenId> negative_ids = {};
  /// So many of `ids` are padding on the left: they count for lengths, and for penalties as in the
  /// reference, and the model does not see them.
  Index padding = 0;
  /// Which of the seed's streams it draws from; its place in the call when absent.
  std::optional<Index> stream = {};
};

struct GenerationOptions {
  GenerationConfig config = {};        ///< of the call
  GenerationConfig model_config = {};  ///< read_generation_config()
  /// Fields that nothing counts for but `config`: what a call of Python has as None.
  std::vector<std::string> unset = {};
  GenerationInput input = {};  ///< of the model; prompt_length and vocabulary are filled in
  std::uint64_t seed = 0;      ///< the same seed, the same texts, on every machine
  LogitsCallbacks callbacks = {};
  StoppingOptions stopping = {};
  /// Tokens as they are chosen, of one text at a time; not with beams. False ends that text.
  std::function<bool(Index prompt, Index sequence, TokenId token)> on_token = {};
  /// What may follow a text, into `guess`, which is empty: the model checks all of it in one step,
  /// up to an id that is none, and what comes out is what comes out without. Takes the place of
  /// prompt_lookup_num_tokens; not with beams and contrastive search.
  std::function<void(Index prompt, std::span<const TokenId> ids, std::vector<TokenId>& guess)>
      guess = {};
  std::stop_token cancellation = {};
  /// Called as prompts are done.
  std::function<void(Index done, Index total)> progress = {};
  Index max_prompts = 0;  ///< that run at once; 0: no limit
  /// Tokens that all rows of running prompts may come to have together; a prompt that would exceed
  /// them waits for others to finish, unless it is alone. 0: no limit.
  Index token_budget = 0;
  /// The same in pages of a KvCache: a row has one or more, and what an encoder reads has, too.
  Index page_budget = 0;
  /// Of what is handed out on request: scores and logits of a call, and as much again of hidden
  /// states and attentions.
  std::uint64_t max_output_bytes = std::uint64_t{1} << 30;
};

/// What a prompt led to.
struct Generation {
  std::vector<GeneratedSequence> sequences;
  Index prompt_length = 0;
  TokenId fill = -1;  ///< fill_token(), for padded()
  /// On request, a list a step: of all rows of beams, else of one sequence after the other.
  std::vector<std::vector<StepScores>> scores = {};
  std::vector<std::vector<StepScores>> logits = {};
  /// output_hidden_states and output_attentions: the same of each row, where one row stands for all
  /// in the first step, whose tokens are those of the prompt; and of the encoder. Prompts run one
  /// at a time then, as a whole and without guesses: max_output_bytes bounds their length. Not with
  /// contrastive search.
  std::vector<std::vector<std::vector<RowStates>>> states = {};
  RowStates encoder_states = {};
};

/// One result a prompt. Sequence i of a prompt of stream n draws from stream n *
/// num_return_sequences + i of the seed; its beams from stream n.
/// Throws: config_error as resolve(), for an empty prompt without a token to begin with and for
/// on_token with beams; unsupported (states that a model or a search does not hand out);
/// input_too_long; weight_value; resource_limit (max_output_bytes; what a model has no memory for);
/// cancelled.
[[nodiscard]] ATTEND_EXPORT std::vector<Generation> generate(
    LanguageModel& model, std::span<const GenerationPrompt> prompts,
    const GenerationOptions& options);
/// The same, where one bad prompt does not stop the others: those of a step that throws begin anew,
/// one by one, and what a step of one prompt throws is its Error; too little memory is one of kind
/// resource_limit. Throws: cancelled; config_error for what is wrong with every prompt;
/// resource_limit where there is no memory for the list of results.
[[nodiscard]] ATTEND_EXPORT std::vector<Outcome<Generation>> generate_each(
    LanguageModel& model, std::span<const GenerationPrompt> prompts,
    const GenerationOptions& options);

}  // namespace attend
