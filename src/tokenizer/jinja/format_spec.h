// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What one field of a format asks for, and the text that a value becomes by it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tokenizer/jinja/runtime.h"
#include "tokenizer/jinja/value.h"

namespace attend::jinja {

struct FormatSpec {
  std::string fill = " ";
  char align = 0;  ///< < > ^ or = (between sign and digits); 0: as the type does
  char sign = '-';
  bool is_alternate = false;
  std::int64_t width = 0;
  char grouping = 0;  ///< , or _ between digits
  std::optional<std::int64_t> precision;
  char type = 0;
};

/// The width of a field, the precision: a template may ask for anything.
[[nodiscard]] std::int64_t checked_width(Runtime& runtime, std::int64_t width);

/// Throws: for a type that the value has not.
[[nodiscard]] std::string format_integer(Runtime& runtime, const Value& value,
                                         const FormatSpec& spec);
[[nodiscard]] std::string format_real(Runtime& runtime, double value, const FormatSpec& spec);
[[nodiscard]] std::string format_text(Runtime& runtime, std::string_view text,
                                      const FormatSpec& spec);

}  // namespace attend::jinja
