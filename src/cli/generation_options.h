// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What every command that generates is told about how.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>

#include "attend/task/generation_config.h"

namespace attend::cli {

struct GenerationFlags {
  GenerationConfig config = {};
  std::uint64_t seed = 0;

  /// Whether a model, of whose folder are `defaults`, writes one text whose tokens are final as
  /// they come.
  [[nodiscard]] bool is_one_text(const GenerationConfig& defaults) const {
    const GenerationConfig all = merged(config, defaults);
    return all.num_beams.value_or(1) == 1 && all.num_return_sequences.value_or(1) == 1;
  }
};

/// Adds --max-new-tokens, --min-new-tokens, --temperature, --top-k, --top-p, --repetition-penalty,
/// --beams, --sequences, --stop, --seed, --greedy and --sample.
void add_generation_options(CLI::App& command, GenerationFlags& flags);

/// Throws: UsageError for flags that have no effect, or do not go together, with a model of whose
/// folder are `defaults`.
void check_generation_flags(const GenerationFlags& flags, const GenerationConfig& defaults);

}  // namespace attend::cli
