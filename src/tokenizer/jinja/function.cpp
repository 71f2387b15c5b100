// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Arguments to parameters, and methods with what they belong to.
#include "tokenizer/jinja/function.h"

#include <algorithm>
#include <utility>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/loop.h"
#include "tokenizer/jinja/macro.h"

namespace attend::jinja {
namespace {

struct BoundMethod : Callable {
  BoundMethod(Value of, const NamedFunction& which) : subject(std::move(of)), function(which) {
    depth = Runtime::deeper(subject.depth());
  }
  Value call(Runtime& runtime, Arguments arguments) override {
    return function.call(runtime, subject, arguments);
  }
  [[nodiscard]] std::string_view name() const noexcept override { return function.name; }

  Value subject;
  const NamedFunction& function;
};

}  // namespace

Parameters::Parameters(Arguments& arguments, std::string_view function,
                       std::initializer_list<std::string_view> names, std::size_t required) {
  const std::string call = std::string(function) + "()";
  if (arguments.positional.size() > names.size()) {
    raise(call + " takes at most " + std::to_string(names.size()) + " arguments, " +
          std::to_string(arguments.positional.size()) + " were given");
  }
  for (Value& value : arguments.positional) values_.emplace_back(std::move(value));
  values_.resize(names.size());
  for (auto& [name, value] : arguments.named) {
    const auto* const place = std::find(names.begin(), names.end(), name);
    if (place == names.end()) {
      raise(call + " got an unexpected keyword argument " + quote(name));
    }
    auto& slot = values_[static_cast<std::size_t>(place - names.begin())];
    if (slot) raise(call + " got multiple values for argument " + quote(name));
    slot = std::move(value);
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (!values_[i]) raise(call + " misses its argument " + quote(*(names.begin() + i)));
  }
}

const Value& Parameters::at(std::size_t index) const noexcept {
  static const Value none{};
  return at(index, none);
}

bool Parameters::flag(Runtime& runtime, std::size_t index, bool otherwise) const {
  return values_[index] ? is_true(runtime, *values_[index]) : otherwise;
}

std::int64_t Parameters::integer(std::size_t index, std::int64_t otherwise) const {
  if (!values_[index]) return otherwise;
  if (!values_[index]->is_integral()) {
    raise_type(*values_[index], "cannot be interpreted as an integer");
  }
  return values_[index]->integer();
}

std::string_view Parameters::text(std::size_t index, std::string_view otherwise) const {
  if (!values_[index]) return otherwise;
  if (!values_[index]->is_text()) raise_type(*values_[index], "is not a string");
  return values_[index]->view();
}

std::size_t bytes_of(const Arguments& arguments) noexcept {
  std::size_t out = arguments.positional.capacity() * sizeof(Value);
  for (const auto& [name, value] : arguments.named)
    out += sizeof(name) + name.size() + sizeof(value);
  return out;
}

void take_no_arguments(const Arguments& arguments, std::string_view function) {
  if (arguments.positional.empty() && arguments.named.empty()) return;
  raise(std::string(function) + "() takes no arguments");
}

const NamedFunction* find_in(std::span<const NamedFunction> table, std::string_view name) noexcept {
  for (const NamedFunction& row : table) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

Value bound_method(Runtime& runtime, const Value& subject, const NamedFunction& function) {
  return {Type::callable, make<BoundMethod>(runtime.meter, 0, subject, function)};
}

Value call(Runtime& runtime, const Value& callee, Arguments arguments) {
  const Meter::Level level(runtime.meter);
  runtime.meter.step();
  if (callee.is(Type::callable))
    return callee.object<Callable>().call(runtime, std::move(arguments));
  if (callee.is(Type::loop)) {
    const auto recurse = callee.object<Loop>().recurse;
    if (!recurse) raise("the loop must have the 'recursive' marker to be called recursively");
    Parameters given(arguments, "loop", {"iterable"}, 1);
    return runtime.text(recurse->render(given.at(0), callee.object<Loop>().depth0() + 1, recurse));
  }
  raise_type(callee, "is not callable");
}

}  // namespace attend::jinja
