// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Messages, tools and documents of a conversation: values as JSON has them, objects in order.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "attend/core/export.h"

namespace attend {

/// An integer beyond 64 bits, as it is written.
struct LargeNumber {
  std::string digits;
  friend bool operator==(const LargeNumber&, const LargeNumber&) = default;
};

class ATTEND_EXPORT ChatValue {
 public:
  using Array = std::vector<ChatValue>;
  /// In order. A key that stands twice has its last value.
  using Object = std::vector<std::pair<std::string, ChatValue>>;
  using Variant = std::variant<std::monostate, bool, std::int64_t, double, LargeNumber, std::string,
                               Array, Object>;

  ChatValue() = default;  ///< null
  ChatValue(bool value) : value_(value) {}
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) ChatValue(Integer value)
      : value_(static_cast<std::int64_t>(value)) {
    if constexpr (std::unsigned_integral<Integer>) {
      constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
      if (value > most) value_ = LargeNumber{std::to_string(value)};
    }
  }
  ChatValue(double value) : value_(value) {}
  ChatValue(LargeNumber value) : value_(std::move(value)) {}
  ChatValue(std::string value) : value_(std::move(value)) {}
  ChatValue(std::string_view value) : value_(std::string(value)) {}
  ChatValue(const char* value) : value_(std::string(value)) {}
  ChatValue(Array value) : value_(std::move(value)) {}
  ChatValue(Object value) : value_(std::move(value)) {}

  /// Throws: invalid_format, resource_limit.
  [[nodiscard]] static ChatValue from_json(std::string_view json);

  [[nodiscard]] bool is_null() const noexcept { return value_.index() == 0; }
  /// The value of a type, or null where it is of another.
  template <class T>
  [[nodiscard]] const T* get() const noexcept {
    return std::get_if<T>(&value_);
  }
  template <class T>
  [[nodiscard]] T* get() noexcept {
    return std::get_if<T>(&value_);
  }
  /// A member of an object, or null.
  [[nodiscard]] const ChatValue* find(std::string_view key) const noexcept;
  [[nodiscard]] ChatValue* find(std::string_view key) noexcept;
  [[nodiscard]] const Variant& variant() const noexcept { return value_; }

  friend bool operator==(const ChatValue&, const ChatValue&) = default;

 private:
  Variant value_;
};

/// One message: {"role": role, "content": content}.
[[nodiscard]] ATTEND_EXPORT ChatValue chat_message(std::string role, std::string content);

}  // namespace attend
