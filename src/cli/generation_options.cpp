// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Options into a GenerationConfig; it is checked where it is used.
#include "cli/generation_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
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

struct CountRange {
  Index low;
  Index high;
};

void add_count(CLI::App& command, const std::string& name, std::optional<Index>& field,
               CountRange range, const std::string& about) {
  add_field(command, name, field, about).type_name("N")->check(between(range.low, range.high));
}

/// A number that an option takes.
struct NumberRange {
  bool has_zero;
  double most;
  std::string_view words;
};
constexpr NumberRange above_zero{false, std::numeric_limits<double>::max(), "above 0"};
constexpr NumberRange part_of_one{true, 1, "from 0 to 1"};

void add_number(CLI::App& command, const std::string& name, std::optional<double>& field,
                const NumberRange& range, const std::string& about) {
  const auto check = [range](const std::string& text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool is_number = error == std::errc() && stop == end && std::isfinite(value);
    const bool is_enough = range.has_zero ? value >= 0 : value > 0;
    if (is_number && is_enough && value <= range.most) return std::string();
    return text + " is no number " + std::string(range.words);
  };
  add_field(command, name, field, about).type_name("X")->check(check);
}

/// A text of digits: CLI11 takes -1 for the largest number.
std::string check_digits(const std::string& text) {
  const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  return is_number ? std::string() : text + " is no number of at least 0";
}

/// A flag that sampling alone looks at.
struct SamplingFlag {
  std::string_view name;
  bool is_given;
  bool has_effect;
};

}  // namespace

void check_generation_flags(const GenerationFlags& flags, const GenerationConfig& defaults) {
  const GenerationConfig all = merged(flags.config, defaults);
  const bool samples = all.do_sample.value_or(false);
  const GenerationConfig& given = flags.config;
  const auto unused = unused_options(all);
  const auto counts = [&](std::string_view field) {
    return std::find(unused.begin(), unused.end(), field) == unused.end();
  };
  const std::array<SamplingFlag, 4> of_sampling{{
      {"--temperature", given.temperature.has_value(), counts("temperature")},
      {"--top-k", given.top_k.has_value(), counts("top_k")},
      {"--top-p", given.top_p.has_value(), counts("top_p")},
      {"--seed", flags.seed.has_value(), samples},
  }};
  for (const SamplingFlag& flag : of_sampling) {
    if (!flag.is_given || flag.has_effect) continue;
    throw UsageError(std::string(flag.name) + ": has no effect without sampling; add --sample");
  }
  const Index sequences = flags.config.num_return_sequences.value_or(1);
  const Index beams = all.num_beams.value_or(1);
  if (beams == 1 && sequences > 1 && !samples) {
    throw UsageError("--sequences: there is one likeliest text; add --sample or --beams");
  }
  if (beams > 1 && sequences > beams) {
    throw UsageError("--sequences: expected at most as many as --beams, " + std::to_string(beams));
  }
  if (flags.config.max_new_tokens && flags.config.min_new_tokens &&
      *flags.config.min_new_tokens > *flags.config.max_new_tokens) {
    throw UsageError("--min-new-tokens: expected at most --max-new-tokens");
  }
}

void add_generation_options(CLI::App& command, GenerationFlags& flags) {
  GenerationConfig& config = flags.config;
  constexpr Index most = limits::generated_tokens;
  add_count(command, "--max-new-tokens", config.max_new_tokens, {1, most},
            "Tokens to write at most");
  add_count(command, "--min-new-tokens", config.min_new_tokens, {0, most}, "The same, at least");
  add_number(command, "--temperature", config.temperature, above_zero,
             "Below 1 likelier, above 1 stranger; needs sampling");
  add_count(command, "--top-k", config.top_k, {0, most}, "Draw from so many tokens; 0: from all");
  add_number(
      command, "--top-p", config.top_p, part_of_one,
      "Draw from the likeliest tokens that have this probability together; 0: the likeliest");
  add_number(command, "--repetition-penalty", config.repetition_penalty, above_zero,
             "Above 1: less likely what stands there already");
  add_count(command, "--beams", config.num_beams, {1, limits::beams},
            "Search with so many texts at a time; 1 is fastest");
  add_count(command, "--sequences", config.num_return_sequences, {1, limits::beams},
            "Texts to write for each");
  command
      .add_option_function<std::vector<std::string>>(
          "--stop",
          [&config](const std::vector<std::string>& strings) { config.stop_strings = strings; },
          "End where the text has this; more than once for several")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  add_field(command, "--seed", flags.seed,
            "The same seed, the same texts; 0 unless it is given; needs sampling")
      .type_name("N")
      ->check(check_digits);
  auto* const greedy = command.add_flag_callback(
      "--greedy", [&config] { config.do_sample = false; }, "Take the likeliest token every time");
  command
      .add_flag_callback(
          "--sample", [&config] { config.do_sample = true; }, "Draw tokens by their probability")
      ->excludes(greedy);
}

}  // namespace attend::cli
