// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What every reader of weights asks of the names in a file.
#pragma once

#include <string_view>

namespace attend {

/// Where a name comes from, for messages.
struct NameSource {
  std::string_view where;
  std::string_view file;
};

/// Names are keys for look-up, but programs make file names of them, too.
/// Throws: invalid_format.
void check_tensor_name(std::string_view name, const NameSource& source);

}  // namespace attend
