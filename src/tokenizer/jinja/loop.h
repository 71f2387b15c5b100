// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The variable `loop` of a for loop. Source: LoopContext of Jinja 3.1, which looks one item ahead
// when it is asked to, and then only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "tokenizer/jinja/value.h"

namespace attend::jinja {

struct RecursiveLoop;

class Loop : public Object {
 public:
  Loop(Value iterable, std::shared_ptr<Iterator> iterator, std::int64_t outer_loops);

  /// To the next item. False at the end.
  [[nodiscard]] bool advance(Runtime& runtime);
  [[nodiscard]] const Value& current() const noexcept { return *current_; }

  /// index, last, cycle ...; nothing for a name that loops do not have.
  [[nodiscard]] std::optional<Value> attribute(Runtime& runtime, std::string_view name);
  /// Of a loop with the mark "recursive": renders its body over other items.
  std::shared_ptr<RecursiveLoop> recurse;
  [[nodiscard]] std::int64_t depth0() const noexcept { return depth0_; }

  /// Goes through a generator to know it.
  [[nodiscard]] std::int64_t length(Runtime& runtime);
  /// Nothing where that is not known yet.
  [[nodiscard]] std::optional<std::int64_t> known_length() const noexcept { return length_; }

  [[nodiscard]] Value cycle(const Arguments& arguments) const;
  [[nodiscard]] Value changed(Runtime& runtime, const Value& loop, Arguments arguments);

  void release() noexcept override;

 private:
  [[nodiscard]] const std::optional<Value>& peek(Runtime& runtime);

  Value iterable_;
  std::shared_ptr<Iterator> iterator_;
  std::int64_t index0_ = -1;
  std::int64_t depth0_;
  std::optional<std::int64_t> length_;
  std::optional<Value> before_, current_, after_, last_changed_;
};

}  // namespace attend::jinja
