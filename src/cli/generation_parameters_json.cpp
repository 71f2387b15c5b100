// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Keyword arguments of generate(), as transformers takes them.
#include <algorithm>
#include <array>

#include "attend/core/error.h"
#include "cli/generation_parameters.h"
#include "task/generation_fields.h"
#include "task/generation_fields_json.h"

namespace attend::cli {
namespace {

std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  for_each_field([&](std::string_view name, auto) { names.push_back(name); });
  return names;
}

// Arguments of generate() and of pipelines that are about memory and Python.
constexpr std::array<std::string_view, 12> without_effect = {
    "use_cache",          "cache_implementation",
    "cache_config",       "return_legacy_cache",
    "compile_config",     "disable_compile",
    "low_memory",         "num_workers",
    "synced_gpus",        "streamer",
    "prefill_chunk_size", "return_dict_in_generate"};

bool is_field(std::string_view name) {
  const auto names = field_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool read_generation_parameter(std::string_view name, const JsonField& value,
                               GenerationParameters& parameters) {
  if (name == "seed") {
    parameters.seed =
        static_cast<std::uint64_t>(value.integer(0, std::numeric_limits<std::int64_t>::max()));
    return true;
  }
  if (!value.is_null()) return read_generation_field(name, value, parameters.config);
  if (!is_field(name)) return false;
  // None: the step is left out. Only this one does something by itself.
  if (name == "top_k") parameters.config.top_k = 0;
  parameters.unset.emplace_back(name);
  return true;
}

void reject_generation_parameter(std::string_view name, std::vector<std::string_view> known) {
  if (std::find(without_effect.begin(), without_effect.end(), name) != without_effect.end()) {
    fail(ErrorKind::config_error, {.where = "run",
                                   .what = quote(name),
                                   .expected = "what changes a result",
                                   .found = "what is about memory or Python",
                                   .hint = "leave it out"});
  }
  const auto names = field_names();
  for (const std::string_view field : names) {
    if (std::find(known.begin(), known.end(), field) == known.end()) known.push_back(field);
  }
  known.push_back("seed");
  reject_unknown_parameter(name, known);
}

}  // namespace attend::cli
