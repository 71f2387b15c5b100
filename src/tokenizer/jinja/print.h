// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What Python prints for numbers.
#pragma once

#include <string>
#include <string_view>

#include "tokenizer/jinja/value.h"

namespace attend::jinja {

/// repr() of a number, with the words of `Words` for what is not finite.
struct NotFinite {
  std::string_view nan = "nan";
  std::string_view infinity = "inf";
};
void append_real(double value, std::string& out, const NotFinite& words = {});
/// Of any number.
[[nodiscard]] std::string number_text(const Value& value);
/// `\x0a` and the like.
void append_hex(char32_t value, int digits, std::string& out);

}  // namespace attend::jinja
