// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What every task is built on: a tokenizer and a model that belong together, the texts that go in,
// and how texts that are too long are cut.
#pragma once

#include <concepts>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "attend/core/export.h"
#include "attend/model/model.h"
#include "attend/tokenizer/tokenizer.h"
#include "attend/tokenizer/truncation.h"

namespace attend {

/// A tokenizer and a model, shared by the tasks that are built on them. Neither is null.
struct TaskModel {
  std::shared_ptr<const Tokenizer> tokenizer;
  std::shared_ptr<const Model> model;

  /// Both from one folder; `head` takes the place of options.head. Throws: config_error when
  /// config.json names a class with another task's head; as Tokenizer::load(), load_model() and
  /// check().
  [[nodiscard]] static ATTEND_EXPORT TaskModel load(const std::filesystem::path& folder,
                                                    HeadKind head, ModelOptions options = {});
  /// Both without a head, for hidden states: of the encoder alone where the architecture has a
  /// class of it (T5EncoderModel), be there a decoder or not, else of the whole model.
  [[nodiscard]] static ATTEND_EXPORT TaskModel load_headless(const std::filesystem::path& folder,
                                                             const ModelOptions& options = {});

  /// Throws: config_error when one of both is missing or the model has another head,
  /// tokenizer_error when the tokenizer has ids that the model has no embedding for; with a head
  /// that generates, that is an Error of the text that has one.
  ATTEND_EXPORT void check(HeadKind head, std::string_view where) const;

  /// Tokens that the model takes and the folder asks for, template tokens included: the lower one
  /// of model_max_length and the model's positions; nothing when neither limits it.
  [[nodiscard]] ATTEND_EXPORT std::optional<Index> max_length() const;
};

/// One text, or a text and its pair. Borrowed: the texts must outlive the call.
struct TextInput {
  std::string_view text;
  std::optional<std::string_view> pair = {};

  TextInput() = default;
  template <class T>
  requires(std::convertible_to<const T&, std::string_view>) TextInput(const T& text_)
      : text(text_) {}  // NOLINT(google-explicit-constructor)
  TextInput(std::string_view text_, std::string_view pair_) : text(text_), pair(pair_) {}
};

/// The tokenizer's arguments, for the tasks that leave long texts to the caller
/// (text classification, fill-mask, feature extraction).
struct TokenizeOptions {
  bool add_special_tokens = true;
  /// Absent: texts are cut only where max_length is given, and then longest_first, as the reference
  /// does; a text that is too long for the model is an Error of kind input_too_long.
  std::optional<TruncationStrategy> truncation = {};
  std::optional<Index> max_length = {};  ///< tokens; TaskModel::max_length() when absent
  std::optional<Side> truncation_side =
      {};  ///< the side that loses tokens; the folder's when absent
};

}  // namespace attend
