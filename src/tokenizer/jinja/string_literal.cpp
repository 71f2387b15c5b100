// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Escapes of string literals.
#include "tokenizer/jinja/string_literal.h"

#include <algorithm>

#include "attend/text/utf8.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/print.h"

namespace attend::jinja {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

class LiteralReader {
 public:
  LiteralReader(std::string_view text, std::size_t line) : rest_(text), line_(line) {}

  std::string read() {
    while (!rest_.empty()) {
      const std::size_t plain = std::min(rest_.find('\\'), rest_.size());
      out_ += rest_.substr(0, plain);
      rest_.remove_prefix(plain);
      if (!rest_.empty()) escape();
    }
    return std::move(out_);
  }

 private:
  void escape() {
    rest_.remove_prefix(1);
    if (rest_.empty()) raise_syntax("\\ at end of string", line_);
    const char c = rest_[0];
    if (static_cast<unsigned char>(c) >= 0x80) return escaped_character();
    rest_.remove_prefix(1);
    switch (c) {
      case '\n': return;
      case '\\':
      case '\'':
      case '"': out_ += c; return;
      case 'a': out_ += '\a'; return;
      case 'b': out_ += '\b'; return;
      case 'f': out_ += '\f'; return;
      case 'n': out_ += '\n'; return;
      case 'r': out_ += '\r'; return;
      case 't': out_ += '\t'; return;
      case 'v': out_ += '\v'; return;
      case 'x': return hex(2);
      case 'u': return hex(4);
      case 'U': return hex(8);
      case 'N': throw Failure{ErrorKind::unsupported, "a character by its name, \\N{...}", line_};
      default: break;
    }
    if (c >= '0' && c <= '7') return octal(c);
    (out_ += '\\') += c;  // no escape after all
  }

  // Jinja writes the character as an escape before it reads any, so that the two make no sense.
  void escaped_character() {
    const CodePoint c = decode_utf8(rest_);
    rest_.remove_prefix(static_cast<std::size_t>(c.length));
    const int digits = c.value <= 0xFF ? 2 : (c.value <= 0xFFFF ? 4 : 8);
    out_ += digits == 2 ? "\\x" : (digits == 4 ? "\\u" : "\\U");
    append_hex(c.value, digits, out_);
  }

  void octal(char first) {
    char32_t value = static_cast<char32_t>(first - '0');
    for (int i = 0; i < 2 && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '7'; ++i) {
      value = value * 8 + static_cast<char32_t>(rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    append_utf8(value, out_);
  }

  void hex(std::size_t digits) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const int digit = rest_.empty() ? -1 : hex_digit(rest_[0]);
      if (digit < 0) raise_syntax("truncated escape in a string", line_);
      value = value * 16 + static_cast<std::uint64_t>(digit);
      rest_.remove_prefix(1);
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
      raise_syntax("an escape in a string stands for no character", line_);
    }
    append_utf8(static_cast<char32_t>(value), out_);
  }

  std::string_view rest_;
  std::size_t line_;
  std::string out_;
};

}  // namespace

std::string string_literal(std::string_view text, std::size_t line) {
  return LiteralReader(text, line).read();
}

}  // namespace attend::jinja
