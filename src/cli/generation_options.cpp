// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Options into a GenerationConfig; it is checked where it is used.
#include "cli/generation_options.h"

#include <string>
#include <vector>

#include "cli/text_run.h"
#include "core/limits.h"

namespace attend::cli {
namespace {

/// An option whose value goes into an optional field.
template <class T>
CLI::Option& add_field(CLI::App& command, const std::string& name, std::optional<T>& field,
                       const std::string& about) {
  return *command.add_option_function<T>(
      name, [&field](const T& value) { field = value; }, about);
}

CLI::Option& add_count(CLI::App& command, const std::string& name, std::optional<Index>& field,
                       const std::string& about) {
  return *add_field(command, name, field, about)
              .type_name("N")
              ->check(between(1, limits::generated_tokens));
}

CLI::Option& add_number(CLI::App& command, const std::string& name, std::optional<double>& field,
                        const std::string& about) {
  return *add_field(command, name, field, about).type_name("X");
}

}  // namespace

void add_generation_options(CLI::App& command, GenerationFlags& flags) {
  GenerationConfig& config = flags.config;
  add_count(command, "--max-new-tokens", config.max_new_tokens, "Tokens to write at most");
  add_number(command, "--temperature", config.temperature,
             "Below 1 likelier, above 1 stranger; needs sampling");
  add_field(command, "--top-k", config.top_k, "Draw from so many tokens; 0: from all")
      .type_name("N");
  add_number(command, "--top-p", config.top_p,
             "Draw from the likeliest tokens that have this probability together");
  add_number(command, "--repetition-penalty", config.repetition_penalty,
             "Above 1: less likely what stands there already");
  add_count(command, "--beams", config.num_beams, "Search with so many texts at a time");
  add_count(command, "--sequences", config.num_return_sequences, "Texts to write for each");
  command
      .add_option_function<std::vector<std::string>>(
          "--stop",
          [&config](const std::vector<std::string>& strings) { config.stop_strings = strings; },
          "End where the text has this; more than once for several")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  command.add_option("--seed", flags.seed, "The same seed, the same texts; 0 unless it is given")
      ->type_name("N");
  auto* const greedy = command.add_flag_callback(
      "--greedy", [&config] { config.do_sample = false; }, "Take the likeliest token every time");
  command
      .add_flag_callback(
          "--sample", [&config] { config.do_sample = true; }, "Draw tokens by their probability")
      ->excludes(greedy);
}

}  // namespace attend::cli
