// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes JSON straight into a string: key order is call order, and a float is written in the
// shortest form that reads back to the same float. Python writes such a value as the double that it
// becomes, with more digits: the values are the same, the bytes are not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace attend::cli {

/// Separators, strings and the notation of numbers are those of Python's
/// json.dumps(ensure_ascii=False); a float has the digits of a float32.
class JsonWriter {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  void key(std::string_view name);
  /// Malformed UTF-8 becomes U+FFFD: the output is always valid JSON.
  void string(std::string_view value);
  void integer(std::int64_t value);
  /// One that is written already.
  void digits(std::string_view value);
  void number(float value);
  /// A double that came from a float is written as that float.
  void number(double value);
  void boolean(bool value);
  void null();

  /// Calls `write` for each element, inside brackets.
  template <class Elements, class Write>
  void array(const Elements& elements, Write write) {
    begin_array();
    for (const auto& element : elements) write(element);
    end_array();
  }

  [[nodiscard]] std::string take() { return std::exchange(text_, {}); }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();

  std::string text_;
  bool after_value_ = false;  // a comma is due before the next key or value
};

}  // namespace attend::cli
