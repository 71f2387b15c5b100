// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Composes error messages; the convention lives here and nowhere else.
#include "attend/core/error.h"

#include <utility>

#include "core/utf8_sequence.h"

namespace attend {
namespace {

std::string compose(const ErrorDetail& detail) {
  std::string message;
  if (!detail.where.empty()) message += "[" + detail.where + "] ";
  message += detail.what;
  if (!detail.expected.empty()) message += ": expected " + detail.expected;
  if (!detail.found.empty()) {
    message += detail.expected.empty() ? ": found " : ", found ";
    message += detail.found;
  }
  if (!detail.file.empty()) message += " (" + detail.file + ")";
  if (!detail.hint.empty()) message += "; " + detail.hint;
  return message;
}

}  // namespace

std::string_view name(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::file_not_found: return "FileNotFound";
    case ErrorKind::access_denied: return "AccessDenied";
    case ErrorKind::invalid_format: return "InvalidFormat";
    case ErrorKind::unsupported: return "Unsupported";
    case ErrorKind::config_error: return "ConfigError";
    case ErrorKind::weight_missing: return "WeightMissing";
    case ErrorKind::weight_shape: return "WeightShape";
    case ErrorKind::weight_value: return "WeightValue";
    case ErrorKind::tokenizer_error: return "TokenizerError";
    case ErrorKind::input_too_long: return "InputTooLong";
    case ErrorKind::invalid_utf8: return "InvalidUtf8";
    case ErrorKind::resource_limit: return "ResourceLimit";
    case ErrorKind::network: return "Network";
    case ErrorKind::cancelled: return "Cancelled";
    case ErrorKind::timeout: return "Timeout";
    case ErrorKind::internal: return "Internal";
  }
  return "Internal";  // a value outside the enum; no kind of ours reaches this
}

Error::Error(ErrorKind kind, ErrorDetail detail)
    : std::runtime_error(compose(detail)),
      kind_(kind),
      detail_(std::make_shared<const ErrorDetail>(std::move(detail))) {}

void fail(ErrorKind kind, ErrorDetail detail) { throw Error(kind, std::move(detail)); }

std::string quoted(std::string_view text) {
  constexpr std::size_t max_bytes = 80;  // long enough to recognise, short enough for one line
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out = "\"";
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = utf8_sequence_length(text.substr(at));
    if (at + (length == 0 ? 1 : length) > max_bytes) break;
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0 || byte < 0x20U || byte == 0x7FU) {
      out += "\\x";
      out += hex[byte >> 4U];
      out += hex[byte & 0xFU];
      at += 1;
    } else {
      out.append(text.substr(at, length));
      at += length;
    }
  }
  out += at < text.size() ? "\"..." : "\"";
  return out;
}

}  // namespace attend
