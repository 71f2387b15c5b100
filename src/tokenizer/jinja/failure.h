// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong in a template, on its way to ChatTemplate, which makes an Error of it and names
// the line.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "attend/core/error.h"

namespace attend::jinja {

/// Nothing below ChatTemplate throws anything else about a template.
struct Failure {
  ErrorKind kind;
  std::string what;
  std::size_t line = 0;  ///< 0: where the template was being rendered
};

/// Throws what Python would raise while it renders.
[[noreturn]] inline void raise(std::string what) {
  throw Failure{ErrorKind::tokenizer_error, std::move(what)};
}

/// Throws that a limit of core/limits.h is reached.
[[noreturn]] inline void raise_limit(std::string what) {
  throw Failure{ErrorKind::resource_limit, std::move(what)};
}

/// Throws that the text of a template is none.
[[noreturn]] inline void raise_syntax(std::string what, std::size_t line) {
  throw Failure{ErrorKind::invalid_format, std::move(what), line};
}

}  // namespace attend::jinja
