// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What stands behind `is`. Source: tests.py of Jinja 3.1.
#include <algorithm>
#include <array>
#include <string>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/operators.h"

namespace attend::jinja {
namespace {

template <bool (*holds)(const Value&)>
Value plain(Runtime&, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "test");
  return Value(holds(value));
}

template <Operator operation>
Value compared(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "test", {"other"}, 1);
  return Value(compare(runtime, operation, value, given.at(0)));
}

bool is_defined(const Value& value) { return !value.is_undefined(); }
bool is_missing(const Value& value) { return value.is_undefined(); }
bool is_nothing(const Value& value) { return value.is_none(); }
bool is_boolean(const Value& value) { return value.is(Type::boolean); }
bool is_yes(const Value& value) { return value.is(Type::boolean) && value.boolean(); }
bool is_no(const Value& value) { return value.is(Type::boolean) && !value.boolean(); }
bool is_integer(const Value& value) {
  return value.is(Type::integer) || value.is(Type::large_integer);
}
bool is_real(const Value& value) { return value.is(Type::real); }
bool is_any_number(const Value& value) { return value.is_number() || is_integer(value); }
bool is_string(const Value& value) { return value.is_text(); }
bool is_mapping(const Value& value) { return value.is(Type::dict); }
bool can_iterate(const Value& value) { return is_iterable(value); }
bool is_escaped(const Value& value) { return value.is_text() && value.text().is_markup; }
// What has a length and elements; Undefined has both.
bool is_sequence(const Value& value) {
  switch (value.type()) {
    case Type::undefined:
    case Type::text:
    case Type::list:
    case Type::tuple:
    case Type::dict:
    case Type::range: return true;
    default: return false;
  }
}
bool is_callable(const Value& value) {
  return value.is(Type::callable) || value.is(Type::loop) || value.is_undefined();
}

template <std::int64_t rest>
Value has_rest_of_two(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "test");
  const Value found = calculate(runtime, Operator::modulo, value, Value(std::int64_t{2}));
  return Value(equals(runtime, found, Value(rest)));
}

Value is_divisible(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "divisibleby", {"num"}, 1);
  const Value rest = calculate(runtime, Operator::modulo, value, given.at(0));
  return Value(equals(runtime, rest, Value(std::int64_t{0})));
}

Value is_same(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "sameas", {"other"}, 1);
  const Value& other = given.at(0);
  if (value.type() != other.type()) return Value(false);
  if (value.pointer() != nullptr && !value.is_text()) {
    return Value(value.pointer() == other.pointer());
  }
  return Value(equals(runtime, value, other));
}

// str(value).islower() and isupper().
template <bool wants_upper>
Value is_case(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "test");
  const Value text = runtime.text(to_text(runtime, value));
  Arguments none;
  return find_method(text, wants_upper ? "isupper" : "islower")->call(runtime, text, none);
}

template <const NamedFunction* (*find)(std::string_view) noexcept>
Value is_name(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "test");
  static_cast<void>(needed_hash(runtime.meter, value));
  return Value(value.is_text() && find(value.view()) != nullptr);
}

constexpr std::array<NamedFunction, 39> test_table{{{"defined", plain<is_defined>},
                                                    {"undefined", plain<is_missing>},
                                                    {"none", plain<is_nothing>},
                                                    {"boolean", plain<is_boolean>},
                                                    {"true", plain<is_yes>},
                                                    {"false", plain<is_no>},
                                                    {"integer", plain<is_integer>},
                                                    {"float", plain<is_real>},
                                                    {"number", plain<is_any_number>},
                                                    {"string", plain<is_string>},
                                                    {"mapping", plain<is_mapping>},
                                                    {"iterable", plain<can_iterate>},
                                                    {"sequence", plain<is_sequence>},
                                                    {"callable", plain<is_callable>},
                                                    {"escaped", plain<is_escaped>},
                                                    {"odd", has_rest_of_two<1>},
                                                    {"even", has_rest_of_two<0>},
                                                    {"divisibleby", is_divisible},
                                                    {"sameas", is_same},
                                                    {"upper", is_case<true>},
                                                    {"lower", is_case<false>},
                                                    {"filter", is_name<find_filter>},
                                                    {"test", is_name<find_test>},
                                                    {"in", compared<Operator::in>},
                                                    {"eq", compared<Operator::equal>},
                                                    {"equalto", compared<Operator::equal>},
                                                    {"==", compared<Operator::equal>},
                                                    {"ne", compared<Operator::not_equal>},
                                                    {"!=", compared<Operator::not_equal>},
                                                    {"lt", compared<Operator::less>},
                                                    {"lessthan", compared<Operator::less>},
                                                    {"<", compared<Operator::less>},
                                                    {"le", compared<Operator::less_equal>},
                                                    {"<=", compared<Operator::less_equal>},
                                                    {"gt", compared<Operator::greater>},
                                                    {"greaterthan", compared<Operator::greater>},
                                                    {">", compared<Operator::greater>},
                                                    {"ge", compared<Operator::greater_equal>},
                                                    {">=", compared<Operator::greater_equal>}}};

}  // namespace

const NamedFunction* find_test(std::string_view name) noexcept { return find_in(test_table, name); }

}  // namespace attend::jinja
