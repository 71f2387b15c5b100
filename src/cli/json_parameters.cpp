// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Readers of single parameters, and the arguments that every tokenizer call shares.
#include "cli/json_parameters.h"

#include <algorithm>
#include <array>

#include "attend/core/error.h"

namespace attend::cli {

void reject_unknown_parameter(std::string_view name, const std::vector<std::string_view>& known) {
  std::string expected;
  for (const std::string_view one : known) {
    expected += expected.empty() ? "one of " : ", ";
    expected += one;
  }
  fail(ErrorKind::config_error, {.where = "run",
                                 .what = "unknown parameter " + quote(name),
                                 .expected = expected.empty() ? "no parameters" : expected});
}

void reject_other_keys(const JsonField& object, std::initializer_list<std::string_view> keys) {
  const auto members = object.members();
  const bool known = std::all_of(members.begin(), members.end(), [&](const auto& member) {
    return std::find(keys.begin(), keys.end(), member.first) != keys.end();
  });
  if (known) return;
  std::string expected;
  for (const std::string_view key : keys)
    expected += (expected.empty() ? "" : " and ") + quote(key);
  object.reject((keys.size() == 1 ? "only the key " : "only the keys ") + expected);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Index read_index(const JsonField& value, Index min) {
  return static_cast<Index>(value.integer(min, std::numeric_limits<std::int32_t>::max()));
}

std::vector<std::string> read_strings(const JsonField& value) {
  std::vector<std::string> strings;
  if (value.is_string()) {
    strings.push_back(value.string());
  } else if (value.is_array()) {
    for (const JsonField& element : value.elements()) strings.push_back(element.string());
  } else {
    value.reject("a string or a list of strings");
  }
  return strings;
}

bool read_flag(const JsonField& value) { return !value.is_null() && value.boolean(); }

void read_batch_size(const JsonField& value, RunOptions& run) {
  if (!value.is_null()) run.batch_size = read_index(value, 1);
}

std::optional<TruncationStrategy> TokenizerParameters::effective_truncation() const {
  if (truncation_given || !max_length || !padding_is_false) return truncation;
  return TruncationStrategy::longest_first;
}

TokenizeOptions TokenizerParameters::options() const {
  const auto strategy = effective_truncation();
  return {.add_special_tokens = add_special_tokens,
          .truncation = strategy,
          .max_length = strategy ? max_length : std::nullopt,
          .truncation_side = truncation_side};
}

void read_add_special_tokens(const JsonField& value, TokenizerParameters& parameters) {
  parameters.add_special_tokens = value.boolean();
}

void read_truncation(const JsonField& value, TokenizerParameters& parameters) {
  using Choice = std::pair<std::string_view, std::optional<TruncationStrategy>>;
  static constexpr std::array<Choice, 4> choices{
      Choice{"longest_first", TruncationStrategy::longest_first},
      Choice{"only_first", TruncationStrategy::only_first},
      Choice{"only_second", TruncationStrategy::only_second},
      Choice{"do_not_truncate", std::nullopt}};
  if (value.is_null()) return;  // as if it were not given
  parameters.truncation_given = true;
  if (value.is_bool()) {
    parameters.truncation.reset();
    if (value.boolean()) parameters.truncation = TruncationStrategy::longest_first;
  } else if (value.is_string()) {
    parameters.truncation = read_choice(value, std::span<const Choice>(choices));
  } else {
    value.reject("true, false or a strategy such as \"longest_first\"");
  }
}

void read_max_length(const JsonField& value, TokenizerParameters& parameters) {
  if (!value.is_null()) parameters.max_length = read_index(value, 0);
}

void read_truncation_side(const JsonField& value, TokenizerParameters& parameters) {
  using Choice = std::pair<std::string_view, Side>;
  static constexpr std::array<Choice, 2> choices{Choice{"right", Side::right},
                                                 Choice{"left", Side::left}};
  if (!value.is_null()) {
    parameters.truncation_side = read_choice(value, std::span<const Choice>(choices));
  }
}

PaddingStrategy read_padding_strategy(const JsonField& value) {
  using Choice = std::pair<std::string_view, PaddingStrategy>;
  static constexpr std::array<Choice, 3> choices{Choice{"longest", PaddingStrategy::longest},
                                                 Choice{"max_length", PaddingStrategy::max_length},
                                                 Choice{"do_not_pad", PaddingStrategy::none}};
  if (value.is_bool()) return value.boolean() ? PaddingStrategy::longest : PaddingStrategy::none;
  if (!value.is_string()) value.reject("true, false or a strategy such as \"longest\"");
  return read_choice(value, std::span<const Choice>(choices));
}

void read_padding(const JsonField& value, TokenizerParameters& parameters) {
  parameters.padding = read_padding_strategy(value);
  parameters.padding_is_false = value.is_bool() && !value.boolean();
}

std::span<const Parameter<TokenizerParameters>> tokenizer_parameters() {
  static constexpr std::array<Parameter<TokenizerParameters>, 5> table{{
      {"add_special_tokens", read_add_special_tokens},
      {"max_length", read_max_length},
      {"padding", read_padding},
      {"truncation", read_truncation},
      {"truncation_side", read_truncation_side},
  }};
  return table;
}

}  // namespace attend::cli
