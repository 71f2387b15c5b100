// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON text: escapes, commas, and the float forms of Python.
#include "cli/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "attend/text/utf8.h"

namespace attend::cli {
namespace {

/// Shortest digits, arranged as Python's repr does: an exponent below 1e-4 and from 1e16 on.
template <class Float>
void append_number(Float value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";  // JSON has no such number; tasks turn NaN into errors long before
    return;
  }
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

void append_escaped(std::string_view text, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint code_point = decode_utf8(text.substr(at));
    if (code_point.length == 0) {
      append_utf8(U'\uFFFD', out);
      at += 1;
      continue;
    }
    switch (code_point.value) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        if (code_point.value < 0x20) {
          out += "\\u00";
          out += hex[code_point.value >> 4U];
          out += hex[code_point.value & 0xFU];
        } else {
          out.append(text.substr(at, static_cast<std::size_t>(code_point.length)));
        }
    }
    at += static_cast<std::size_t>(code_point.length);
  }
}

}  // namespace

void JsonWriter::key(std::string_view name) {
  string(name);
  text_ += ": ";
  after_value_ = false;
}

void JsonWriter::string(std::string_view value) {
  separate();
  text_ += '"';
  append_escaped(value, text_);
  text_ += '"';
}

void JsonWriter::integer(std::int64_t value) {
  separate();
  text_ += std::to_string(value);
}

void JsonWriter::number(float value) {
  separate();
  append_number(value, text_);
}

void JsonWriter::number(double value) {
  const auto narrow = static_cast<float>(value);
  if (static_cast<double>(narrow) == value) return number(narrow);
  separate();
  append_number(value, text_);
}

void JsonWriter::boolean(bool value) {
  separate();
  text_ += value ? "true" : "false";
}

void JsonWriter::null() {
  separate();
  text_ += "null";
}

void JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  after_value_ = false;
}

void JsonWriter::close(char bracket) {
  text_ += bracket;
  after_value_ = true;
}

void JsonWriter::separate() {
  if (after_value_) text_ += ", ";
  after_value_ = true;
}

}  // namespace attend::cli
