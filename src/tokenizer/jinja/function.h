// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions that a template calls: filters, tests, methods and globals, in tables, and how
// arguments find their parameters.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/jinja/runtime.h"
#include "tokenizer/jinja/value.h"

namespace attend::jinja {

/// A function of what stands before it and of arguments.
struct NamedFunction {
  std::string_view name;
  Value (*call)(Runtime& runtime, const Value& subject, Arguments& arguments);
};

/// What a call gives for each parameter of a function.
class Parameters {
 public:
  /// Names end with those that may be left out; the first `required` may not.
  /// Throws: as Python does for arguments that fit no parameter.
  Parameters(Arguments& arguments, std::string_view function,
             std::initializer_list<std::string_view> names, std::size_t required = 0);

  [[nodiscard]] bool has(std::size_t index) const noexcept { return values_[index].has_value(); }
  /// Given, or None.
  [[nodiscard]] const Value& at(std::size_t index) const noexcept;
  [[nodiscard]] const Value& at(std::size_t index, const Value& otherwise) const noexcept {
    return values_[index] ? *values_[index] : otherwise;
  }
  [[nodiscard]] bool flag(Runtime& runtime, std::size_t index, bool otherwise = false) const;
  /// Throws: for anything but an integer.
  [[nodiscard]] std::int64_t integer(std::size_t index, std::int64_t otherwise) const;
  /// Throws: for anything but a text.
  [[nodiscard]] std::string_view text(std::size_t index, std::string_view otherwise = {}) const;
  /// The same, but empty for None, too.
  [[nodiscard]] std::string_view text_or_none(std::size_t index) const {
    return at(index).is_none() ? std::string_view() : text(index);
  }

 private:
  std::vector<std::optional<Value>> values_;
};

/// What arguments take that are kept.
[[nodiscard]] std::size_t bytes_of(const Arguments& arguments) noexcept;
/// Throws that there are arguments where none are taken.
void take_no_arguments(const Arguments& arguments, std::string_view function);

// Each is a table of its own file, found by name; null where there is no such function.
[[nodiscard]] const NamedFunction* find_filter(std::string_view name) noexcept;
[[nodiscard]] const NamedFunction* find_test(std::string_view name) noexcept;
[[nodiscard]] const NamedFunction* find_method(const Value& of, std::string_view name) noexcept;
[[nodiscard]] std::span<const NamedFunction> text_filters() noexcept;
[[nodiscard]] std::span<const NamedFunction> sequence_filters() noexcept;
[[nodiscard]] std::span<const NamedFunction> selection_filters() noexcept;
[[nodiscard]] std::span<const NamedFunction> number_filters() noexcept;
[[nodiscard]] std::span<const NamedFunction> text_methods() noexcept;
[[nodiscard]] std::span<const NamedFunction> character_methods() noexcept;
[[nodiscard]] const NamedFunction* find_in(std::span<const NamedFunction> table,
                                           std::string_view name) noexcept;
/// Of Jinja, but not here.
[[nodiscard]] bool is_unsupported_filter(std::string_view name) noexcept;
/// range, namespace, raise_exception ...; nothing for another name.
[[nodiscard]] std::optional<Value> find_global(Runtime& runtime, std::string_view name);

/// A function of a table that knows what it is a method of.
[[nodiscard]] Value bound_method(Runtime& runtime, const Value& subject,
                                 const NamedFunction& function);

/// value % arguments, and value.format(...).
[[nodiscard]] Value percent_format(Runtime& runtime, const Value& format, const Value& arguments);
[[nodiscard]] Value brace_format(Runtime& runtime, const Value& format, const Arguments& arguments);
/// json.dumps(value, ...), with the parameters of transformers' filter.
[[nodiscard]] Value to_json(Runtime& runtime, const Value& value, Arguments& arguments);
/// int(value) and float(value), or nothing where Python raises ValueError or TypeError.
[[nodiscard]] std::optional<Value> to_integer(Runtime& runtime, const Value& value,
                                              std::int64_t base = 10);
[[nodiscard]] std::optional<double> to_real(Runtime& runtime, const Value& value);
/// Markup of a text whose characters of HTML are escaped, unless it is markup already.
[[nodiscard]] std::string escaped(Runtime& runtime, const Value& value);

}  // namespace attend::jinja
