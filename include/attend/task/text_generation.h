// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Text generation: texts that a model goes on with, and conversations that it answers.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/generator.h"
#include "attend/task/result.h"
#include "attend/tokenizer/chat_template.h"
#include "attend/tokenizer/chat_value.h"

namespace attend {

/// A text to go on with, or a conversation. Texts are borrowed: they must outlive the call.
struct TextPrompt {
  std::string_view text = {};
  /// A list of messages, each with a role and a content. Takes the place of the text.
  std::optional<ChatValue> messages = {};
  std::optional<Index> stream = {};  ///< GenerationPrompt::stream

  TextPrompt() = default;
  template <class T>
  requires(std::convertible_to<const T&, std::string_view>) TextPrompt(const T& text_)
      : text(text_) {}  // NOLINT(google-explicit-constructor)
  TextPrompt(ChatValue messages_) : messages(std::move(messages_)) {}  // NOLINT: the same
};

/// What the texts of results have.
enum class ReturnedText : std::uint8_t {
  full,      ///< the prompt and what was generated; of a conversation its messages, too
  generated  ///< what was generated
};

/// What becomes of prompts that leave no room for new tokens.
enum class LongPrompts : std::uint8_t {
  refused,
  /// handle_long_generation "hole": only their end is read. New tokens are max_new_tokens of the
  /// call, or what is left of the folder's max_length; the call's does not count, as there.
  cut,
};

/// Names and defaults of transformers, but for enums in the place of flags.
struct TextGenerationOptions {
  /// What generation_config.h has; unset fields are the model's or this task's: max_new_tokens 256,
  /// do_sample, temperature 0.7.
  GenerationConfig config = {};
  std::vector<std::string> unset = {};  ///< GenerationOptions::unset
  std::uint64_t seed = 0;               ///< the same seed, the same texts
  ReturnedText returned = ReturnedText::full;
  bool clean_up_tokenization_spaces = true;
  bool skip_special_tokens = true;
  /// In front of every text, not of conversations, and not in the results. The folder's when
  /// absent. It counts for the lengths that a call gives: they grow by its tokens.
  std::optional<std::string> prefix = {};
  LongPrompts handle_long_generation = LongPrompts::refused;
  /// Every token of this text ends a generated one, as in the reference.
  std::optional<std::string> stop_sequence = {};

  // How prompts are encoded.
  std::optional<bool> add_special_tokens = {};  ///< true; conversations have theirs
  std::optional<TruncationStrategy> truncation = {};
  /// Tokens; the reference takes it from max_length of the call, and generates up to it, too. Alone
  /// it cuts texts, longest_first, and no conversations.
  std::optional<Index> truncation_length = {};

  // Conversations.
  /// Whether the last message is gone on with; absent: if its role is "assistant".
  std::optional<bool> continue_final_message = {};
  /// Its `tools`, `documents` and `variables` are for the template.
  ChatOptions chat = {};
  ChatTemplateChoice chat_template = {};

  // While it runs.
  /// Pieces of text as they are final: whole words and lines of one generated text each. False ends
  /// that text. Not with beams. Put together they are the text without
  /// clean_up_tokenization_spaces, which looks at what stands on both sides of a blank.
  std::function<bool(Index prompt, Index sequence, std::string_view piece)> on_text = {};
  LogitsCallbacks callbacks = {};
  std::function<bool(std::span<const TokenId> ids)> criterion = {};  ///< true: finished
};

struct GeneratedText {
  std::string text;  ///< generated_text; of a conversation the content of the new or longer message
  /// Of a conversation, with ReturnedText::full: its messages with the new one, or with the longer
  /// last one.
  std::optional<ChatValue> messages = {};
  /// generated_token_ids: the prompt's, the new ones, and padding up to the longest of the prompt's
  /// sequences.
  std::vector<TokenId> ids = {};
  Index prompt_tokens = 0;  ///< of `ids`
  Index new_tokens = 0;     ///< of `ids`, the end of text among them
  double score = 0;         ///< GeneratedSequence::score
  FinishReason reason = FinishReason::max_length;
};

/// Goes on with texts, and answers in conversations.
///
/// Quirks of the reference that are kept: what is new is found by decoding all tokens and leaving
/// out as many characters as the decoded prompt has; `prefix` shapes a text and is in no result.
///
/// Threads: const calls may be made from any number of threads.
/// Source: transformers 4.57 pipelines/text_generation.py.
class ATTEND_EXPORT TextGeneration {
 public:
  /// num_return_sequences of them, best first where there are beams.
  using Result = std::vector<GeneratedText>;

  /// Throws: as Generator.
  explicit TextGeneration(TaskModel model, GenerationDefaults defaults = task_defaults());
  [[nodiscard]] static TextGeneration load(const std::filesystem::path& folder,
                                           const ModelOptions& options = {});
  /// What the task generates with where neither a call nor a folder says anything.
  [[nodiscard]] static GenerationDefaults task_defaults();

  /// Throws: invalid_utf8, config_error (an option out of range, no chat template, messages without
  /// a role or content), tokenizer_error (as ChatTemplate), input_too_long, weight_value (logits
  /// that are no numbers), resource_limit.
  [[nodiscard]] Result operator()(const TextPrompt& prompt,
                                  const TextGenerationOptions& options = {},
                                  const RunOptions& run = {}) const;
  /// Many, in order. Throws: also the first Error of an item, and cancelled.
  [[nodiscard]] std::vector<Result> operator()(std::span<const TextPrompt> prompts,
                                               const TextGenerationOptions& options = {},
                                               const RunOptions& run = {}) const;
  /// Many, where one bad item does not stop the others. Throws: cancelled; config_error and
  /// unsupported (GenerationConfig::output_scores and its kin: results are texts).
  [[nodiscard]] std::vector<Outcome<Result>> each(std::span<const TextPrompt> prompts,
                                                  const TextGenerationOptions& options = {},
                                                  const RunOptions& run = {}) const;

  [[nodiscard]] const TaskModel& task_model() const noexcept { return generator_.task_model(); }
  [[nodiscard]] const Generator& generator() const noexcept { return generator_; }

 private:
  Generator generator_;
};

}  // namespace attend
