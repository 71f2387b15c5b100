// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Filters of numbers and of whatever else. Source: filters.py of Jinja 3.1.
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/operators.h"

namespace attend::jinja {
namespace {

Value default_value(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "default", {"default_value", "boolean"});
  const bool is_missing =
      value.is_undefined() || (given.flag(runtime, 1) && !is_true(runtime, value));
  if (!is_missing) return value;
  return given.has(0) ? given.at(0) : runtime.text("");
}

// The quirk that gives 42 for "42.23".
Value integer(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "int", {"default", "base"});
  if (const auto whole = to_integer(runtime, value, given.integer(1, 10))) return *whole;
  const auto real = to_real(runtime, value);
  if (real && std::isfinite(*real)) return *to_integer(runtime, Value(*real));
  return given.has(0) ? given.at(0) : Value(std::int64_t{0});
}

Value real(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "float", {"default"});
  if (const auto number = to_real(runtime, value)) return Value(*number);
  return given.has(0) ? given.at(0) : Value(0.0);
}

Value absolute(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "abs");
  if (value.is(Type::real)) return Value(std::fabs(value.real()));
  if (!value.is_integral()) raise_type(value, "has no absolute value");
  return value.integer() < 0 ? negate(runtime, value) : Value(value.integer());
}

// round() of Python: to the nearest, and to an even digit from the exact middle.
double rounded(Runtime& runtime, double value, std::int64_t digits) {
  if (!std::isfinite(value) || digits > 323) return value;
  if (digits < -308) return std::copysign(0.0, value);
  std::array<char, 700> buffer;
  if (digits >= 0) {
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                   std::chars_format::fixed, static_cast<int>(digits));
    return *to_real(runtime, constant_text(std::string(buffer.data(), end.ptr)));
  }
  const double scale = std::pow(10.0, static_cast<double>(-digits));
  return std::nearbyint(value / scale) * scale;
}

std::int64_t rounded(std::int64_t value, std::int64_t digits) {
  if (digits >= 0) return value;
  if (digits < -18) return 0;
  std::int64_t scale = 1;
  for (std::int64_t i = 0; i < -digits; ++i) scale *= 10;
  std::int64_t rest = value % scale;
  if (rest < 0) rest += scale;
  std::int64_t down = 0;
  if (__builtin_sub_overflow(value, rest, &down)) raise_limit("an integer is beyond 64 bits");
  const bool is_odd = down / scale % 2 != 0;
  const bool goes_up = rest > scale - rest || (rest == scale - rest && is_odd);
  if (goes_up && __builtin_add_overflow(down, scale, &down)) {
    raise_limit("an integer is beyond 64 bits");
  }
  return down;
}

Value round(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "round", {"precision", "method"});
  const std::int64_t digits = given.integer(0, 0);
  const std::string_view method = given.text(1, "common");
  if (method != "common" && method != "ceil" && method != "floor") {
    raise("method must be common, ceil or floor");
  }
  if (!value.is_number()) raise_type(value, "cannot be rounded");
  if (method == "common") {
    return value.is(Type::real) ? Value(rounded(runtime, value.real(), digits))
                                : Value(rounded(value.integer(), digits));
  }
  const Value scale = calculate(runtime, Operator::power, Value(std::int64_t{10}), Value(digits));
  const Value scaled = calculate(runtime, Operator::multiply, value, scale);
  if (scaled.is_integral()) return calculate(runtime, Operator::divide, scaled, scale);
  const double whole = method == "ceil" ? std::ceil(scaled.real()) : std::floor(scaled.real());
  if (!std::isfinite(whole)) raise("cannot convert float infinity or NaN to integer");
  // -0.0 is no integer.
  return calculate(runtime, Operator::divide, Value(whole + 0.0), scale);
}

// An attribute alone, never an element.
Value attr(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "attr", {"name"}, 1);
  const std::string name(given.text(0));
  if (value.is(Type::dict) && find_method(value, name) == nullptr) {
    return runtime.undefined_part(value, runtime.text(name));
  }
  return attribute(runtime, value, name);
}

constexpr std::array<NamedFunction, 7> number_filter_table{{{"default", default_value},
                                                            {"d", default_value},
                                                            {"int", integer},
                                                            {"float", real},
                                                            {"abs", absolute},
                                                            {"round", round},
                                                            {"attr", attr}}};

}  // namespace

std::span<const NamedFunction> number_filters() noexcept { return number_filter_table; }

}  // namespace attend::jinja
