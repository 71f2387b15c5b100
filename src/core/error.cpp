// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Composes error messages; the convention lives here and nowhere else.
#include "attend/core/error.h"

#include <algorithm>
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
  return printable(message);  // names of files are a stranger's text too
}

// Whether a terminal shows a well-formed UTF-8 sequence and does not obey it. Source: Unicode 15.
bool is_printable(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 1) return byte(0) >= 0x20U && byte(0) != 0x7FU;
  if (sequence.size() == 2) return byte(0) != 0xC2U || byte(1) >= 0xA0U;  // U+0080..009F
  if (sequence.size() != 3 || byte(0) != 0xE2U) return true;
  const bool separator_or_bidi = byte(1) == 0x80U && byte(2) >= 0xA8U && byte(2) <= 0xAEU;
  const bool isolate = byte(1) == 0x81U && byte(2) >= 0xA6U && byte(2) <= 0xA9U;
  return !separator_or_bidi && !isolate;  // U+2028..202E, U+2066..2069
}

// The bytes of the sequence at the front, a malformed byte counting as one.
std::size_t front_length(std::string_view text) {
  return std::max<std::size_t>(utf8_sequence_length(text), 1);
}

void append_printable(std::string_view sequence, std::string& out) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  if (utf8_sequence_length(sequence) != 0 && is_printable(sequence)) {
    out += sequence;
    return;
  }
  for (const char c : sequence) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += hex[byte >> 4U];
    out += hex[byte & 0xFU];
  }
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

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0, length = 0; at < text.size(); at += length) {
    length = front_length(text.substr(at));
    append_printable(text.substr(at, length), out);
  }
  return out;
}

std::string quote(std::string_view text) {
  constexpr std::size_t max_bytes = 120;  // names of tensors fit, and it is still one line
  std::string out = "\"";
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = front_length(text.substr(at));
    if (at + length > max_bytes) break;
    append_printable(text.substr(at, length), out);
    at += length;
  }
  out += at < text.size() ? "\"..." : "\"";
  return out;
}

}  // namespace attend
