// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The `attribute` of filters: "a.b.0". Source: make_attrgetter of filters.py of Jinja 3.1.
#pragma once

#include <vector>

#include "tokenizer/jinja/runtime.h"
#include "tokenizer/jinja/value.h"

namespace attend::jinja {

class AttributePath {
 public:
  /// None is the item itself. `otherwise` stands for what is undefined, unless it is None.
  AttributePath(Runtime& runtime, const Value& path, Value otherwise = {});

  [[nodiscard]] Value of(Runtime& runtime, const Value& item) const;

 private:
  std::vector<Value> keys_;
  Value otherwise_;
};

/// Those of a list with commas, "a,b.c".
[[nodiscard]] std::vector<AttributePath> attribute_paths(Runtime& runtime, const Value& paths);

/// A text in small letters, which is how filters compare texts unless they are told otherwise.
[[nodiscard]] Value without_case(Runtime& runtime, const Value& value);

}  // namespace attend::jinja
