// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Where tags begin and end, which blanks around them are dropped, and what stands in them.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "core/ascii.h"
#include "core/limits.h"
#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/string_literal.h"
#include "tokenizer/jinja/token.h"

namespace attend::jinja {
namespace {

// "\r\n" and "\r" become "\n", and one at the end is dropped.
std::string with_newlines(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] != '\r') {
      out += source[i];
    } else {
      out += '\n';
      if (source.substr(i + 1).starts_with('\n')) ++i;
    }
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(with_newlines(source)), rest_(source_) {}

  std::vector<Token> run() {
    while (!rest_.empty()) outside();
    add(TokenType::end);
    return std::move(tokens_);
  }

 private:
  void add(TokenType type, std::string text = {}, Value number = {}) {
    add(type, line_, std::move(text), std::move(number));
  }
  // The tree has not more nodes than there are tokens.
  void add(TokenType type, std::size_t line, std::string text, Value number) {
    if (tokens_.size() == limits::template_tokens) fail_length("tokens", limits::template_tokens);
    tokens_.push_back({type, line, std::move(text), std::move(number)});
  }
  [[noreturn]] void fail_length(std::string_view of, std::size_t most) const {
    throw Failure{ErrorKind::resource_limit,
                  "more than " + std::to_string(most) + " " + std::string(of), line_};
  }

