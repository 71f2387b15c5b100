// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// value.name, value[key] and value[a:b:c], as Jinja's sandbox answers them.
// Source: SandboxedEnvironment.getattr and getitem of Jinja 3.1.
#include <algorithm>
#include <array>
#include <utility>

#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/loop.h"
#include "tokenizer/jinja/runtime.h"

namespace attend::jinja {
namespace {

// Methods that would change a value. The sandbox hides them.
bool changes(const Value& value, std::string_view name) noexcept {
  constexpr std::array<std::string_view, 8> of_lists{"append", "clear", "pop",    "reverse",
                                                     "insert", "sort",  "extend", "remove"};
  constexpr std::array<std::string_view, 5> of_dicts{"clear", "pop", "popitem", "setdefault",
                                                     "update"};
  const auto has = [&](const auto& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return (value.is(Type::list) && has(of_lists)) || (value.is(Type::dict) && has(of_dicts));
}

// Numbers of Python are complex ones and fractions, too.
std::optional<Value> number_part(const Value& value, std::string_view name) {
  const bool is_whole = value.is_integral();
  if (!is_whole && !value.is(Type::real)) return std::nullopt;
  if (name == "imag") return is_whole ? Value(std::int64_t{0}) : Value(0.0);
  if (name == "denominator" && is_whole) return Value(std::int64_t{1});
  if (name == "real" || (name == "numerator" && is_whole)) {
    return is_whole ? Value(value.integer()) : value;
  }
  return std::nullopt;
}

// getattr() of Python: a method or a property.
std::optional<Value> python_attribute(Runtime& runtime, const Value& value, std::string_view name) {
  if (value.is_undefined()) raise_undefined(value);
  if (value.is(Type::space)) {
    const Value* found = value.object<Space>().attributes.find(runtime.meter, name);
    return found != nullptr ? std::optional(*found) : std::nullopt;
  }
  if (value.is(Type::loop)) {
    if (auto found = value.object<Loop>().attribute(runtime, name)) return found;
  }
  if (value.is(Type::tuple) && value.object<Sequence>().is_group) {
    if (name == "grouper") return value.items()[0];
    if (name == "list") return value.items()[1];
  }
  if (value.is(Type::cycler) && name == "current") {
    const auto& cycler = value.object<Cycler>();
    return cycler.items[cycler.at];
  }
  if (value.is(Type::callable) && name == "name") {
    return runtime.text(std::string(value.object<Callable>().name()));
  }
  if (auto part = number_part(value, name)) return part;
  if (name.starts_with("__") || changes(value, name)) {
    return runtime.undefined("access to attribute '" + std::string(name) + "' of '" +
                                 std::string(type_name(value)) + "' object is unsafe.",
                             true);
  }
  const NamedFunction* method = find_method(value, name);
  return method != nullptr ? std::optional(bound_method(runtime, value, *method)) : std::nullopt;
}

// The place that an index from either end has, if any.
std::optional<std::size_t> place(std::int64_t index, std::int64_t size) noexcept {
  if (index < 0) index += size;
  if (index < 0 || index >= size) return std::nullopt;
  return static_cast<std::size_t>(index);
}

// value[key] of Python; nothing for its TypeError and LookupError.
std::optional<Value> python_element(Runtime& runtime, const Value& value, const Value& key) {
  if (value.is_undefined()) raise_undefined(value);
  if (value.is(Type::dict)) {
    const Value* found = value.dict().find(runtime.meter, key);
    return found != nullptr ? std::optional(*found) : std::nullopt;
  }
  if (!key.is_integral()) return std::nullopt;
  const bool is_indexed = value.is_text() || value.is_sequence() || value.is(Type::range);
  if (!is_indexed) return std::nullopt;
  const auto at = place(key.integer(), *length_of(value));
  if (!at) return std::nullopt;
  if (value.is_text()) {
    if (!value.text().is_ascii()) runtime.meter.touch(value.view().size());
    return runtime.text_like(value, std::string(part_of(value.text(), *at, *at + 1)));
  }
  if (value.is(Type::range)) return value.object<Range>().at(static_cast<std::int64_t>(*at));
  return value.items()[*at];
}

// slice.indices() of Python.
struct Steps {
  std::int64_t begin, step, count;
};

std::int64_t bound(const Value& value, std::int64_t otherwise) {
  if (value.is_none()) return otherwise;
  if (!value.is_integral()) {
    if (value.is_undefined()) raise("slice indices must be integers or None");
    raise("slice indices must be integers or None or have an __index__ method");
  }
  return value.integer();
}

Steps steps_of(const Slice& slice, std::int64_t size) {
  const std::int64_t step = bound(slice.step, 1);
  if (step == 0) raise("slice step cannot be zero");
  const bool is_back = step < 0;
  const auto clamp = [&](std::int64_t at) {
    if (at < 0) at += size;
    return std::clamp<std::int64_t>(at, is_back ? -1 : 0, is_back ? size - 1 : size);
  };
  const std::int64_t begin =
      slice.begin.is_none() ? (is_back ? size - 1 : 0) : clamp(bound(slice.begin, 0));
  const std::int64_t end = slice.end.is_none() ? (is_back ? -1 : size) : clamp(bound(slice.end, 0));
  const std::int64_t distance = is_back ? begin - end : end - begin;
  if (distance <= 0) return {begin, step, 0};
  const std::uint64_t by =
      is_back ? 0 - static_cast<std::uint64_t>(step) : static_cast<std::uint64_t>(step);
  return {begin, step,
          static_cast<std::int64_t>((static_cast<std::uint64_t>(distance) - 1) / by + 1)};
}

Value slice_text(Runtime& runtime, const Value& value, const Steps& steps) {
  const Text& text = value.text();
  runtime.meter.touch(text.bytes.size());
  if (steps.step == 1) {
    const auto begin = static_cast<std::size_t>(steps.begin);
    const auto count = static_cast<std::size_t>(steps.count);
    return runtime.text_like(value, std::string(part_of(text, begin, begin + count)));
  }
  // One table of where characters begin: looking for each anew would be slow.
  runtime.meter.check_room(text.characters * sizeof(std::size_t));
  std::vector<std::size_t> begins;
  if (!text.is_ascii()) {
    begins.reserve(text.characters + 1);
    for (std::size_t at = 0; at < text.bytes.size(); ++at) {
      if ((static_cast<unsigned char>(text.bytes[at]) & 0xC0U) != 0x80U) begins.push_back(at);
    }
    begins.push_back(text.bytes.size());
  }
  std::string out;
  for (std::int64_t i = 0; i < steps.count; ++i) {
    const auto at = static_cast<std::size_t>(steps.begin + i * steps.step);
    if (text.is_ascii()) {
      out += text.bytes[at];
    } else {
      out.append(text.bytes, begins[at], begins[at + 1] - begins[at]);
    }
  }
  return runtime.text_like(value, std::move(out));
}

}  // namespace

Value attribute(Runtime& runtime, const Value& value, std::string_view name) {
  if (auto found = python_attribute(runtime, value, name)) return *std::move(found);
  if (value.is(Type::dict)) {
    if (const Value* found = value.dict().find(runtime.meter, name)) return *found;
  }
  return runtime.undefined_part(value, runtime.text(name));
}

Value element(Runtime& runtime, const Value& value, const Value& key) {
  if (auto found = python_element(runtime, value, key)) return *std::move(found);
  if (key.is_text()) {
    if (auto found = python_attribute(runtime, value, key.view())) return *std::move(found);
  }
  return runtime.undefined_part(value, key);
}

Value slice(Runtime& runtime, const Value& value, const Slice& slice) {
  const bool is_cut = value.is_text() || value.is_sequence() || value.is(Type::range);
  if (value.is_undefined()) raise_undefined(value);
  if (!is_cut) raise_type(value, "is not subscriptable");
  const Steps steps = steps_of(slice, *length_of(value));
  if (value.is_text()) return slice_text(runtime, value, steps);
  if (value.is(Type::range)) {
    const auto& range = value.object<Range>();
    auto out = make<Range>(runtime.meter, 0);
    if (__builtin_mul_overflow(range.step, steps.step, &out->step)) {
      raise_limit("an integer is beyond 64 bits");
    }
    out->start = out->stop = range.at(steps.begin).integer();
    if (steps.count > 0) {
      const std::int64_t last = steps.begin + (steps.count - 1) * steps.step;
      out->stop = range.at(last).integer() + (out->step > 0 ? 1 : -1);
    }
    return {Type::range, out};
  }
  const auto count = static_cast<std::size_t>(steps.count);
  runtime.meter.touch(count * sizeof(Value));
  runtime.meter.check_room(count * sizeof(Value));
  Items out;
  out.reserve(count);
  for (std::int64_t i = 0; i < steps.count; ++i) {
    out.push_back(value.items()[static_cast<std::size_t>(steps.begin + i * steps.step)]);
  }
  return value.is(Type::list) ? runtime.list(std::move(out)) : runtime.tuple(std::move(out));
}

}  // namespace attend::jinja
