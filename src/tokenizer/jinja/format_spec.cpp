// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Numbers with signs, widths and precisions, as Python prints them whatever the locale.
#include "tokenizer/jinja/format_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "attend/text/utf8.h"
#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/print.h"

namespace attend::jinja {
namespace {

constexpr std::int64_t longest_precision = 10'000;

// `sign` and digits, filled up to the width.
std::string aligned(Runtime& runtime, std::string_view sign, std::string_view body, char align,
                    const FormatSpec& spec) {
  const std::int64_t size = count_code_points(sign) + count_code_points(body);
  const auto missing = static_cast<std::size_t>(
      std::max<std::int64_t>(checked_width(runtime, spec.width) - size, 0));
  runtime.meter.check_room(missing * spec.fill.size() + body.size());
  if (spec.align != 0) align = spec.align;
  const std::size_t left = align == '<' ? 0 : (align == '^' ? missing / 2 : missing);
  const auto filled = [&](std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += spec.fill;
    return out;
  };
  std::string out;
  if (align == '=') {
    (out += sign) += filled(missing);
    return out += body;
  }
  out = filled(left);
  (out += sign) += body;
  return out += filled(missing - left);
}

std::string grouped(std::string digits, char separator, std::size_t every) {
  const std::size_t end =
      std::min(digits.find_first_not_of("0123456789abcdefABCDEF"), digits.size());
  for (std::size_t at = end; at > every;) {
    at -= every;
    digits.insert(at, 1, separator);
  }
  return digits;
}

std::string_view sign_text(bool is_negative, char wanted) noexcept {
  if (is_negative) return "-";
  return wanted == '+' ? "+" : (wanted == ' ' ? " " : "");
}

std::string with_capitals(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string real_digits(double value, char type, std::optional<std::int64_t> precision) {
  const char lower = static_cast<char>(type | 0x20);
  if (type == 0 && !precision) {
    std::string out;
    append_real(value, out);
    return out;
  }
  const auto format = lower == 'f'   ? std::chars_format::fixed
                      : lower == 'e' ? std::chars_format::scientific
                                     : std::chars_format::general;
  std::vector<char> buffer(static_cast<std::size_t>(precision.value_or(6)) + 400);
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format,
                                 static_cast<int>(precision.value_or(6)));
  std::string out(buffer.data(), end.ptr);
  // format() without a type keeps a point.
  if (type == 0 && out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

}  // namespace

std::int64_t checked_width(Runtime& runtime, std::int64_t width) {
  if (width < 0) raise_limit("a width is too large");
  runtime.meter.check_room(static_cast<std::size_t>(width));
  runtime.meter.touch(static_cast<std::size_t>(width));
  return width;
}

std::string format_integer(Runtime& runtime, const Value& value, const FormatSpec& spec) {
  const std::int64_t number = value.integer();
  const char lower = static_cast<char>(spec.type | 0x20);
  const int base = lower == 'x' ? 16 : (spec.type == 'o' ? 8 : (spec.type == 'b' ? 2 : 10));
  const std::uint64_t size =
      number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  std::array<char, 80> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), size, base);
  std::string digits(buffer.data(), end.ptr);
  // Of %: at least so many digits.
  const std::int64_t least = spec.precision.value_or(0);
  static_cast<void>(checked_width(runtime, least));
  if (least > static_cast<std::int64_t>(digits.size())) {
    digits.insert(0, static_cast<std::size_t>(least) - digits.size(), '0');
  }
  if (spec.grouping != 0) digits = grouped(std::move(digits), spec.grouping, base == 10 ? 3 : 4);
  std::string sign(sign_text(number < 0, spec.sign));
  if (spec.is_alternate && base != 10) (sign += '0') += static_cast<char>(base == 8 ? 'o' : lower);
  if (spec.type == 'X') {
    digits = with_capitals(std::move(digits));
    sign = with_capitals(std::move(sign));
  }
  return aligned(runtime, sign, digits, '>', spec);
}

std::string format_real(Runtime& runtime, double value, const FormatSpec& spec) {
  if (spec.precision && *spec.precision > longest_precision)
    raise_limit("a precision is too large");
  const bool is_percent = spec.type == '%';
  const double number = is_percent ? std::fabs(value) * 100 : std::fabs(value);
  std::string digits;
  if (std::isfinite(number)) {
    const auto precision =
        spec.precision == 0 && static_cast<char>(spec.type | 0x20) == 'g' ? 1 : spec.precision;
    digits = real_digits(number, is_percent ? 'f' : spec.type, precision);
  } else {
    digits = std::isnan(number) ? "nan" : "inf";
  }
  if (spec.grouping != 0 && std::isfinite(number))
    digits = grouped(std::move(digits), spec.grouping, 3);
  if (spec.type == 'E' || spec.type == 'F' || spec.type == 'G')
    digits = with_capitals(std::move(digits));
  if (is_percent) digits += '%';
  const bool is_negative = std::signbit(value) && !std::isnan(value);
  return aligned(runtime, sign_text(is_negative, spec.sign), digits, '>', spec);
}

std::string format_text(Runtime& runtime, std::string_view text, const FormatSpec& spec) {
  runtime.meter.touch(text.size());
  if (spec.precision) {
    std::size_t end = 0;
    for (std::int64_t i = 0; i < *spec.precision && end < text.size(); ++i) {
      end += static_cast<std::size_t>(decode_utf8(text.substr(end)).length);
    }
    text = text.substr(0, end);
  }
  runtime.meter.check_room(text.size());
  return aligned(runtime, {}, text, '<', spec);
}

}  // namespace attend::jinja
