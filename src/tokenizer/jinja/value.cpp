// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What values are, and which of them are equal, less or true.
#include "tokenizer/jinja/value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "attend/text/utf8.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/runtime.h"

namespace attend::jinja {
namespace {

std::uint32_t deepest(const Items& items) {
  std::uint32_t depth = 0;
  for (const Value& item : items) depth = std::max(depth, item.depth());
  return depth;
}

constexpr std::size_t first_hash = 0x345678;
std::size_t joined_hash(std::size_t hash, std::size_t next) noexcept {
  return hash * 1'000'003 + next;
}

std::optional<std::size_t> hash_of_items(Meter& meter, const Items& items) {
  std::size_t hash = first_hash;
  for (const Value& item : items) {
    const auto one = hash_of(meter, item);
    if (!one) return std::nullopt;
    hash = joined_hash(hash, *one);
  }
  return hash;
}

// Only of what equal ranges have in common.
std::size_t hash_of_range(const Range& range) noexcept {
  const std::int64_t size = range.size();
  std::size_t hash = joined_hash(first_hash, static_cast<std::size_t>(size));
  if (size > 0) hash = joined_hash(hash, static_cast<std::size_t>(range.start));
  if (size > 1) hash = joined_hash(hash, static_cast<std::size_t>(range.step));
  return hash;
}

bool equal_ranges(const Range& a, const Range& b) {
  if (a.size() != b.size()) return false;
  if (a.size() == 0) return true;
  return a.start == b.start && (a.size() == 1 || a.step == b.step);
}

// Equal in a dict, whose keys are texts, numbers, ranges and tuples of them.
bool is_same_key(Meter& meter, const Value& a, const Value& b) {
  meter.step();
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.type() != b.type()) return false;
  if (a.pointer() == b.pointer()) return true;
  switch (a.type()) {
    case Type::none:
    case Type::undefined: return true;
    case Type::text: meter.touch(a.view().size()); return a.view() == b.view();
    case Type::large_integer:
      return a.object<LargeInteger>().digits == b.object<LargeInteger>().digits;
    case Type::tuple:
      return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(),
                        [&](const Value& x, const Value& y) { return is_same_key(meter, x, y); });
    case Type::range: return equal_ranges(a.object<Range>(), b.object<Range>());
    default: return false;
  }
}

// Exact, which a conversion of the integer to a double is not. Source: float_richcompare of
// CPython.
int compare(std::int64_t a, double b) noexcept {
  constexpr double beyond = 9223372036854775808.0;  // 2^63
  if (b >= beyond) return -1;
  if (b < -beyond) return 1;
  const double whole = std::floor(b);
  const auto integer = static_cast<std::int64_t>(whole);
  if (a != integer) return a < integer ? -1 : 1;
  return whole < b ? -1 : 0;
}

bool equal_dicts(Runtime& runtime, const Dict& a, const Dict& b) {
  if (a.entries.size() != b.entries.size()) return false;
  return std::all_of(a.entries.begin(), a.entries.end(), [&](const auto& entry) {
    const Value* other = b.find(runtime.meter, entry.first);
    return other != nullptr && equals(runtime, entry.second, *other);
  });
}

}  // namespace

const Text& Value::text() const noexcept { return object<const Text>(); }
std::string_view Value::view() const noexcept { return text().bytes; }
const Items& Value::items() const noexcept { return object<const Sequence>().items; }
const Dict& Value::dict() const noexcept { return object<const Dict>(); }

Text::Text(std::string content, bool markup)
    : bytes(std::move(content)),
      characters(static_cast<std::size_t>(count_code_points(bytes))),
      is_markup(markup) {}

Sequence::Sequence(Items values, bool group) : items(std::move(values)), is_group(group) {
  depth = Runtime::deeper(deepest(items));
}

std::optional<std::size_t> Dict::place_of(Meter& meter, const Value& key, std::size_t hash) const {
  const auto [first, last] = places_.equal_range(hash);
  for (auto place = first; place != last; ++place) {
    if (is_same_key(meter, entries[place->second].first, key)) return place->second;
  }
  return std::nullopt;
}

const Value* Dict::find(Meter& meter, const Value& key) const {
  const auto hash = hash_of(meter, key);
  if (!hash) return nullptr;
  const auto place = place_of(meter, key, *hash);
  return place ? &entries[*place].second : nullptr;
}

