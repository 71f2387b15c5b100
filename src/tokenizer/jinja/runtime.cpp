// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Values are made here, so that every one of them is counted.
#include "tokenizer/jinja/runtime.h"

#include <algorithm>

#include "core/limits.h"
#include "tokenizer/jinja/failure.h"

namespace attend::jinja {
namespace {

constexpr std::size_t entry_bytes = 2 * sizeof(Value) + 48;  // with its node in the table of hashes

struct Generator : Iterator {
  Generator(Value from, Runtime::Step next_step)
      : source(std::move(from)), step(std::move(next_step)) {
    depth = Runtime::deeper(source.depth());
  }
  bool next(Runtime& runtime, Value& out) override {
    if (is_done) return false;
    runtime.meter.step();
    const Meter::Level level(runtime.meter);
    is_done = !step(runtime, out);
    return !is_done;
  }

  Value source;
  Runtime::Step step;
  bool is_done = false;  // a generator that has ended stays so
};

// "dict object", "str object", and None as it is. Source: object_type_repr of Jinja.
std::string described(const Value& value) {
  if (value.is_none()) return "None";
  return std::string(type_name(value)) + " object";
}

}  // namespace

Runtime::~Runtime() {
  for (const auto& object : kept_) object->release();
}

std::uint32_t Runtime::deeper(std::uint32_t depth) {
  if (depth >= limits::template_value_depth) {
    raise_limit("values in each other are more than " +
                std::to_string(limits::template_value_depth) + " levels deep");
  }
  return depth + 1;
}

Value Runtime::text(std::string content, bool is_markup) {
  meter.touch(content.size());
  const std::size_t bytes = content.size();
  meter.check_room(bytes);
  return {Type::text, make<Text>(meter, bytes, std::move(content), is_markup)};
}

Value Runtime::text_like(const Value& of, std::string content) {
  return text(std::move(content), of.text().is_markup);
}

Value Runtime::list(Items items) {
  const std::size_t bytes = items.capacity() * sizeof(Value);
  return {Type::list, make<Sequence>(meter, bytes, std::move(items))};
}

Value Runtime::tuple(Items items) {
  const std::size_t bytes = items.capacity() * sizeof(Value);
  return {Type::tuple, make<Sequence>(meter, bytes, std::move(items))};
}

Value Runtime::group(Value key, Value members) {
  Items pair;
  pair.push_back(std::move(key));
  pair.push_back(std::move(members));
  return {Type::tuple, make<Sequence>(meter, 2 * sizeof(Value), std::move(pair), true)};
}

Value Runtime::dict(std::vector<std::pair<Value, Value>> entries) {
  auto dict = make<Dict>(meter, entries.size() * entry_bytes);
  std::uint32_t depth = 0;
  for (auto& [key, value] : entries) {
    depth = std::max({depth, key.depth(), value.depth()});
    dict->set(meter, key, std::move(value));
  }
  dict->depth = deeper(depth);
  return {Type::dict, std::move(dict)};
}

Value Runtime::dict(const std::vector<std::pair<std::string, Value>>& entries) {
  std::vector<std::pair<Value, Value>> out;
  for (const auto& [key, value] : entries) out.emplace_back(text(key), value);
  return dict(std::move(out));
}

Value Runtime::undefined(std::string message, bool is_insecure) {
  const std::size_t bytes = message.size();
  meter.touch(bytes);
  return {Type::undefined, make<Undefined>(meter, bytes, std::move(message), is_insecure)};
}

Value Runtime::undefined_name(std::string_view name) {
  return undefined("'" + std::string(name) + "' is undefined");
}

Value Runtime::undefined_part(const Value& of, const Value& name) {
  if (name.is_text()) {
    meter.check_room(name.view().size());
    return undefined("'" + described(of) + "' has no attribute '" + std::string(name.view()) + "'");
  }
  // Numbers and the like: a whole list as a key would be a long message.
  const bool is_short = name.is_number() || name.is_none();
  const std::string key =
      is_short ? to_repr(*this, name) : "of type '" + std::string(type_name(name)) + "'";
  return undefined(described(of) + " has no element " + key);
}

Value Runtime::generator(const Value& source, Step step, std::size_t further) {
  constexpr std::size_t closure_bytes = 128;
  return {Type::iterator, make<Generator>(meter, closure_bytes + further, source, std::move(step))};
}

}  // namespace attend::jinja
