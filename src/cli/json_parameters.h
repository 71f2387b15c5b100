// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The `parameters` of a request, as tables: transformers' name and the function that reads it.
// An unknown name is an error that lists the known ones; a wrong type names the parameter.
#pragma once

#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/task/result.h"
#include "attend/task/task_model.h"
#include "checkpoint/checked_json.h"

namespace attend::cli {

/// One parameter: what it is called and how it changes `Options`.
template <class Options>
struct Parameter {
  std::string_view name;
  void (*read)(const JsonField& value, Options& options);
};

/// The row of a name; null where there is none.
template <class Options>
[[nodiscard]] const Parameter<Options>* find_row(std::span<const Parameter<Options>> table,
                                                 std::string_view name) {
  for (const Parameter<Options>& row : table) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

template <class Options>
[[nodiscard]] std::vector<std::string_view> names_of(std::span<const Parameter<Options>> table) {
  std::vector<std::string_view> names;
  for (const Parameter<Options>& row : table) names.push_back(row.name);
  return names;
}

/// Throws that a parameter has no meaning here, with those that have one.
[[noreturn]] void reject_unknown_parameter(std::string_view name,
                                           const std::vector<std::string_view>& known);

/// Reads every member of `parameters` (an object, null or absent) with the row of its name.
template <class Options>
void read_parameters(const std::optional<JsonField>& parameters,
                     std::span<const Parameter<Options>> table, Options& options) {
  if (!parameters || parameters->is_null()) return;
  for (const auto& [name, value] : parameters->members()) {
    const Parameter<Options>* const row = find_row(table, name);
    if (row == nullptr) reject_unknown_parameter(name, names_of(table));
    row->read(value, options);
  }
}

/// Throws that an object has a key besides these; a key that means nothing would be ignored.
void reject_other_keys(const JsonField& object, std::initializer_list<std::string_view> keys);

/// An integer of at least `min`.
[[nodiscard]] Index read_index(const JsonField& value, Index min);
/// A string or a list of strings.
[[nodiscard]] std::vector<std::string> read_strings(const JsonField& value);
/// true or false; null is false, as None is in Python.
[[nodiscard]] bool read_flag(const JsonField& value);
/// `batch_size`, which every pipeline takes; null leaves it as it is.
void read_batch_size(const JsonField& value, RunOptions& run);

/// With the letters A to Z in lower case.
[[nodiscard]] std::string lower_case(std::string_view text);

/// Whether names are compared as they are or in lower case.
enum class LetterCase : bool { kept, ignored };

/// The value that a string stands for.
template <class T>
[[nodiscard]] T read_choice(const JsonField& value,
                            std::span<const std::pair<std::string_view, T>> choices,
                            LetterCase letters = LetterCase::kept) {
  std::string found(value.is_string() ? value.string() : std::string_view());
  if (letters == LetterCase::ignored) found = lower_case(found);
  std::string expected;
  for (const auto& [name, choice] : choices) {
    if (value.is_string() && found == name) return choice;
    expected += (expected.empty() ? "" : ", ") + quote(name);
  }
  value.reject("one of " + expected);
}

/// What pads rows of a batch. It changes tokenizer output, never what a head answers.
enum class PaddingStrategy : std::uint8_t { none, longest, max_length };

/// The keyword arguments of a tokenizer call.
struct TokenizerParameters {
  bool add_special_tokens = true;
  bool truncation_given = false;
  std::optional<TruncationStrategy> truncation;
  std::optional<Index> max_length;
  std::optional<Side> truncation_side;
  PaddingStrategy padding = PaddingStrategy::none;
  bool padding_is_false = true;  ///< or absent, which "do_not_pad" is not

  /// The strategy in force: max_length alone means longest_first unless padding is asked about.
  /// Source: transformers 4.57 tokenization_utils_base.py, _get_padding_truncation_strategies.
  [[nodiscard]] std::optional<TruncationStrategy> effective_truncation() const;
  /// For tasks.
  [[nodiscard]] TokenizeOptions options() const;
};

void read_add_special_tokens(const JsonField& value, TokenizerParameters& parameters);
void read_truncation(const JsonField& value, TokenizerParameters& parameters);
void read_max_length(const JsonField& value, TokenizerParameters& parameters);
void read_truncation_side(const JsonField& value, TokenizerParameters& parameters);
/// true, false, "longest", "max_length" or "do_not_pad".
[[nodiscard]] PaddingStrategy read_padding_strategy(const JsonField& value);
void read_padding(const JsonField& value, TokenizerParameters& parameters);

/// The rows above, for a dictionary of tokenizer arguments inside the parameters.
[[nodiscard]] std::span<const Parameter<TokenizerParameters>> tokenizer_parameters();

}  // namespace attend::cli
