// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The digits as one integer, rounded to a double, times or by a power of ten, rounded again.
#include "checkpoint/serde_number.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/ascii.h"

namespace attend {
namespace {

constexpr int largest_power = 308;

// The nearest doubles to the powers of ten.
double power_of_ten(int exponent) {
  static const auto powers = [] {
    std::array<double, largest_power + 1> out{};
    for (int i = 0; i <= largest_power; ++i) {
      const std::string text = "1e" + std::to_string(i);
      std::from_chars(text.data(), text.data() + text.size(), out[static_cast<std::size_t>(i)]);
    }
    return out;
  }();
  return powers[static_cast<std::size_t>(exponent)];
}

// The number is significand * 10^exponent.
struct Parts {
  std::uint64_t significand = 0;
  std::int64_t exponent = 0;
};

// Digits behind the first that 64 bits cannot hold only count.
Parts read_digits(std::string_view text, std::size_t& at) {
  Parts out;
  bool is_fraction = false;
  bool is_full = false;
  for (; at < text.size() && (is_ascii_digit(text[at]) || text[at] == '.'); ++at) {
    if (text[at] == '.') {
      is_fraction = true;
      is_full = false;  // it may take a digit that is smaller than the one it could not
      continue;
    }
    const auto digit = static_cast<std::uint64_t>(text[at] - '0');
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    is_full = is_full || out.significand > (most - digit) / 10;
    if (!is_full) out.significand = out.significand * 10 + digit;
    out.exponent += is_full == is_fraction ? 0 : is_full ? 1 : -1;
  }
  return out;
}

std::int64_t read_exponent(std::string_view text, std::size_t at) {
  if (at == text.size()) return 0;
  ++at;  // e
  const bool is_negative = text[at] == '-';
  if (text[at] == '-' || text[at] == '+') ++at;
  std::int64_t value = 0;
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  for (; at < text.size(); ++at) value = std::min(value * 10 + (text[at] - '0'), most);
  return is_negative ? -value : value;
}

// The shortest text of the number, or so many digits of it with an exponent.
std::string printed(double value, std::optional<int> digits) {
  std::array<char, 40> out{};
  char* const end = out.data() + out.size();
  const auto result =
      digits ? std::to_chars(out.data(), end, value, std::chars_format::scientific, *digits - 1)
             : std::to_chars(out.data(), end, value);
  return {out.data(), result.ptr};
}

// "-1.234e-05" as "-1234e-8", and the same with other whole numbers near 1234, each of them another
// double where they have more than 53 bits.
std::vector<std::string> spellings_near(double value, int digits) {
  std::string text = printed(std::abs(value), digits);
  const std::size_t e = text.find('e');
  int exponent = 0;
  const char* const end = text.data() + text.size();
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);
  text.erase(e);
  text.erase(text.find('.'), 1);
  std::uint64_t middle = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), middle).ec != std::errc()) return {};
  // 17 digits are more than 53 bits.
  const auto width = static_cast<int>(std::bit_width(middle));
  const std::uint64_t unit = width < 53 ? 0 : std::uint64_t{1} << static_cast<unsigned>(width - 53);
  constexpr std::uint64_t around = 16;
  std::vector<std::string> out;
  for (std::uint64_t i = 0; i <= 2 * around && unit > 0; ++i) {
    out.push_back((value < 0 ? "-" : "") + std::to_string(middle - around * unit + i * unit) + "e" +
                  std::to_string(exponent - digits + 1));
  }
  return out;
}

std::optional<std::string> text_of(double value) {
  const std::string shortest = printed(value, std::nullopt);
  if (serde_number(shortest) == value) return shortest;
  for (int digits = 17; digits <= 20; ++digits) {
    for (const std::string& text : spellings_near(value, digits)) {
      if (serde_number(text) == value) return text;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> serde_number(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  std::size_t at = is_negative ? 1 : 0;
  Parts parts = read_digits(text, at);
  parts.exponent += read_exponent(text, at);
  auto value = static_cast<double>(parts.significand);
  while (parts.exponent < -largest_power && value != 0) {
    value /= power_of_ten(largest_power);
    parts.exponent += largest_power;
  }
  if (value != 0 && parts.exponent > largest_power) return std::nullopt;
  if (value != 0 && parts.exponent < 0) value /= power_of_ten(static_cast<int>(-parts.exponent));
  if (value != 0 && parts.exponent > 0) value *= power_of_ten(static_cast<int>(parts.exponent));
  if (std::isinf(value)) return std::nullopt;
  return is_negative ? -value : value;
}

std::string serde_text(double value) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double close :
       {value, std::nextafter(value, infinity), std::nextafter(value, -infinity)}) {
    if (auto text = text_of(close)) return *std::move(text);
  }
  return printed(value, std::nullopt);
}

}  // namespace attend
