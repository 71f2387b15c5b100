// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the characters between two quotes stand for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace attend::jinja {

/// As Python's codec "unicode-escape" reads them. `line` is for messages.
/// Throws: Failure, for an escape that is cut off, a surrogate, or a character by its name.
[[nodiscard]] std::string string_literal(std::string_view text, std::size_t line);

}  // namespace attend::jinja
