// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The searches of one prompt in the loop of generation: which rows they ask for, and where what
// they get is in a step that is shared by many.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "attend/task/generation.h"

namespace attend {

/// What a step gave that nobody has taken yet.
struct Output {
  MatrixView<float> logits;
  MatrixView<const float> hidden;
  Index next_logits = 0;
  Index next_hidden = 0;
  std::vector<RowStates> states = {};  // of all rows of the step, on request
  RowStates encoder_states = {};       // of its new text

  MatrixView<float> take_logits(Index count) {
    return logits.row_range(std::exchange(next_logits, next_logits + count), count);
  }
  MatrixView<const float> take_hidden(Index count) {
    if (hidden.rows == 0) return {};
    return hidden.row_range(std::exchange(next_hidden, next_hidden + count), count);
  }
};

/// What a caller was handed out of a text.
struct Reported {
  std::size_t tokens = 0;   // of the text, with its prompt
  bool is_stopped = false;  // by the caller
};

/// One search and where its rows are.
struct Run {
  std::unique_ptr<Search> search;
  Index first_row = 0;   // of the last step
  Index first_twin = 0;  // guidance: the same texts without the prompt
  Index length = 0;      // tokens that its rows keep in the next step
  Index twin_length = 0;
  std::vector<TokenId> guess = {};                  // assisted: the last token and what may follow
  std::vector<std::vector<RowStates>> states = {};  // on request, of each step
  std::size_t reported = 0;                         // tokens of the text
  bool is_stopped = false;
  bool was_stopped = false;  // at `reported`, before it began anew

  [[nodiscard]] bool finished() const { return is_stopped || search->finished(); }
};

/// What rows take.
struct RowRoom {
  Index tokens = 0;
  Index pages = 0;  // of a KvCache

  RowRoom& operator+=(const RowRoom& more) {
    tokens += more.tokens;
    pages += more.pages;
    return *this;
  }
  RowRoom& operator-=(const RowRoom& less) {
    tokens -= less.tokens;
    pages -= less.pages;
    return *this;
  }
};

/// All searches of a prompt: one, or one a sequence that is drawn.
class PromptRun {
 public:
  /// All outlive it. The options' configs are without lists.
  struct Setting {
    const GenerationOptions& options;
    const std::shared_ptr<const LogitsTables>& tables;
    Index vocabulary;
    SearchMemory& memory;
  };
  PromptRun(const GenerationPrompt& prompt, Index number, const Setting& setting);

  void ask(std::vector<RowStep>& rows);
  void take(Output& output);
  [[nodiscard]] bool finished() const;
  [[nodiscard]] std::vector<Reported> reported() const;
  /// What an earlier run of the same prompt has handed out is not handed out again.
  void resume(std::span<const Reported> reported);
  /// What its rows may come to have.
  [[nodiscard]] RowRoom needed() const;
  /// Of the scores and logits that it has recorded.
  [[nodiscard]] std::uint64_t output_bytes() const;
  /// Once. What is kept on request is given away.
  [[nodiscard]] Generation result();

 private:
  [[nodiscard]] const GenerationConfig& config() const { return processors_->config(); }
  [[nodiscard]] bool is_guided() const { return config().guidance_scale.value_or(1) != 1; }
  void begin(Output& output);
  void ask_for(Run& run, std::vector<RowStep>& rows);
  [[nodiscard]] bool is_guessing() const;
  void make_guess(Run& run);
  void step(Run& run, Output& output);
  static void keep_states(Run& run, Output& output, Index first, Index count);
  void check_guess(Run& run, const SearchInput& input);
  void report(Run& run, Index sequence) const;

  const GenerationOptions* options_;
  Index number_;
  std::vector<TokenId> prompt_;
  std::span<const TokenId> seen_;  // by the model: without padding
  std::vector<TokenId> negative_;
  std::unique_ptr<const LogitsProcessors> processors_;
  std::unique_ptr<StoppingCriteria> stopping_;
  std::vector<Run> runs_;
  std::vector<TokenId> guess_;
  RowStates encoder_states_;
  Index vocabulary_;
  Index encoder_tokens_;
  Index first_row_ = 0;
};

}  // namespace attend
