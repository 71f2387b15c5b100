// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What generation says where operator new throws.
#pragma once

#include "attend/core/error.h"

namespace attend {

[[nodiscard]] inline Error out_of_memory() {
  return {ErrorKind::resource_limit,
          {.where = "generate",
           .what = "memory",
           .found = "not enough",
           .hint = "fewer beams, new tokens or prompts need less"}};
}

}  // namespace attend
