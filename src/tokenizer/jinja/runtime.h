// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The state of one rendering, and what makes values in it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/jinja/meter.h"
#include "tokenizer/jinja/value.h"

namespace attend::jinja {

class Runtime {
 public:
  explicit Runtime(std::chrono::system_clock::time_point now) : now_(now) {}
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  Meter meter;
  std::size_t line = 0;  ///< of the statement that is being rendered

  [[nodiscard]] std::chrono::system_clock::time_point now() const noexcept { return now_; }

  [[nodiscard]] Value text(std::string content, bool is_markup = false);
  [[nodiscard]] Value text(std::string_view content) { return text(std::string(content)); }
  [[nodiscard]] Value text(const char* content) { return text(std::string(content)); }
  /// A part of a text, or what a method made of it, is markup where the text is.
  [[nodiscard]] Value text_like(const Value& of, std::string content);
  [[nodiscard]] Value list(Items items);
  [[nodiscard]] Value tuple(Items items);
  [[nodiscard]] Value group(Value key, Value members);
  [[nodiscard]] Value dict(std::vector<std::pair<Value, Value>> entries);
  [[nodiscard]] Value dict(const std::vector<std::pair<std::string, Value>>& entries);
  [[nodiscard]] Value undefined(std::string message, bool is_insecure = false);
  /// "'x' is undefined"
  [[nodiscard]] Value undefined_name(std::string_view name);
  /// Of an attribute or element that `of` lacks.
  [[nodiscard]] Value undefined_part(const Value& of, const Value& name);

  /// Anything that hands out values one by one; `source` is what they come from.
  using Step = std::function<bool(Runtime&, Value&)>;
  /// `further`: bytes of what the step holds.
  [[nodiscard]] Value generator(const Value& source, Step step, std::size_t further = 0);

  /// Keeps what may come to hold itself until the end, and has it let go then.
  void keep(std::shared_ptr<Object> object) { kept_.push_back(std::move(object)); }

  /// Throws: resource_limit for values in each other that are too deep.
  [[nodiscard]] static std::uint32_t deeper(std::uint32_t depth);

 private:
  std::chrono::system_clock::time_point now_;
  std::vector<std::shared_ptr<Object>> kept_;
};

/// iter() of Python: throws for what cannot be gone through.
[[nodiscard]] std::shared_ptr<Iterator> iterate(Runtime& runtime, const Value& value);
[[nodiscard]] bool is_iterable(const Value& value) noexcept;
/// reversed() of Python, or null where there is no such thing.
[[nodiscard]] std::shared_ptr<Iterator> iterate_reversed(Runtime& runtime, const Value& value);
/// list(value)
[[nodiscard]] Items items_of(Runtime& runtime, const Value& value);
/// len(value), or nothing where Python has none.
[[nodiscard]] std::optional<std::int64_t> length_of(const Value& value);
/// value in container
[[nodiscard]] bool contains(Runtime& runtime, const Value& container, const Value& value);

/// str(value) and repr(value)
[[nodiscard]] std::string to_text(Runtime& runtime, const Value& value);
[[nodiscard]] std::string to_repr(Runtime& runtime, const Value& value);
/// str(value) that stays the text it is.
[[nodiscard]] Value as_text(Runtime& runtime, const Value& value);

/// value.name and value[key] of the sandbox; undefined where there is no such thing.
[[nodiscard]] Value attribute(Runtime& runtime, const Value& value, std::string_view name);
[[nodiscard]] Value element(Runtime& runtime, const Value& value, const Value& key);
/// value[begin:end:step]; each may be None.
struct Slice {
  Value begin, end, step;
};
[[nodiscard]] Value slice(Runtime& runtime, const Value& value, const Slice& slice);

[[nodiscard]] Value call(Runtime& runtime, const Value& callee, Arguments arguments);

}  // namespace attend::jinja
