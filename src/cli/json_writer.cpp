// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON text: escapes, commas, and the float forms of Python.
#include "cli/json_writer.h"

#include <cmath>

#include "attend/text/utf8.h"
#include "core/python_number.h"

namespace attend::cli {
namespace {

template <class Float>
void append_number(Float value, std::string& out) {
  if (std::isfinite(value)) return append_python_number(value, out);
  out += "null";  // JSON has no such number; tasks turn NaN into errors long before
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

void JsonWriter::digits(std::string_view value) {
  separate();
  text_ += value;
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
