// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The `parameters` of requests that generate: the fields of GenerationConfig beside a table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/task/generation_config.h"
#include "cli/json_parameters.h"

namespace attend::cli {

struct GenerationParameters {
  GenerationConfig config = {};
  std::vector<std::string> unset = {};  ///< those that are null
  std::uint64_t seed = 0;
};

/// A field of GenerationConfig, or `seed`; false for any other name.
[[nodiscard]] bool read_generation_parameter(std::string_view name, const JsonField& value,
                                             GenerationParameters& parameters);

/// Throws that a name means nothing, with those that do: the given ones and the fields.
[[noreturn]] void reject_generation_parameter(std::string_view name,
                                              std::vector<std::string_view> known);

/// Reads every member of `parameters` with the row of its name, or else into options.generation.
template <class Options>
void read_generation_parameters(const std::optional<JsonField>& parameters,
                                std::span<const Parameter<Options>> table, Options& options) {
  if (!parameters || parameters->is_null()) return;
  for (const auto& [name, value] : parameters->members()) {
    if (const Parameter<Options>* const row = find_row(table, name)) {
      row->read(value, options);
    } else if (!read_generation_parameter(name, value, options.generation)) {
      reject_generation_parameter(name, names_of(table));
    }
  }
}

}  // namespace attend::cli
