// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The check at the door of the operations: a mismatch is a mistake of the model code above.
#pragma once

#include <string>

#include "attend/core/error.h"

namespace attend::ops {

/// Throws Error of kind internal: shapes that are not as the rule has them.
[[noreturn]] inline void fail_shapes(const char* where, const char* rule) {
  fail(ErrorKind::internal, {.where = where, .what = "shapes", .expected = rule});
}

}  // namespace attend::ops
