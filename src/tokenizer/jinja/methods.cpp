// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Methods that look at characters of texts, and those of lists, dicts, loops and cyclers; which
// values have which. Source: CPython 3.11 and utils.py of Jinja 3.1.
#include <algorithm>
#include <array>
#include <string>

#include "attend/text/unicode.h"
#include "attend/text/utf8.h"
#include "text/python_text.h"
#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/loop.h"

namespace attend::jinja {
namespace {

// ---- texts

template <std::string (*change)(std::string_view)>
Value changed(Runtime& runtime, const Value& text, Arguments& arguments) {
  take_no_arguments(arguments, "method");
  runtime.meter.look_up(text.view().size());
  runtime.meter.check_room(text.view().size());
  return runtime.text_like(text, change(text.view()));
}

// Whether the text has characters, and each of them this property.
template <bool (*has)(char32_t)>
Value all_are(Runtime& runtime, const Value& text, Arguments& arguments) {
  take_no_arguments(arguments, "method");
  std::string_view rest = text.view();
  runtime.meter.look_up(rest.size());
  if (rest.empty()) return Value(false);
  while (!rest.empty()) {
    const CodePoint c = decode_utf8(rest);
    if (!has(c.value)) return Value(false);
    rest.remove_prefix(static_cast<std::size_t>(c.length));
  }
  return Value(true);
}

bool has_letter(char32_t c) { return is_python_letter(c); }
bool has_blank(char32_t c) { return is_python_space(c); }
bool has_decimal(char32_t c) { return is_decimal(c); }
bool has_digit(char32_t c) { return is_digit(c); }
bool has_number(char32_t c) { return is_numeric(c); }
bool has_letter_or_number(char32_t c) { return is_python_letter(c) || is_numeric(c); }
bool has_printable(char32_t c) { return is_python_printable(c); }

// Whether it has letters of this case, and none of the other.
template <bool wants_upper>
Value has_case(Runtime& runtime, const Value& text, Arguments& arguments) {
  take_no_arguments(arguments, "method");
  std::string_view rest = text.view();
  runtime.meter.look_up(rest.size());
  bool has_any = false;
  while (!rest.empty()) {
    const CodePoint c = decode_utf8(rest);
    const bool is_wanted = wants_upper ? is_upper(c.value) : is_lower(c.value);
    const bool is_other =
        (wants_upper ? is_lower(c.value) : is_upper(c.value)) || is_title(c.value);
    if (is_other) return Value(false);
    has_any |= is_wanted;
    rest.remove_prefix(static_cast<std::size_t>(c.length));
  }
  return Value(has_any);
}

Value is_title_text(Runtime& runtime, const Value& text, Arguments& arguments) {
  take_no_arguments(arguments, "istitle");
  std::string_view rest = text.view();
  runtime.meter.look_up(rest.size());
  bool has_any = false;
  bool is_inside = false;
  while (!rest.empty()) {
    const CodePoint c = decode_utf8(rest);
    const bool is_large = is_upper(c.value) || is_title(c.value);
    const bool is_small = is_lower(c.value);
    if (is_large && is_inside) return Value(false);
    if (is_small && !is_inside) return Value(false);
    is_inside = is_large || is_small;
    has_any |= is_inside;
    rest.remove_prefix(static_cast<std::size_t>(c.length));
  }
  return Value(has_any);
}

Value is_ascii(Runtime&, const Value& text, Arguments& arguments) {
  take_no_arguments(arguments, "isascii");
  return Value(text.text().is_ascii());
}

constexpr std::array<NamedFunction, 17> of_characters{{{"upper", changed<upper>},
                                                       {"lower", changed<python_lower>},
                                                       {"casefold", changed<fold_case>},
                                                       {"title", changed<title>},
                                                       {"capitalize", changed<capitalize>},
                                                       {"swapcase", changed<swap_case>},
                                                       {"isalpha", all_are<has_letter>},
                                                       {"isalnum", all_are<has_letter_or_number>},
                                                       {"isspace", all_are<has_blank>},
                                                       {"isdecimal", all_are<has_decimal>},
                                                       {"isdigit", all_are<has_digit>},
                                                       {"isnumeric", all_are<has_number>},
                                                       {"isprintable", all_are<has_printable>},
                                                       {"isupper", has_case<true>},
                                                       {"islower", has_case<false>},
                                                       {"istitle", is_title_text},
                                                       {"isascii", is_ascii}}};

// ---- lists, tuples, ranges

Value count_of(Runtime& runtime, const Value& list, Arguments& arguments) {
  const Parameters given(arguments, "count", {"value"}, 1);
  std::int64_t count = 0;
  for (const Value& item : list.items()) count += equals(runtime, item, given.at(0)) ? 1 : 0;
  return Value(count);
}

Value index_of(Runtime& runtime, const Value& list, Arguments& arguments) {
  const Parameters given(arguments, "index", {"value", "start", "stop"}, 1);
  const auto size = static_cast<std::int64_t>(list.items().size());
  const auto clamp = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
  };
  const std::int64_t end = clamp(given.integer(2, size));
  for (std::int64_t i = clamp(given.integer(1, 0)); i < end; ++i) {
    if (equals(runtime, list.items()[static_cast<std::size_t>(i)], given.at(0))) return Value(i);
  }
  raise("the value is not in the list");
}

Value copied(Runtime&, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "copy");
  return value;  // which nothing can change
}

