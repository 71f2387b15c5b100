// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// int() and float() of Python.
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/print.h"

namespace attend::jinja {
namespace {

// How often digits are gone over, one by one.
constexpr std::size_t digit_copies = 8;

// Without single underscores between digits; nothing where one stands elsewhere.
std::optional<std::string> without_underscores(std::string_view text) {
  const auto is_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
    } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return std::nullopt;
    }
  }
  return out;
}

// The base that a prefix names, and what is behind it.
std::int64_t take_prefix(std::string_view& digits, std::int64_t base) {
  if (digits.size() < 2 || digits[0] != '0') return base == 0 ? 10 : base;
  const char letter = static_cast<char>(digits[1] | 0x20);
  const std::int64_t named = letter == 'x' ? 16 : (letter == 'o' ? 8 : (letter == 'b' ? 2 : 0));
  if (named == 0 || (base != 0 && base != named)) return base == 0 ? 10 : base;
  digits.remove_prefix(2);
  if (digits.starts_with('_')) digits.remove_prefix(1);
  return named;
}

std::optional<Value> integer_of(std::string_view text, std::int64_t base) {
  if (base != 0 && (base < 2 || base > 36)) return std::nullopt;
  std::string_view digits = strip(text, Sides::both);
  const bool is_negative = digits.starts_with('-');
  if (is_negative || digits.starts_with('+')) digits.remove_prefix(1);
  const bool had_prefix = base == 0 && digits.starts_with('0');
  base = take_prefix(digits, base);
  const auto clean = without_underscores(digits);
  if (!clean || clean->empty()) return std::nullopt;
  // int("012", 0) is refused, "00" is not.
  if (had_prefix && base == 10 && clean->find_first_not_of('0') != std::string::npos) {
    return std::nullopt;
  }
  const std::string number = (is_negative ? "-" : "") + *clean;
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), value, static_cast<int>(base));
  if (error == std::errc::result_out_of_range && end == number.data() + number.size()) {
    raise_limit("an integer is beyond 64 bits");
  }
  if (error != std::errc() || end != number.data() + number.size()) return std::nullopt;
  return Value(value);
}

// Every double as large as this is a whole number.
Value large_integer(double value) {
  std::array<char, 400> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return {Type::large_integer, std::make_shared<LargeInteger>(std::string(buffer.data(), end.ptr))};
}

std::optional<double> real_of(std::string_view text) {
  const auto clean = without_underscores(strip(text, Sides::both));
  if (!clean || clean->empty()) return std::nullopt;
  std::string_view digits = *clean;
  if (digits[0] == '+') digits.remove_prefix(1);
  if (digits.empty() || digits[0] == '+') return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size()) return std::nullopt;
  if (digits.find('(') != std::string_view::npos) return std::nullopt;  // nan(...)
  if (error == std::errc::result_out_of_range) {
    const bool is_small =
        digits.find("e-") != std::string_view::npos || digits.find("E-") != std::string_view::npos;
    const double beyond = is_small ? 0.0 : HUGE_VAL;
    return digits[0] == '-' ? -beyond : beyond;
  }
  return value;
}

}  // namespace

std::optional<Value> to_integer(Runtime& runtime, const Value& value, std::int64_t base) {
  if (value.is_undefined()) raise_undefined(value);
  if (value.is_integral()) return Value(value.integer());
  if (value.is(Type::large_integer)) return value;
  if (value.is_text()) {
    runtime.meter.touch(digit_copies * value.view().size());
    return integer_of(value.view(), base);
  }
  if (!value.is(Type::real) || std::isnan(value.real())) return std::nullopt;
  if (std::isinf(value.real())) raise("cannot convert float infinity to integer");
  if (std::fabs(value.real()) >= 9.2e18) return large_integer(value.real());
  return Value(static_cast<std::int64_t>(value.real()));
}

std::optional<double> to_real(Runtime& runtime, const Value& value) {
  if (value.is_undefined()) raise_undefined(value);
  if (value.is_number()) return value.as_real();
  if (!value.is_text() && !value.is(Type::large_integer)) return std::nullopt;
  const std::string_view digits =
      value.is_text() ? value.view() : std::string_view(value.object<LargeInteger>().digits);
  runtime.meter.touch(digit_copies * digits.size());
  return real_of(digits);
}

}  // namespace attend::jinja
