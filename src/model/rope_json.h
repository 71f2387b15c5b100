// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// rope_scaling of config.json.
#pragma once

#include <span>
#include <string_view>

#include "attend/model/config.h"
#include "checkpoint/checked_json.h"

namespace attend {

/// Fills what the config has of rotary scaling; its sizes were read before. `known` are the types
/// that the architecture takes.
/// Throws: config_error, unsupported (another type).
/// Source: transformers 4.57 modeling_rope_utils.py.
void read_rope_scaling(const JsonField& field, std::span<const std::string_view> known,
                       ModelConfig& config);

}  // namespace attend