const Value* Dict::find(Meter& meter, std::string_view key) const {
  meter.touch(key.size());
  const auto [first, last] = places_.equal_range(std::hash<std::string_view>()(key));
  for (auto place = first; place != last; ++place) {
    const auto& [known, value] = entries[place->second];
    meter.touch(key.size());
    if (known.is_text() && known.view() == key) return &value;
  }
  return nullptr;
}

const Value* Dict::find_hashable(Meter& meter, const Value& key) const {
  const auto place = place_of(meter, key, needed_hash(meter, key));
  return place ? &entries[*place].second : nullptr;
}

void Dict::set(Meter& meter, const Value& key, Value value) {
  const std::size_t hash = needed_hash(meter, key);
  if (const auto place = place_of(meter, key, hash)) {
    entries[*place].second = std::move(value);
    return;
  }
  places_.emplace(hash, entries.size());
  entries.emplace_back(key, std::move(value));
}

void Dict::release() noexcept {
  places_.clear();
  // Out of the way first: what is destroyed may look here.
  std::exchange(entries, {}).clear();
}

std::int64_t Range::size() const noexcept {
  // Unsigned, because ends may be far apart.
  const auto distance = [](std::int64_t low, std::int64_t high, std::uint64_t by) {
    const std::uint64_t apart = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    return static_cast<std::int64_t>(std::min<std::uint64_t>((apart - 1) / by + 1, INT64_MAX));
  };
  if (step > 0) return start < stop ? distance(start, stop, static_cast<std::uint64_t>(step)) : 0;
  return start > stop ? distance(stop, start, 0 - static_cast<std::uint64_t>(step)) : 0;
}

Value Range::at(std::int64_t index) const noexcept {
  // Unsigned, because the way there may be longer than the result is far.
  return Value(static_cast<std::int64_t>(static_cast<std::uint64_t>(start) +
                                         static_cast<std::uint64_t>(index) *
                                             static_cast<std::uint64_t>(step)));
}

Value constant_text(std::string text) {
  return {Type::text, std::make_shared<Text>(std::move(text), false)};
}

std::string_view type_name(const Value& value) noexcept {
  switch (value.type()) {
    case Type::undefined: return "Undefined";
    case Type::none: return "NoneType";
    case Type::boolean: return "bool";
    case Type::integer:
    case Type::large_integer: return "int";
    case Type::real: return "float";
    case Type::text: return value.text().is_markup ? "Markup" : "str";
    case Type::list: return "list";
    case Type::tuple: return "tuple";
    case Type::dict: return "dict";
    case Type::range: return "range";
    case Type::view: {
      constexpr std::array<std::string_view, 3> names{"dict_keys", "dict_values", "dict_items"};
      return names[static_cast<std::size_t>(value.object<View>().part)];
    }
    case Type::iterator: return "generator";
    case Type::space: return "Namespace";
    case Type::callable: return "function";
    case Type::loop: return "LoopContext";
    case Type::cycler: return "Cycler";
  }
  return "object";
}

bool is_true(Runtime& runtime, const Value& value) {
  switch (value.type()) {
    case Type::undefined:
    case Type::none: return false;
    case Type::boolean:
    case Type::integer: return value.integer() != 0;
    case Type::real: return value.real() != 0;
    case Type::loop: return length_of(value).value_or(0) != 0;
    case Type::text:
    case Type::list:
    case Type::tuple:
    case Type::dict:
    case Type::range:
    case Type::view: runtime.meter.step(); return length_of(value).value_or(0) != 0;
    case Type::large_integer:
    case Type::iterator:
    case Type::space:
    case Type::callable:
    case Type::cycler: return true;
  }
  return true;
}

