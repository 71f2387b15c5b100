// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How a task refuses an option of a call.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "attend/core/error.h"

namespace attend {

/// `where`: the task. Throws: config_error.
[[noreturn]] inline void fail_option(std::string_view where, std::string what, std::string expected,
                                     std::string found) {
  fail(ErrorKind::config_error, {.where = std::string(where),
                                 .what = std::move(what),
                                 .expected = std::move(expected),
                                 .found = std::move(found)});
}

}  // namespace attend
