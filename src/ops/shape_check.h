// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The check at the door of the operations: a mismatch is a mistake of the model code above.
#pragma once

#include <string>

#include "attend/core/error.h"

namespace attend::ops {

/// Throws Error of kind internal when `fits` is false.
inline void require(bool fits, const char* where, const char* rule) {
  if (!fits) fail(ErrorKind::internal, {.where = where, .what = "shapes", .expected = rule});
}

}  // namespace attend::ops