std::optional<std::size_t> hash_of(Meter& meter, const Value& value) {
  meter.step();
  switch (value.type()) {
    case Type::none: return 7;
    case Type::undefined: return 11;
    case Type::boolean:
    case Type::integer: return static_cast<std::size_t>(value.integer());
    case Type::real: {
      const double real = value.real();
      const bool is_whole = real == std::floor(real) && std::fabs(real) < 9e18;
      return is_whole ? static_cast<std::size_t>(static_cast<std::int64_t>(real))
                      : std::hash<double>()(real);
    }
    case Type::text:
      meter.touch(value.view().size());
      return std::hash<std::string_view>()(value.view());
    case Type::large_integer: {
      const std::string& digits = value.object<LargeInteger>().digits;
      meter.touch(digits.size());
      return std::hash<std::string>()(digits);
    }
    case Type::tuple: return hash_of_items(meter, value.items());
    case Type::list:
    case Type::dict:
    case Type::view: return std::nullopt;
    case Type::range: return hash_of_range(value.object<Range>());
    case Type::iterator:
    case Type::space:
    case Type::callable:
    case Type::loop:
    case Type::cycler: return std::hash<const void*>()(value.pointer().get());
  }
  return std::nullopt;
}

std::size_t needed_hash(Meter& meter, const Value& value) {
  const auto hash = hash_of(meter, value);
  if (!hash) raise("unhashable type: '" + std::string(type_name(value)) + "'");
  return *hash;
}

std::optional<int> compare_numbers(const Value& a, const Value& b) noexcept {
  if (a.is_integral() && b.is_integral()) {
    return a.integer() < b.integer() ? -1 : (a.integer() == b.integer() ? 0 : 1);
  }
  if (std::isnan(a.as_real()) || std::isnan(b.as_real())) return std::nullopt;
  if (a.is_integral()) return compare(a.integer(), b.real());
  if (b.is_integral()) return -compare(b.integer(), a.real());
  return a.real() < b.real() ? -1 : (a.real() == b.real() ? 0 : 1);
}

bool equals(Runtime& runtime, const Value& a, const Value& b) {
  runtime.meter.step();
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case Type::undefined:
    case Type::none: return true;
    case Type::text: runtime.meter.touch(a.view().size()); return a.view() == b.view();
    case Type::large_integer:
      runtime.meter.touch(a.object<LargeInteger>().digits.size());
      return is_same_key(runtime.meter, a, b);
    case Type::list:
    case Type::tuple: {
      const Meter::Level level(runtime.meter);
      const auto same = [&](const Value& x, const Value& y) {
        return (x.pointer() != nullptr && x.pointer() == y.pointer()) || equals(runtime, x, y);
      };
      return a.items().size() == b.items().size() &&
             std::equal(a.items().begin(), a.items().end(), b.items().begin(), same);
    }
    case Type::dict: {
      const Meter::Level level(runtime.meter);
      return equal_dicts(runtime, a.dict(), b.dict());
    }
    case Type::range: return equal_ranges(a.object<Range>(), b.object<Range>());
    case Type::view: {
      if (a.pointer() == b.pointer()) return true;
      const DictPart part = a.object<View>().part;
      if (part == DictPart::values || part != b.object<View>().part) return false;
      const Items left = items_of(runtime, a);
      return length_of(a) == length_of(b) &&
             std::all_of(left.begin(), left.end(),
                         [&](const Value& item) { return contains(runtime, b, item); });
    }
    default: return a.pointer() == b.pointer();
  }
}

bool is_less(Runtime& runtime, const Value& a, const Value& b) {
  runtime.meter.step();
  if (a.is_undefined()) raise_undefined(a);
  if (b.is_undefined()) raise_undefined(b);
  if (a.is_number() && b.is_number()) return compare_numbers(a, b).value_or(0) < 0;
  if (a.is_text() && b.is_text()) {
    // UTF-8 sorts as code points do.
    runtime.meter.touch(std::min(a.view().size(), b.view().size()));
    return a.view() < b.view();
  }
  if (a.is_sequence() && a.type() == b.type()) {
    const Meter::Level level(runtime.meter);
    const auto count = std::min(a.items().size(), b.items().size());
    for (std::size_t i = 0; i < count; ++i) {
      if (!equals(runtime, a.items()[i], b.items()[i])) {
        return is_less(runtime, a.items()[i], b.items()[i]);
      }
    }
    return a.items().size() < b.items().size();
  }
  raise("'<' not supported between instances of '" + std::string(type_name(a)) + "' and '" +
        std::string(type_name(b)) + "'");
}

void raise_undefined(const Value& value) { raise(value.object<Undefined>().message); }

void raise_type(const Value& value, std::string_view says) {
  if (value.is_undefined()) raise_undefined(value);
  raise("'" + std::string(type_name(value)) + "' object " + std::string(says));
}

}  // namespace attend::jinja
