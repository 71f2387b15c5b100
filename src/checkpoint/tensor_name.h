// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What every reader of weights asks of the names in a file, and how messages show them.
#pragma once

#include <string>
#include <string_view>

#include "attend/core/error.h"

namespace attend {

/// Where a name comes from, for messages.
struct NameSource {
  std::string_view where;
  std::string_view file;
};

/// Names are keys for look-up, but programs make file names of them, too.
/// Throws: invalid_format.
void check_tensor_name(std::string_view name, const NameSource& source);

/// What messages call a tensor.
[[nodiscard]] inline std::string tensor_called(std::string_view name) {
  return "tensor " + quote(name);
}

}  // namespace attend
