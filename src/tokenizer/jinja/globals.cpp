// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions that every template can call: those of Jinja 3.1 and of transformers 4.57.
#include <array>
#include <string>
#include <utility>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/local_time.h"

namespace attend::jinja {
namespace {

constexpr std::int64_t longest_range = 100'000;  // MAX_RANGE of Jinja's sandbox

Value range(Runtime& runtime, const Value&, Arguments& arguments) {
  if (!arguments.named.empty()) raise("range() takes no keyword arguments");
  const Parameters given(arguments, "range", {"start", "stop", "step"}, 1);
  auto out = make<Range>(runtime.meter, 0);
  const std::int64_t first = given.integer(0, 0);
  out->start = given.has(1) ? first : 0;
  out->stop = given.has(1) ? given.integer(1, 0) : first;
  out->step = given.integer(2, 1);
  if (out->step == 0) raise("range() arg 3 must not be zero");
  if (out->size() > longest_range) {
    raise_limit("Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
  }
  return {Type::range, out};
}

// dict(...) of Python: a mapping or pairs, and keywords.
std::vector<std::pair<Value, Value>> entries_of(Runtime& runtime, Arguments& arguments) {
  if (arguments.positional.size() > 1) raise("dict expected at most 1 argument");
  std::vector<std::pair<Value, Value>> out;
  if (!arguments.positional.empty()) {
    const Value& from = arguments.positional.front();
    if (from.is(Type::dict)) {
      out = from.dict().entries;
    } else {
      for (const Value& pair : items_of(runtime, from)) {
        Items both = items_of(runtime, pair);
        if (both.size() != 2) raise("dictionary update sequence element must have length 2");
        out.emplace_back(std::move(both[0]), std::move(both[1]));
      }
    }
  }
  for (auto& [key, value] : arguments.named) out.emplace_back(runtime.text(key), std::move(value));
  return out;
}

Value dict(Runtime& runtime, const Value&, Arguments& arguments) {
  return runtime.dict(entries_of(runtime, arguments));
}

Value name_space(Runtime& runtime, const Value&, Arguments& arguments) {
  const auto entries = entries_of(runtime, arguments);
  auto out = make<Space>(runtime.meter, entries.size() * (2 * sizeof(Value) + 64));
  for (const auto& [key, value] : entries) out->attributes.set(runtime.meter, key, value);
  runtime.keep(out);  // it may come to hold itself
  return {Type::space, out};
}

Value raise_exception(Runtime& runtime, const Value&, Arguments& arguments) {
  const Parameters given(arguments, "raise_exception", {"message"}, 1);
  raise("the template refuses this conversation: " + to_text(runtime, given.at(0)));
}

Value strftime_now(Runtime& runtime, const Value&, Arguments& arguments) {
  const Parameters given(arguments, "strftime_now", {"format"}, 1);
  return runtime.text(format_time(runtime.now(), given.text(0)));
}

Value cycler(Runtime& runtime, const Value&, Arguments& arguments) {
  if (!arguments.named.empty()) raise("cycler() takes no keyword arguments");
  if (arguments.positional.empty()) raise("at least one item has to be provided");
  const Value items = runtime.tuple(std::move(arguments.positional));
  auto out = make<Cycler>(runtime.meter, items.items().size() * sizeof(Value), items.items());
  out->depth = items.depth();
  return {Type::cycler, out};
}

struct Joiner : Callable {
  explicit Joiner(Value text) : between(std::move(text)) {
    depth = Runtime::deeper(between.depth());
  }
  Value call(Runtime& runtime, Arguments arguments) override {
    take_no_arguments(arguments, "joiner");
    return std::exchange(is_used, true) ? between : runtime.text("");
  }
  [[nodiscard]] std::string_view name() const noexcept override { return "joiner"; }

  Value between;
  bool is_used = false;
};

Value joiner(Runtime& runtime, const Value&, Arguments& arguments) {
  const Parameters given(arguments, "joiner", {"sep"});
  const Value between = given.has(0) ? given.at(0) : runtime.text(", ");
  return {Type::callable, make<Joiner>(runtime.meter, 0, between)};
}

Value lipsum(Runtime&, const Value&, Arguments&) {
  throw Failure{ErrorKind::unsupported, "the random text of lipsum()"};
}

constexpr std::array<NamedFunction, 8> global_table{{{"range", range},
                                                     {"dict", dict},
                                                     {"namespace", name_space},
                                                     {"raise_exception", raise_exception},
                                                     {"strftime_now", strftime_now},
                                                     {"cycler", cycler},
                                                     {"joiner", joiner},
                                                     {"lipsum", lipsum}}};

}  // namespace

std::optional<Value> find_global(Runtime& runtime, std::string_view name) {
  const NamedFunction* found = find_in(global_table, name);
  if (found == nullptr) return std::nullopt;
  return bound_method(runtime, Value(), *found);
}

}  // namespace attend::jinja
