// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What every command that generates is told about how.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>

#include "attend/task/generation_config.h"

namespace attend::cli {

struct GenerationFlags {
  GenerationConfig config = {};
  std::optional<std::uint64_t> seed = {};

  /// Of a call; 0 where none is given.
  [[nodiscard]] std::uint64_t call_seed() const noexcept { return seed.value_or(0); }
  /// The texts that a model, of whose folder are `defaults`, writes for each.
  [[nodiscard]] Index sequences(const GenerationConfig& defaults) const {
    return merged(config, defaults).num_return_sequences.value_or(1);
  }
  /// Whether that is one, whose tokens are final as they come.
  [[nodiscard]] bool is_one_text(const GenerationConfig& defaults) const {
    return merged(config, defaults).num_beams.value_or(1) == 1 && sequences(defaults) == 1;
  }
};

/// Adds --max-new-tokens, --min-new-tokens, --temperature, --top-k, --top-p, --repetition-penalty,
/// --beams, --sequences, --stop, --seed, --greedy and --sample.
void add_generation_options(CLI::App& command, GenerationFlags& flags);

/// Throws: UsageError for flags that have no effect, or do not go together, with a model of whose
/// folder are `defaults`.
void check_generation_flags(const GenerationFlags& flags, const GenerationConfig& defaults);

}  // namespace attend::cli
