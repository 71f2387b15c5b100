// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// From a task's input to encodings that fit its model.
#pragma once

#include <string_view>

#include "attend/task/task_model.h"

namespace attend {

/// Throws: input_too_long, naming the tokens, the limit and what helps, when the model has no
/// positions for an encoding of this size.
void check_fits(const TaskModel& model, const Encoding& encoding, std::string_view where,
                std::string_view hint);

/// Type ids become 0 where the tokenizer's class hands out none (TokenizerSettings::has_type_ids):
/// the reference then gives the model none, and the model takes 0.
void drop_unused_type_ids(const TaskModel& model, Encoding& encoding);

/// One input under the options, checked to fit the model.
/// Throws: config_error (max_length < 1), invalid_utf8, input_too_long.
[[nodiscard]] Encoding encode_input(const TaskModel& model, const TextInput& input,
                                    const TokenizeOptions& options, std::string_view where);

}  // namespace attend
