// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Fields of a GenerationConfig in JSON.
#pragma once

#include <string_view>

#include "attend/task/generation_config.h"
#include "checkpoint/checked_json.h"

namespace attend {

/// Reads the field of that name; `value` is not null. False: there is no such field.
/// Throws: config_error, unsupported.
[[nodiscard]] bool read_generation_field(std::string_view name, const JsonField& value,
                                         GenerationConfig& config);

/// All fields that an object has; null counts as absent.
[[nodiscard]] GenerationConfig read_generation_fields(const JsonField& object);

/// How config.json and generation_config.json are read.
[[nodiscard]] JsonOptions generation_json_options();

}  // namespace attend
