// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Generation with a loaded model: what its folder, a task and a call ask for, put together and run.
// Every task that writes texts is built on it.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/generation.h"
#include "attend/task/result.h"
#include "attend/task/task_model.h"

namespace attend {

/// What a task generates with where a call says nothing.
struct GenerationDefaults {
  GenerationConfig config = {};
  std::string prefix = {};  ///< in front of every text: "summarize: "
};

/// What a folder says (read_generation_config()), and for a task what transformers makes of it: the
/// task's own defaults go before the folder's values, except that a max_length of the folder other
/// than 20 drops the task's max_new_tokens; what config.json has as task_specific_params of the
/// task goes before both. The prefix is the task's there, or else config.json's.
/// Source: Pipeline.__init__() of transformers 4.57.
/// Throws: as read_generation_config() and read_config().
[[nodiscard]] ATTEND_EXPORT GenerationDefaults
read_generation_defaults(const std::filesystem::path& folder, std::string_view task = {},
                         const GenerationConfig& task_defaults = {});

/// The head that a folder's class in config.json generates with: conditional_generation, or
/// causal_lm. Throws: as read_config().
[[nodiscard]] ATTEND_EXPORT HeadKind generating_head(const std::filesystem::path& folder);

/// Whether a folder's model writes texts with generating_head(): its class has no other task's
/// head, and there is a decoder, or tokens see those before them only.
/// Throws: as load_model(), of what config.json says.
[[nodiscard]] ATTEND_EXPORT bool generates(const std::filesystem::path& folder);

/// generate_each() with a model, whose limits fill options.input. run.batch_size prompts run at
/// once; options.cancellation and options.progress are those of `run`.
/// Throws: as generate_each(); config_error (batch_size < 1); unsupported (the model is no decoder
/// or has no head that scores a vocabulary).
[[nodiscard]] ATTEND_EXPORT std::vector<Outcome<Generation>> generate_each(
    const Model& model, std::span<const GenerationPrompt> prompts, GenerationOptions options,
    const RunOptions& run = {});

/// A tokenizer, a model and what they generate with.
///
/// Threads: const calls may be made from any number of threads.
class ATTEND_EXPORT Generator {
 public:
  /// Without a pad token in `defaults` the tokenizer's is taken.
  /// Throws: as TaskModel::check(); config_error for a head other than causal_lm and
  /// conditional_generation.
  explicit Generator(TaskModel model, GenerationDefaults defaults = {});

  [[nodiscard]] const TaskModel& task_model() const noexcept { return model_; }
  [[nodiscard]] const GenerationDefaults& defaults() const noexcept { return defaults_; }
  /// Whether an encoder reads the prompts' encoder_ids, and the decoder begins by itself.
  [[nodiscard]] bool has_encoder() const noexcept { return model_.model->has_decoder(); }

  /// One outcome a prompt, in order: one bad prompt does not stop the others.
  /// options.model_config, options.input and options.stopping.texts are filled in.
  /// Throws: as generate_each().
  [[nodiscard]] std::vector<Outcome<Generation>> operator()(
      std::span<const GenerationPrompt> prompts, GenerationOptions options = {},
      const RunOptions& run = {}) const;

  /// Text of generated ids. Models may have more logits than there are tokens: ids that no token
  /// has are left out, as in transformers.
  [[nodiscard]] std::string decode(std::span<const TokenId> ids,
                                   const DecodeOptions& options) const;

 private:
  TaskModel model_;
  GenerationDefaults defaults_;
};

}  // namespace attend
