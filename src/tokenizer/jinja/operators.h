// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The operators of expressions.
#pragma once

#include <cstdint>

#include "tokenizer/jinja/runtime.h"

namespace attend::jinja {

enum class Operator : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  modulo,
  power,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  not_in,
};

/// Throws: what Python raises for types that do not go together, and for integers beyond 64 bits.
[[nodiscard]] Value calculate(Runtime& runtime, Operator operation, const Value& a, const Value& b);
/// One of the comparisons.
[[nodiscard]] bool compare(Runtime& runtime, Operator operation, const Value& a, const Value& b);
[[nodiscard]] Value negate(Runtime& runtime, const Value& value);
[[nodiscard]] Value keep_sign(const Value& value);  ///< unary +

}  // namespace attend::jinja
