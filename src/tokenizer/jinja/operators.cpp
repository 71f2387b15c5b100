// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic of Python: division rounds down, True is 1, texts and lists add up and repeat.
#include "tokenizer/jinja/operators.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"

namespace attend::jinja {
namespace {

std::string_view sign_of(Operator operation) noexcept {
  switch (operation) {
    case Operator::add: return "+";
    case Operator::subtract: return "-";
    case Operator::multiply: return "*";
    case Operator::divide: return "/";
    case Operator::floor_divide: return "//";
    case Operator::modulo: return "%";
    case Operator::power: return "** or pow()";
    case Operator::equal: return "==";
    case Operator::not_equal: return "!=";
    case Operator::less: return "<";
    case Operator::less_equal: return "<=";
    case Operator::greater: return ">";
    case Operator::greater_equal: return ">=";
    case Operator::in: return "in";
    case Operator::not_in: return "not in";
  }
  return "?";
}

[[noreturn]] void raise_operands(Operator operation, const Value& a, const Value& b) {
  raise("unsupported operand type(s) for " + std::string(sign_of(operation)) + ": '" +
        std::string(type_name(a)) + "' and '" + std::string(type_name(b)) + "'");
}

[[noreturn]] void raise_large() { raise_limit("an integer is beyond 64 bits"); }

std::int64_t checked_power(std::int64_t base, std::int64_t exponent) {
  std::int64_t out = 1;
  for (;;) {
    if (exponent % 2 == 1 && __builtin_mul_overflow(out, base, &out)) raise_large();
    exponent /= 2;
    if (exponent == 0) return out;
    if (__builtin_mul_overflow(base, base, &base)) raise_large();
  }
}

Value calculate_integers(Operator operation, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  switch (operation) {
    case Operator::add:
      if (__builtin_add_overflow(a, b, &out)) raise_large();
      return Value(out);
    case Operator::subtract:
      if (__builtin_sub_overflow(a, b, &out)) raise_large();
      return Value(out);
    case Operator::multiply:
      if (__builtin_mul_overflow(a, b, &out)) raise_large();
      return Value(out);
    case Operator::divide:
      if (b == 0) raise("division by zero");
      return Value(static_cast<double>(a) / static_cast<double>(b));
    case Operator::floor_divide:
      if (b == 0) raise("integer division or modulo by zero");
      if (b == -1 && a == INT64_MIN) raise_large();
      return Value(a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0));
    case Operator::modulo:
      if (b == 0) raise("integer modulo by zero");
      if (b == -1) return Value(std::int64_t{0});
      out = a % b;
      return Value(out != 0 && (out < 0) != (b < 0) ? out + b : out);
    case Operator::power:
      if (b >= 0) return Value(checked_power(a, b));
      if (a == 0) raise("0.0 cannot be raised to a negative power");
      return Value(std::pow(static_cast<double>(a), static_cast<double>(b)));
    default: break;
  }
  raise("no operation of numbers");
}

// Source: float_divmod of CPython.
double floor_divide(double a, double b) {
  double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, a / b);
  const double down = std::floor(quotient);
  return quotient - down > 0.5 ? down + 1 : down;
}

double modulo(double a, double b) {
  double rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(0.0, b);
  if ((b < 0) != (rest < 0)) rest += b;
  return rest;
}

Value calculate_reals(Operator operation, double a, double b) {
  const bool divides = operation == Operator::divide || operation == Operator::floor_divide ||
                       operation == Operator::modulo;
  if (divides && b == 0) raise("float division by zero");
  switch (operation) {
    case Operator::add: return Value(a + b);
    case Operator::subtract: return Value(a - b);
    case Operator::multiply: return Value(a * b);
    case Operator::divide: return Value(a / b);
    case Operator::floor_divide: return Value(floor_divide(a, b));
    case Operator::modulo: return Value(modulo(a, b));
    case Operator::power: {
      if (a == 0 && b < 0) raise("0.0 cannot be raised to a negative power");
      if (a < 0 && std::isfinite(a) && std::isfinite(b) && b != std::floor(b)) {
        raise("complex numbers are not supported");
      }
      const double out = std::pow(a, b);
      if (std::isinf(out) && std::isfinite(a) && std::isfinite(b)) {
        raise("Numerical result out of range");
      }
      return Value(out);
    }
    default: break;
  }
  raise("no operation of numbers");
}

Value add_texts(Runtime& runtime, const Value& a, const Value& b) {
  const bool is_markup = a.text().is_markup || b.text().is_markup;
  // Markup escapes what is added to it, on either side.
  std::string left = is_markup ? escaped(runtime, a) : std::string();
  std::string right = is_markup ? escaped(runtime, b) : std::string();
  const std::string_view first = is_markup ? std::string_view(left) : a.view();
  const std::string_view second = is_markup ? std::string_view(right) : b.view();
  runtime.meter.check_room(first.size() + second.size());
  std::string out;
  out.reserve(first.size() + second.size());
  out.append(first).append(second);
  return runtime.text(std::move(out), is_markup);
}

