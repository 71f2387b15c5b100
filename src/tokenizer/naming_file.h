// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Models, rules and tokens know no file: whoever reads them from one says which.
#pragma once

#include <string>
#include <utility>

#include "attend/core/error.h"

namespace attend {

/// body(); an Error of it that names no file names `file`.
template <class Body>
decltype(auto) naming_file(const std::string& file, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const Error& error) {
    if (!error.detail().file.empty()) throw;
    ErrorDetail detail = error.detail();
    detail.file = file;
    fail(error.kind(), std::move(detail));
  }
}

}  // namespace attend
