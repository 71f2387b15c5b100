// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fill-mask: the likeliest tokens for each mask of a text.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/result.h"
#include "attend/task/task_model.h"

namespace attend {

/// One token for one mask.
struct MaskFill {
  float score = 0;  ///< probability over the whole vocabulary, also when targets are named
  TokenId token = 0;
  std::string token_str;  ///< the token, decoded alone
  /// The text with the token in its place, decoded. Special tokens are left out when the text has
  /// one mask and kept when it has several.
  std::string sequence;
};

/// The fills of one mask, best first.
struct FilledMask {
  Range bytes;  ///< of the mask in the text, UTF-8
  std::vector<MaskFill> fills;
};

/// Names and defaults of transformers.
struct FillMaskOptions {
  Index top_k = 5;  ///< at most the number of targets; 0 gives no fills, as in the reference
  /// Tokens to choose from, as the vocabulary spells them ("##ing"). A word that is no token stands
  /// for its first token. All tokens when empty.
  std::vector<std::string> targets = {};
  TokenizeOptions tokenize = {};  ///< `tokenizer_kwargs` of the reference
};

/// Fills masks, each on its own: with several, scores are not joint probabilities.
///
/// Threads: const calls may be made from any number of threads.
/// Source: transformers 4.57 pipelines/fill_mask.py.
class ATTEND_EXPORT FillMask {
 public:
  using Result = std::vector<FilledMask>;

  /// Throws: as TaskModel::check(); config_error when the tokenizer has no mask token.
  explicit FillMask(TaskModel model);
  [[nodiscard]] static FillMask load(const std::filesystem::path& folder,
                                     const ModelOptions& options = {});

  /// The mask token to write in texts: "[MASK]", "<mask>".
  [[nodiscard]] std::string_view mask_token() const;

  /// One entry a mask, in the order of the text.
  /// Throws: invalid_utf8, config_error (no mask in the text, top_k < 1 or above the vocabulary,
  /// targets that are no tokens at all), input_too_long (token count, limit and option),
  /// weight_value (scores that are not finite).
  [[nodiscard]] Result operator()(std::string_view text, const FillMaskOptions& options = {}) const;
  /// Many, in order. Throws: also the first Error of an item, and cancelled.
  [[nodiscard]] std::vector<Result> operator()(std::span<const std::string_view> texts,
                                               const FillMaskOptions& options = {},
                                               const RunOptions& run = {}) const;
  /// Many, where one bad item does not stop the others. Throws: cancelled, config_error.
  [[nodiscard]] std::vector<Outcome<Result>> each(std::span<const std::string_view> texts,
                                                  const FillMaskOptions& options = {},
                                                  const RunOptions& run = {}) const;

  [[nodiscard]] const TaskModel& task_model() const noexcept { return model_; }

 private:
  TaskModel model_;
};

}  // namespace attend