Value make_like(Runtime& runtime, const Value& of, Items items) {
  return of.is(Type::list) ? runtime.list(std::move(items)) : runtime.tuple(std::move(items));
}

Value add_sequences(Runtime& runtime, const Value& a, const Value& b) {
  const std::size_t count = a.items().size() + b.items().size();
  runtime.meter.touch(count * sizeof(Value));
  runtime.meter.check_room(count * sizeof(Value));
  Items out;
  out.reserve(count);
  out.insert(out.end(), a.items().begin(), a.items().end());
  out.insert(out.end(), b.items().begin(), b.items().end());
  return make_like(runtime, a, std::move(out));
}

Value repeat(Runtime& runtime, const Value& value, std::int64_t times) {
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(times, 0));
  const std::size_t size =
      value.is_text() ? value.view().size() : value.items().size() * sizeof(Value);
  std::size_t all = 0;
  if (__builtin_mul_overflow(size, count, &all)) all = SIZE_MAX;
  runtime.meter.check_room(all);
  runtime.meter.touch(all);
  if (size == 0) return value;
  if (value.is_text()) {
    std::string out;
    out.reserve(all);
    for (std::size_t i = 0; i < count; ++i) out += value.view();
    return runtime.text_like(value, std::move(out));
  }
  Items out;
  out.reserve(all / sizeof(Value));
  for (std::size_t i = 0; i < count; ++i) {
    out.insert(out.end(), value.items().begin(), value.items().end());
  }
  return make_like(runtime, value, std::move(out));
}

bool repeats(const Value& value, const Value& times) noexcept {
  return (value.is_text() || value.is_sequence()) && times.is_integral();
}

}  // namespace

Value calculate(Runtime& runtime, Operator operation, const Value& a, const Value& b) {
  // The left one of a text's % is asked first, of anything else whichever is undefined.
  if (a.is_undefined()) raise_undefined(a);
  if (operation == Operator::modulo && a.is_text()) return percent_format(runtime, a, b);
  if (b.is_undefined()) raise_undefined(b);
  if (a.is_integral() && b.is_integral()) {
    return calculate_integers(operation, a.integer(), b.integer());
  }
  if (a.is_number() && b.is_number()) return calculate_reals(operation, a.as_real(), b.as_real());
  if (a.is(Type::large_integer) || b.is(Type::large_integer)) raise_large();
  if (operation == Operator::add) {
    if (a.is_text() && b.is_text()) return add_texts(runtime, a, b);
    if (a.is_sequence() && a.type() == b.type()) return add_sequences(runtime, a, b);
    if (a.is_text()) {
      raise("can only concatenate str (not \"" + std::string(type_name(b)) + "\") to str");
    }
  }
  if (operation == Operator::multiply) {
    if (repeats(a, b)) return repeat(runtime, a, b.integer());
    if (repeats(b, a)) return repeat(runtime, b, a.integer());
  }
  raise_operands(operation, a, b);
}

bool compare(Runtime& runtime, Operator operation, const Value& a, const Value& b) {
  switch (operation) {
    case Operator::equal: return equals(runtime, a, b);
    case Operator::not_equal: return !equals(runtime, a, b);
    case Operator::in: return contains(runtime, b, a);
    case Operator::not_in: return !contains(runtime, b, a);
    default: break;
  }
  if (a.is_number() && b.is_number()) {
    const auto order = compare_numbers(a, b);
    if (!order) return false;  // NaN
    switch (operation) {
      case Operator::less: return *order < 0;
      case Operator::less_equal: return *order <= 0;
      case Operator::greater: return *order > 0;
      default: return *order >= 0;
    }
  }
  switch (operation) {
    case Operator::less: return is_less(runtime, a, b);
    case Operator::greater: return is_less(runtime, b, a);
    case Operator::less_equal: return !is_less(runtime, b, a);
    default: return !is_less(runtime, a, b);
  }
}

Value negate(Runtime&, const Value& value) {
  if (value.is(Type::real)) return Value(-value.real());
  if (value.is(Type::large_integer)) raise_large();
  if (!value.is_integral()) raise_type(value, "has no unary -");
  if (value.integer() == INT64_MIN) raise_large();
  return Value(-value.integer());
}

Value keep_sign(const Value& value) {
  if (value.is(Type::real) || value.is(Type::large_integer)) return value;
  if (!value.is_integral()) raise_type(value, "has no unary +");
  return Value(value.integer());
}

}  // namespace attend::jinja
