// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON text -> nodes. Our own, because the files of tokenizers are tens of megabytes of short
// strings, which this reads ten times as fast as nlohmann's events come.
#pragma once

#include "checkpoint/checked_json.h"

namespace attend {

/// The source's bytes must have been checked.
/// Throws: invalid_format, when it is not JSON (RFC 8259; numbers must have a double, \u escapes
/// must pair) or a key stands twice and options say so; resource_limit.
[[nodiscard]] JsonTape parse_tape(const JsonSource& source, const JsonOptions& options);

}  // namespace attend
