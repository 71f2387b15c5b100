// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// From a task's input to encodings that fit its model.
#pragma once

#include <optional>
#include <string_view>

#include "attend/task/task_model.h"

namespace attend {

/// Throws: input_too_long, naming the tokens, the limit and what helps, when the model has no
/// positions for an encoding of this size.
void check_fits(const TaskModel& model, const Encoding& encoding, std::string_view where,
                std::string_view hint);

/// Tokens of a text that are read where a folder asks for `asked`: more than the model's positions
/// would fail in the model. TaskModel::max_length() where it does not ask.
[[nodiscard]] std::optional<Index> token_limit(const TaskModel& model, std::optional<Index> asked);

/// How a task encodes its inputs.
struct InputEncoding {
  const TokenizeOptions& options;
  std::string_view where;  ///< the task, for messages
  /// What cuts a text that does not fit.
  std::string_view hint = "set the option `truncation` to cut it";
  EncodingFields fields = EncodingFields::ids;
  std::string_view language = {};  ///< EncodeOptions::language
};

/// One input, checked to fit the model.
/// Throws: config_error (max_length < 1), invalid_utf8, input_too_long.
[[nodiscard]] Encoding encode_input(const TaskModel& model, const TextInput& input,
                                    const InputEncoding& how);

}  // namespace attend
