// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a loop knows of itself.
#include "tokenizer/jinja/loop.h"

#include <algorithm>
#include <utility>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/runtime.h"

namespace attend::jinja {

Loop::Loop(Value iterable, std::shared_ptr<Iterator> iterator, std::int64_t outer_loops)
    : iterable_(std::move(iterable)), iterator_(std::move(iterator)), depth0_(outer_loops) {
  depth = Runtime::deeper(iterable_.depth());
}

bool Loop::advance(Runtime& runtime) {
  std::optional<Value> item;
  if (after_) {
    item = std::exchange(after_, std::nullopt);
  } else {
    Value next;
    if (!iterator_->next(runtime, next)) return false;
    item = std::move(next);
  }
  ++index0_;
  before_ = std::move(current_);
  current_ = std::move(item);
  return true;
}

const std::optional<Value>& Loop::peek(Runtime& runtime) {
  if (!after_) {
    Value next;
    if (iterator_->next(runtime, next)) after_ = std::move(next);
  }
  return after_;
}

std::int64_t Loop::length(Runtime& runtime) {
  if (length_) return *length_;
  length_ = length_of(iterable_);
  if (length_) return *length_;
  const Value rest = runtime.list(items_of(runtime, {Type::iterator, iterator_}));
  iterator_ = iterate(runtime, rest);
  length_ = *length_of(rest) + index0_ + 1 + (after_ ? 1 : 0);
  return *length_;
}

std::optional<Value> Loop::attribute(Runtime& runtime, std::string_view name) {
  if (name == "index") return Value(index0_ + 1);
  if (name == "index0") return Value(index0_);
  if (name == "first") return Value(index0_ == 0);
  if (name == "last") return Value(!peek(runtime).has_value());
  if (name == "length") return Value(length(runtime));
  if (name == "revindex") return Value(length(runtime) - index0_);
  if (name == "revindex0") return Value(length(runtime) - index0_ - 1);
  if (name == "depth") return Value(depth0_ + 1);
  if (name == "depth0") return Value(depth0_);
  if (name == "previtem") {
    return index0_ == 0 || !before_ ? runtime.undefined("there is no previous item") : *before_;
  }
  if (name == "nextitem") {
    const auto& next = peek(runtime);
    return next ? *next : runtime.undefined("there is no next item");
  }
  return std::nullopt;
}

Value Loop::cycle(const Arguments& arguments) const {
  if (!arguments.named.empty()) raise("cycle() takes no keyword arguments");
  if (arguments.positional.empty()) raise("no items for cycling given");
  const auto count = static_cast<std::int64_t>(arguments.positional.size());
  return arguments.positional[static_cast<std::size_t>(std::max<std::int64_t>(index0_, 0) % count)];
}

Value Loop::changed(Runtime& runtime, const Value& loop, Arguments arguments) {
  if (!arguments.named.empty()) raise("changed() takes no keyword arguments");
  Value value = runtime.tuple(std::move(arguments.positional));
  if (last_changed_ && equals(runtime, *last_changed_, value)) return Value(false);
  if (!last_changed_) runtime.keep(loop.pointer());  // the value may hold this loop
  last_changed_ = std::move(value);
  return Value(true);
}

void Loop::release() noexcept {
  iterable_ = {};
  iterator_.reset();
  recurse.reset();
  before_ = current_ = after_ = last_changed_ = std::nullopt;
}

}  // namespace attend::jinja
