// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether a part of a template asks for a name, or assigns to it, however deep inside.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "tokenizer/jinja/node.h"

namespace attend::jinja {

/// Those of `names` that are read before anything is assigned to them, in Jinja's order of nodes,
/// which is not always that of rendering. Source: UndeclaredNameVisitor of compiler.py.
[[nodiscard]] std::set<std::string> asks_for(const Body& body, std::set<std::string> names);

/// By `set` or as a loop's target.
[[nodiscard]] bool assigns_to(const Body& body, std::string_view name);

}  // namespace attend::jinja
