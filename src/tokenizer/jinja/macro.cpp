// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: Macro.__call__ of Jinja 3.1, and the functions that compiler.py makes.
#include "tokenizer/jinja/macro.h"

#include <algorithm>
#include <optional>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/loop.h"

namespace attend::jinja {
namespace {

std::optional<Value> take_named(Arguments& arguments, std::string_view name) {
  const auto found = std::find_if(arguments.named.begin(), arguments.named.end(),
                                  [&](const auto& one) { return one.first == name; });
  if (found == arguments.named.end()) return std::nullopt;
  Value value = std::move(found->second);
  arguments.named.erase(found);
  return value;
}

}  // namespace

void Macro::bind(Runtime& runtime, Arguments& arguments, Activation& frame) const {
  const Signature& signature = of.signature;
  const std::size_t count = signature.names.size();
  const std::size_t given = std::min(arguments.positional.size(), count);
  runtime.meter.step(count * arguments.named.size());  // each is looked for among the others
  bool has_caller = given == count && signature.names_caller;
  for (std::size_t i = 0; i < given; ++i) {
    frame.slots[signature.places[i].slot] = arguments.positional[i];
  }
  for (std::size_t i = given; i < count; ++i) {
    frame.slots[signature.places[i].slot] = take_named(arguments, signature.names[i]);
    if (signature.names[i] == "caller") has_caller = true;
  }
  const std::string described = "macro '" + title + "'";
  if (signature.takes_caller && !has_caller) {
    auto caller = take_named(arguments, "caller");
    const bool is_there = caller && !caller->is_none();
    frame.slots[signature.caller.slot] =
        is_there ? *caller : runtime.undefined("No caller defined");
  }
  if (signature.takes_keywords) {
    frame.slots[signature.keywords.slot] = runtime.dict(arguments.named);
  } else if (!arguments.named.empty()) {
    raise(described + " takes no keyword argument " + quote(arguments.named.front().first));
  }
  Items further(arguments.positional.begin() + static_cast<std::ptrdiff_t>(given),
                arguments.positional.end());
  if (signature.takes_list) {
    frame.slots[signature.list.slot] = runtime.tuple(std::move(further));
  } else if (!further.empty()) {
    raise(described + " takes not more than " + std::to_string(count) + " argument(s)");
  }
}

Value Macro::call(Runtime& runtime, Arguments arguments) {
  const Signature& signature = of.signature;
  const auto frame = renderer.new_frame(of.function_slots);
  frame->outside = outside;
  bind(runtime, arguments, *frame);
  TextBuffer out(runtime.meter);
  const std::size_t line = runtime.line;
  {
    const Renderer::Inside inside(renderer, frame, &out);
    renderer.enter(of.scope);
    const std::size_t first = signature.names.size() - signature.defaults.size();
    for (std::size_t i = 0; i < signature.names.size(); ++i) {
      auto& slot = frame->slots[signature.places[i].slot];
      if (slot) continue;
      // Evaluated first: it may make slots of its own frame look elsewhere.
      Value value =
          i < first ? runtime.undefined("parameter '" + signature.names[i] + "' was not provided")
                    : renderer.value(signature.defaults[i - first]);
      slot = std::move(value);
    }
    static_cast<void>(renderer.body(of.body));
  }
  runtime.line = line;
  return runtime.text(out.take());
}

std::string RecursiveLoop::render(const Value& items, std::int64_t outer_loops,
                                  const std::shared_ptr<RecursiveLoop>& self) {
  Runtime& runtime = renderer.runtime_;
  const auto frame = renderer.new_frame(of.function_slots);
  frame->outside = outside;
  TextBuffer out(runtime.meter);
  const std::size_t line = runtime.line;
  {
    const Renderer::Inside inside(renderer, frame, &out);
    renderer.loop_over(of, items, outer_loops, self);
  }
  runtime.line = line;
  return out.take();
}

bool FilteredItems::next(Runtime& runtime, Value& out) {
  const Meter::Level level(runtime.meter);
  const bool is_first = frame == nullptr;
  if (is_first) {
    frame = renderer.new_frame(of.test_function.slots);
    frame->outside = outside;
  }
  const Renderer::Inside inside(renderer, frame, renderer.out_);
  if (is_first) renderer.enter(of.test_function.scope);
  for (Value item; all->next(runtime, item);) {
    runtime.meter.step();
    renderer.assign(of.test_target, item);
    if (is_true(runtime, renderer.value(of.tests[0]))) {
      out = std::move(item);
      return true;
    }
  }
  return false;
}

}  // namespace attend::jinja