constexpr std::array<NamedFunction, 3> of_lists{
    {{"count", count_of}, {"index", index_of}, {"copy", copied}}};

// ---- dicts

template <DictPart part>
Value view(Runtime& runtime, const Value& dict, Arguments& arguments) {
  take_no_arguments(arguments, "keys, values and items");
  return {Type::view, make<View>(runtime.meter, 0, dict.pointer(), part)};
}

Value get(Runtime& runtime, const Value& dict, Arguments& arguments) {
  if (!arguments.named.empty()) raise("get() takes no keyword arguments");
  const Parameters given(arguments, "get", {"key", "default"}, 1);
  const Value* found = dict.dict().find_hashable(runtime.meter, given.at(0));
  return found != nullptr ? *found : given.at(1);
}

constexpr std::array<NamedFunction, 5> of_dicts{{{"keys", view<DictPart::keys>},
                                                 {"values", view<DictPart::values>},
                                                 {"items", view<DictPart::items>},
                                                 {"get", get},
                                                 {"copy", copied}}};

// ---- loops and cyclers

Value cycle(Runtime&, const Value& loop, Arguments& arguments) {
  return loop.object<Loop>().cycle(arguments);
}
Value changed_value(Runtime& runtime, const Value& loop, Arguments& arguments) {
  return loop.object<Loop>().changed(runtime, loop, std::move(arguments));
}
constexpr std::array<NamedFunction, 2> of_loops{{{"cycle", cycle}, {"changed", changed_value}}};

Value next(Runtime&, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "next");
  auto& cycler = value.object<Cycler>();
  const Value out = cycler.items[cycler.at];
  cycler.at = (cycler.at + 1) % cycler.items.size();
  return out;
}
Value reset(Runtime&, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "reset");
  value.object<Cycler>().at = 0;
  return {};
}
constexpr std::array<NamedFunction, 2> of_cyclers{{{"next", next}, {"reset", reset}}};

}  // namespace

std::span<const NamedFunction> character_methods() noexcept { return of_characters; }

const NamedFunction* find_method(const Value& of, std::string_view name) noexcept {
  switch (of.type()) {
    case Type::text: {
      const NamedFunction* found = find_in(text_methods(), name);
      return found != nullptr ? found : find_in(character_methods(), name);
    }
    case Type::list: return find_in(of_lists, name);
    case Type::tuple: return find_in(std::span(of_lists).first(2), name);
    case Type::dict: return find_in(of_dicts, name);
    case Type::loop: return find_in(of_loops, name);
    case Type::cycler: return find_in(of_cyclers, name);
    default: return nullptr;
  }
}

}  // namespace attend::jinja
