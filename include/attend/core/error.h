// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The one exception of the library: a kind to switch on and a message that says
// what went wrong, where, what was expected, what was found and what to do next.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "attend/core/export.h"

namespace attend {

/// What class of failure an Error reports. Closed: callers may switch on it.
enum class ErrorKind : std::uint8_t {
  file_not_found,
  access_denied,
  invalid_format,
  unsupported,
  config_error,
  weight_missing,
  weight_shape,
  weight_value,
  tokenizer_error,
  input_too_long,
  invalid_utf8,
  resource_limit,
  network,
  cancelled,
  timeout,
  internal,
};

/// The kind as programs print it: "FileNotFound", "WeightShape" ...
[[nodiscard]] ATTEND_EXPORT std::string_view name(ErrorKind kind) noexcept;

/// The parts of a message; empty parts are left out of what().
struct ErrorDetail {
  std::string where;     ///< the public operation that failed: "load_model"
  std::string what;      ///< the thing it failed on: `tensor "layer.3.attn.q.weight"`
  std::string expected;  ///< what would have been right: "[768, 768]"
  std::string found;     ///< what was there instead: "[768, 512]"
  std::string file;      ///< the file, or the file and the path inside it
  std::string hint;      ///< what the reader can do next
};

/// Every failure of the library, as one exception type.
///
/// what() has the form
/// `[load_model] tensor "x.weight": expected [768, 768], found [768, 512] (model.safetensors); is
/// config.json from another checkpoint?`
class ATTEND_EXPORT Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, ErrorDetail detail);

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
  [[nodiscard]] const ErrorDetail& detail() const noexcept { return *detail_; }

 private:
  ErrorKind kind_;
  std::shared_ptr<const ErrorDetail> detail_;  // shared, because copying an exception must not throw
};

/// Throws Error(kind, detail).
[[noreturn]] ATTEND_EXPORT void fail(ErrorKind kind, ErrorDetail detail);

/// Untrusted text as one line that a terminal shows as it is: control characters (C0, DEL, C1),
/// line separators, controls of writing direction and broken UTF-8 are bytes as `\xNN`. what() of
/// every Error has been through it.
[[nodiscard]] ATTEND_EXPORT std::string printable(std::string_view text);

/// Quotes untrusted text for a message: printable(), and at most 120 bytes of the text.
[[nodiscard]] ATTEND_EXPORT std::string quote(std::string_view text);

}  // namespace attend
