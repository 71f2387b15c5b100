// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Shortest digits are the standard library's; where the point goes is Python's.
#include "core/python_number.h"

#include <array>
#include <charconv>
#include <string_view>

namespace attend {
namespace {

template <class Float>
void append_number(Float value, std::string& out) {
  std::array<char, 64> buffer;  // sign, 17 digits, point, exponent; 16 digits before a point
  const auto scientific = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                        std::chars_format::scientific);
  std::string_view text(buffer.data(), static_cast<std::size_t>(scientific.ptr - buffer.data()));
  int exponent = 0;
  const std::size_t mark = text.find('e');
  const char* digits = text.data() + mark + (text[mark + 1] == '+' ? 2 : 1);
  std::from_chars(digits, text.data() + text.size(), exponent);
  if (exponent < -4 || exponent >= 16) {
    out += text;
    return;
  }
  const auto fixed =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  text = std::string_view(buffer.data(), static_cast<std::size_t>(fixed.ptr - buffer.data()));
  out += text;
  if (text.find('.') == std::string_view::npos) out += ".0";
}

}  // namespace

void append_python_number(float value, std::string& out) { append_number(value, out); }
void append_python_number(double value, std::string& out) { append_number(value, out); }

}  // namespace attend
