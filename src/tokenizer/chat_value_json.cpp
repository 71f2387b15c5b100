// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Values of conversations, out of JSON. Numbers keep what they are: 1 is no 1.0 for a template.
#include "tokenizer/chat_value_json.h"

#include <limits>
#include <string>
#include <utility>

#include "core/limits.h"

namespace attend {

ChatValue read_chat_value(const JsonField& field) {
  if (field.is_null()) return {};
  if (field.is_bool()) return field.boolean();
  if (field.is_string()) return std::string(field.string());
  if (field.is_integer()) {
    return field.integer(std::numeric_limits<std::int64_t>::min(),
                         std::numeric_limits<std::int64_t>::max());
  }
  if (const std::string_view digits = field.large_integer(); !digits.empty()) {
    return LargeNumber{std::string(digits)};
  }
  if (field.is_number()) return field.number();
  if (field.is_array()) {
    ChatValue::Array out;
    field.visit_elements([&](const JsonField& one) { out.push_back(read_chat_value(one)); });
    return out;
  }
  ChatValue::Object out;
  for (const auto& [key, value] : field.members()) {
    out.emplace_back(std::string(key), read_chat_value(value));
  }
  return out;
}

ChatValue ChatValue::from_json(std::string_view json) {
  const JsonOptions options{.where = "ChatValue::from_json",
                            .max_bytes = limits::chat_bytes,
                            .max_values = limits::chat_values};
  const JsonDocument document = parse_json(json, "a conversation", options);
  return read_chat_value(document.root());
}

}  // namespace attend
