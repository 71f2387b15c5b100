// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The check that every metric begins with.
#pragma once

#include <cstddef>
#include <string>

#include "attend/core/error.h"

namespace attend {

/// Throws: config_error, unless there are as many right answers as predictions, and at least one.
inline void check_item_counts(std::size_t gold, std::size_t predicted) {
  if (gold == predicted && gold > 0) return;
  fail(ErrorKind::config_error,
       {.where = "metrics",
        .what = "items",
        .expected = "as many predictions as right answers, at least one",
        .found = std::to_string(predicted) + " and " + std::to_string(gold)});
}

}  // namespace attend
