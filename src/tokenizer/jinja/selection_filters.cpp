// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Filters that apply a filter or a test to each item, and the paths of attributes.
// Source: filters.py of Jinja 3.1.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "text/python_text.h"
#include "tokenizer/jinja/attribute_path.h"
#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"

namespace attend::jinja {
namespace {

// The first argument, which is dropped from them.
Value take_first(Arguments& arguments) {
  Value out = std::move(arguments.positional.front());
  arguments.positional.erase(arguments.positional.begin());
  return out;
}

const NamedFunction& named(const Value& name, const NamedFunction* (*find)(std::string_view),
                           std::string_view kind) {
  const NamedFunction* found = name.is_text() ? find(name.view()) : nullptr;
  if (found != nullptr) return *found;
  const std::string what = name.is_text() ? quote(name.view()) : std::string(type_name(name));
  raise("No " + std::string(kind) + " named " + what);
}

Value map(Runtime& runtime, const Value& value, Arguments& arguments) {
  std::shared_ptr<Iterator> all;
  const std::size_t kept = bytes_of(arguments);
  return runtime.generator(
      value,
      [=, given = std::move(arguments), path = std::optional<AttributePath>(),
       filter = static_cast<const NamedFunction*>(nullptr)](Runtime& in, Value& out) mutable {
        if (!all) {
          if (!is_true(in, value)) return false;
          const bool has_path =
              given.positional.empty() && !given.named.empty() &&
              std::any_of(given.named.begin(), given.named.end(),
                          [](const auto& one) { return one.first == "attribute"; });
          if (has_path) {
            const Parameters parameters(given, "map", {"attribute", "default"});
            path.emplace(in, parameters.at(0), parameters.at(1));
          } else {
            if (given.positional.empty()) raise("map requires a filter argument");
            filter = &named(take_first(given), find_filter, "filter");
          }
          all = iterate(in, value);
        }
        Value item;
        if (!all->next(in, item)) return false;
        in.meter.step(given.positional.size() + given.named.size());
        Arguments copy = given;
        out = path ? path->of(in, item) : filter->call(in, item, copy);
        return true;
      },
      kept);
}

enum class Keeps : bool { failing, passing };

// What `select` and the like do with each item.
class Selection {
 public:
  Selection(Runtime& runtime, Arguments arguments, bool looks_at_attribute)
      : arguments_(std::move(arguments)) {
    if (looks_at_attribute) {
      if (arguments_.positional.empty()) raise("Missing parameter for attribute name");
      path_.emplace(runtime, take_first(arguments_));
    }
    if (!arguments_.positional.empty()) {
      test_ = &named(take_first(arguments_), find_test, "test");
    }
  }

  bool passes(Runtime& runtime, const Value& item) const {
    const Value subject = path_ ? path_->of(runtime, item) : item;
    if (test_ == nullptr) return is_true(runtime, subject);
    runtime.meter.step(arguments_.positional.size() + arguments_.named.size());
    Arguments copy = arguments_;
    return is_true(runtime, test_->call(runtime, subject, copy));
  }

 private:
  Arguments arguments_;
  std::optional<AttributePath> path_;
  const NamedFunction* test_ = nullptr;
};

template <Keeps keeps, bool looks_at_attribute>
Value selected(Runtime& runtime, const Value& value, Arguments& arguments) {
  std::shared_ptr<Iterator> all;
  const std::size_t kept = bytes_of(arguments);
  return runtime.generator(
      value,
      [=, given = std::move(arguments), selection = std::shared_ptr<Selection>()](
          Runtime& in, Value& out) mutable {
        if (!all) {
          if (!is_true(in, value)) return false;
          selection = std::make_shared<Selection>(in, std::move(given), looks_at_attribute);
          all = iterate(in, value);
        }
        for (Value item; all->next(in, item);) {
          if (selection->passes(in, item) != (keeps == Keeps::passing)) continue;
          out = std::move(item);
          return true;
        }
        return false;
      },
      kept);
}

constexpr std::array<NamedFunction, 5> selection_filter_table{
    {{"map", map},
     {"select", selected<Keeps::passing, false>},
     {"reject", selected<Keeps::failing, false>},
     {"selectattr", selected<Keeps::passing, true>},
     {"rejectattr", selected<Keeps::failing, true>}}};

// Filters of Jinja that no chat template has a use for.
constexpr std::array<std::string_view, 7> unsupported{
    "filesizeformat", "pprint", "random", "striptags", "urlize", "wordwrap", "xmlattr"};

}  // namespace

AttributePath::AttributePath(Runtime& runtime, const Value& path, Value otherwise)
    : otherwise_(std::move(otherwise)) {
  if (path.is_none()) return;
  if (!path.is_text()) {
    keys_.push_back(path);
    return;
  }
  std::string_view rest = path.view();
  for (;;) {
    const std::size_t end = std::min(rest.find('.'), rest.size());
    const std::string_view part = rest.substr(0, end);
    std::int64_t index = 0;
    const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    const bool is_index =
        error == std::errc() && stop == part.data() + part.size() && !part.starts_with('-');
    keys_.push_back(is_index ? Value(index) : runtime.text(part));
    if (end == rest.size()) return;
    rest.remove_prefix(end + 1);
  }
}

Value AttributePath::of(Runtime& runtime, const Value& item) const {
  Value out = item;
  for (const Value& key : keys_) {
    out = element(runtime, out, key);
    if (out.is_undefined() && !otherwise_.is_none()) out = otherwise_;
  }
  return out;
}

std::vector<AttributePath> attribute_paths(Runtime& runtime, const Value& paths) {
  std::vector<AttributePath> out;
  if (!paths.is_text()) {
    out.emplace_back(runtime, paths);
    return out;
  }
  std::string_view rest = paths.view();
  for (;;) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    out.emplace_back(runtime, runtime.text(rest.substr(0, end)));
    if (end == rest.size()) return out;
    rest.remove_prefix(end + 1);
  }
}

Value without_case(Runtime& runtime, const Value& value) {
  if (!value.is_text()) return value;
  runtime.meter.look_up(value.view().size());
  return runtime.text(python_lower(value.view()));
}

std::span<const NamedFunction> selection_filters() noexcept { return selection_filter_table; }

bool is_unsupported_filter(std::string_view name) noexcept {
  return std::find(unsupported.begin(), unsupported.end(), name) != unsupported.end();
}

const NamedFunction* find_filter(std::string_view name) noexcept {
  for (const auto& filters :
       {text_filters(), sequence_filters(), selection_filters(), number_filters()}) {
    if (const NamedFunction* found = find_in(filters, name)) return found;
  }
  return nullptr;
}

}  // namespace attend::jinja