  // Every character passes here once, which counts lines.
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    line_ += static_cast<std::size_t>(std::count(taken.begin(), taken.end(), '\n'));
    rest_.remove_prefix(size);
    return taken;
  }
  std::size_t blanks_at(std::size_t at) const {
    const std::string_view from = rest_.substr(at);
    return from.size() - strip(from, Sides::left).size();
  }

  // What is between two tags, without the blanks that the sign of the tag behind it drops.
  std::string_view kept_text(std::string_view text, char sign, bool is_output) const {
    if (sign == '-') return strip(text, Sides::right);
    if (sign == '+' || is_output) return text;
    const std::size_t newline = text.rfind('\n');
    const std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
    if (line == 0 && !is_line_start_) return text;
    const bool is_blank = line < text.size() && strip(text.substr(line), Sides::left).empty();
    return is_blank ? text.substr(0, line) : text;
  }

  void outside() {
    std::size_t at = 0;
    for (;; ++at) {
      at = rest_.find('{', at);
      if (at == std::string_view::npos || at + 1 >= rest_.size()) {
        add(TokenType::text, std::string(rest_));
        take(rest_.size());
        return;
      }
      const char kind = rest_[at + 1];
      if (kind == '%' || kind == '{' || kind == '#') break;
    }
    const char kind = rest_[at + 1];
    const char after = at + 2 < rest_.size() ? rest_[at + 2] : ' ';
    const char sign = after == '-' || after == '+' ? after : ' ';
    const auto text = std::string(kept_text(rest_.substr(0, at), sign, kind == '{'));
    if (!text.empty()) add(TokenType::text, text);
    take(at);
    const std::size_t size = sign == ' ' ? 2 : 3;
    if (kind == '%' && raw_block(size)) return;
    take(size);
    if (kind == '#') {
      comment();
    } else {
      const bool is_output = kind == '{';
      add(is_output ? TokenType::begin_output : TokenType::begin_tag);
      inside(is_output);
    }
  }

  // Passes the end of a tag, whose first characters are `mark` with a sign before it, and what it
  // drops behind it. False where there is none.
  bool take_end(std::string_view mark, bool trims_newline) {
    const bool has_minus = rest_.starts_with('-') && rest_.substr(1).starts_with(mark);
    const bool has_plus =
        trims_newline && rest_.starts_with('+') && rest_.substr(1).starts_with(mark);
    if (!has_minus && !has_plus && !rest_.starts_with(mark)) return false;
    std::size_t size = mark.size() + (has_minus || has_plus ? 1 : 0);
    if (has_minus) {
      size += blanks_at(size);
    } else if (!has_plus && trims_newline && rest_.substr(size).starts_with('\n')) {
      ++size;
    }
    is_line_start_ = take(size).ends_with('\n');
    return true;
  }

  void comment() {
    const std::size_t line = line_;
    for (std::size_t at = 0;;) {
      at = rest_.find("#}", at);
      if (at == std::string_view::npos) raise_syntax("Missing end of comment tag", line);
      const bool has_sign = at > 0 && (rest_[at - 1] == '-' || rest_[at - 1] == '+');
      take(has_sign ? at - 1 : at);
      take_end("#}", true);
      return;
    }
  }

  // The size of `{% word %}` at `at`, up to its end mark; 0 where there is no such tag.
  std::size_t tag_of(std::size_t at, std::string_view word) const {
    std::size_t end = at + blanks_at(at);
    if (!rest_.substr(end).starts_with(word)) return 0;
    end += word.size();
    end += blanks_at(end);
    const std::string_view behind = rest_.substr(end);
    if (behind.starts_with("%}") || behind.starts_with("-%}")) return end;
    return word == "endraw" && behind.starts_with("+%}") ? end : 0;
  }

  // {% raw %} ... {% endraw %} with `size` characters in its first mark.
  bool raw_block(std::size_t size) {
    const std::size_t head = tag_of(size, "raw");
    if (head == 0) return false;
    const std::size_t line = line_;
    take(head);
    take_end("%}", false);  // keeps a line end behind it
    for (std::size_t at = 0;; at += 2) {
      at = rest_.find("{%", at);
      if (at == std::string_view::npos) raise_syntax("Missing end of raw directive", line);
      const char after = at + 2 < rest_.size() ? rest_[at + 2] : ' ';
      const bool has_sign = after == '-' || after == '+';
      const std::size_t end = tag_of(at + (has_sign ? 3 : 2), "endraw");
      if (end == 0) continue;
      const auto text = std::string(kept_text(rest_.substr(0, at), has_sign ? after : ' ', false));
      if (!text.empty()) add(TokenType::text, text);
      take(end);
      take_end("%}", true);
      return true;
    }
  }

  void inside(bool is_output) {
    std::string brackets;  // those that close the open ones; a tag ends only without any
    for (;;) {
      if (brackets.empty() && (is_output ? take_end("}}", false) : take_end("%}", true))) {
        add(is_output ? TokenType::end_output : TokenType::end_tag);
        return;
      }
      if (rest_.empty()) return;  // the parser says what it misses
      if (const std::size_t blanks = blanks_at(0); blanks > 0) {
        take(blanks);
      } else if (is_ascii_digit(rest_[0])) {
        number();
      } else if (!name() && !string()) {
        sign(brackets);
      }
    }
  }

  static std::size_t digits_at(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() &&
           (is_ascii_digit(text[end]) || (text[end] == '_' && end > at && end + 1 < text.size() &&
                                          is_ascii_digit(text[end + 1])))) {
      ++end;
    }
    return end - at;
  }

  // The size of the fraction or number with an exponent that begins here; 0 for an integer.
  std::size_t real_size() const {
    std::size_t end = digits_at(rest_, 0);
    bool is_real = false;
    if (end < rest_.size() && rest_[end] == '.') {
      if (const std::size_t fraction = digits_at(rest_, end + 1); fraction > 0) {
        end += 1 + fraction;
        is_real = true;
      }
    }
    if (end < rest_.size() && (rest_[end] == 'e' || rest_[end] == 'E')) {
      const bool has_sign =
          end + 1 < rest_.size() && (rest_[end + 1] == '+' || rest_[end + 1] == '-');
      const std::size_t begin = end + (has_sign ? 2 : 1);
      if (const std::size_t exponent = digits_at(rest_, begin); exponent > 0) {
        return begin + exponent;
      }
    }
    return is_real ? end : 0;
  }

  // Digits of a base, with single underscores between them.
  static std::size_t based_digits(std::string_view text, std::size_t at, std::string_view allowed) {
    const auto is_one = [&](std::size_t i) {
      return i < text.size() && allowed.find(text[i]) != std::string_view::npos;
    };
    std::size_t end = at;
    while (is_one(end) || (end < text.size() && text[end] == '_' && is_one(end + 1))) ++end;
    return end;
  }

  // The size of an integer, and its base.
  std::pair<std::size_t, int> integer_size() const {
    if (rest_[0] != '0') return {based_digits(rest_, 0, "0123456789"), 10};
    const char letter = rest_.size() > 1 ? static_cast<char>(rest_[1] | 0x20) : ' ';
    const std::string_view digits = letter == 'b'   ? "01"
                                    : letter == 'o' ? "01234567"
                                    : letter == 'x' ? "0123456789abcdefABCDEF"
                                                    : "";
    if (!digits.empty()) {
      const std::size_t end = based_digits(rest_, 2, digits);
      if (end > 2) return {end, letter == 'b' ? 2 : (letter == 'o' ? 8 : 16)};
    }
    return {based_digits(rest_, 0, "0"), 10};
  }

  static std::string without_underscores(std::string_view text) {
    std::string out(text);
    out.erase(std::remove(out.begin(), out.end(), '_'), out.end());
    return out;
  }

  void number() {
    const bool is_behind_point = rest_.data() > source_.data() && rest_.data()[-1] == '.';
    if (const std::size_t size = is_behind_point ? 0 : real_size(); size > 0) {
      const std::string digits = without_underscores(take(size));
      double value = 0;
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (error == std::errc::result_out_of_range) {
        value = digits.find("e-") != std::string::npos || digits.find("E-") != std::string::npos
                    ? 0.0
                    : HUGE_VAL;
      }
      return add(TokenType::number, digits, Value(value));
    }
    const auto [size, base] = integer_size();
    const std::string digits = without_underscores(take(size));
    std::int64_t value = 0;
    const std::string_view behind = std::string_view(digits).substr(base == 10 ? 0 : 2);
    const auto [end, error] =
        std::from_chars(behind.data(), behind.data() + behind.size(), value, base);
    if (error != std::errc::result_out_of_range) {
      return add(TokenType::number, digits, Value(value));
    }
    if (base != 10) {
      throw Failure{ErrorKind::resource_limit, "an integer is beyond 64 bits", line_};
    }
    add(TokenType::number, digits,
        Value(Type::large_integer, std::make_shared<LargeInteger>(digits)));
  }

  bool name() {
    std::size_t end = 0;
    while (end < rest_.size()) {
      const CodePoint c = decode_utf8(rest_.substr(end));
      if (c.value != U'_' && !is_word(c.value)) break;
      end += static_cast<std::size_t>(c.length);
    }
    if (end == 0) return false;
    if (end > limits::template_name_bytes) {
      fail_length("bytes in a name", limits::template_name_bytes);
    }
    add(TokenType::name, std::string(take(end)));
    return true;
  }

  bool string() {
    const char quote = rest_[0];
    if (quote != '\'' && quote != '"') return false;
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != quote)
      end += rest_[end] == '\\' ? std::size_t{2} : std::size_t{1};
    if (end >= rest_.size()) return false;
    const std::size_t line = line_;
    const std::string_view inside = take(end + 1);
    add(TokenType::string, line, string_literal(inside.substr(1, end - 1), line), {});
    return true;
  }

  void sign(std::string& brackets) {
    constexpr std::array<std::string_view, 6> long_signs{"//", "**", "==", "!=", ">=", "<="};
    constexpr std::string_view short_signs = "+-/*%~[](){}><=.:|,;";
    std::string_view found = rest_.substr(0, 2);
    if (std::find(long_signs.begin(), long_signs.end(), found) == long_signs.end()) {
      found = rest_.substr(0, 1);
      if (short_signs.find(found[0]) == std::string_view::npos) {
        const auto size = static_cast<std::size_t>(std::max(decode_utf8(rest_).length, 1));
        raise_syntax("unexpected char " + quote(rest_.substr(0, size)), line_);
      }
    }
    switch (found[0]) {
      case '{': brackets += '}'; break;
      case '(': brackets += ')'; break;
      case '[': brackets += ']'; break;
      case '}':
      case ')':
      case ']':
        if (!brackets.ends_with(found[0])) {
          raise_syntax(
              "unexpected " + quote(found) +
                  (brackets.empty() ? ""
                                    : ", expected " + quote(brackets.substr(brackets.size() - 1))),
              line_);
        }
        brackets.pop_back();
        break;
      default: break;
    }
    add(TokenType::sign, std::string(found));
    take(found.size());
  }

  std::string source_;
  std::string_view rest_;
  std::size_t line_ = 1;
  bool is_line_start_ = true;  // no tag stands before the text in its line
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> split_tokens(std::string_view source) { return Lexer(source).run(); }

}  // namespace attend::jinja
