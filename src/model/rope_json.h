// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Rotary positions in config.json.
#pragma once

#include <span>
#include <string_view>

#include "attend/model/architecture.h"
#include "attend/model/config.h"
#include "checkpoint/checked_json.h"

namespace attend {

/// Fills what the config has of rotary scaling; its sizes were read before. `known` are the types
/// that the architecture takes.
/// Throws: config_error, unsupported (another type).
/// Source: transformers 4.57 modeling_rope_utils.py.
void read_rope_scaling(const JsonField& field, std::span<const std::string_view> known,
                       ModelConfig& config);

/// Files of transformers 5 may have the speed of rotary positions in rope_parameters, which the
/// reference does not know: it takes the default of the class, and gives other answers.
/// Throws: unsupported, where the key that `keys` read theta from is absent then.
void check_rope_keys(const JsonField& root, std::span<const FurtherKey> keys);

}  // namespace attend
