// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The rule for names of tensors.
#include "checkpoint/tensor_name.h"

#include <algorithm>
#include <string>

#include "attend/core/error.h"
#include "core/utf8_sequence.h"

namespace attend {
namespace {

constexpr std::size_t max_name_bytes = 1024;  // names in the wild stay below 200

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_tensor_name(std::string_view name) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20U; };
  return !name.empty() && name.size() <= max_name_bytes && name.front() != '/' &&
         !name.starts_with("../") && name.find("/../") == std::string_view::npos &&
         std::none_of(name.begin(), name.end(), is_control) && is_utf8(name);
}

}  // namespace

void check_tensor_name(std::string_view name, const NameSource& source) {
  if (is_tensor_name(name)) return;
  fail(ErrorKind::invalid_format,
       {.where = std::string(source.where),
        .what = tensor_called(name),
        .expected = "a name of 1 to " + std::to_string(max_name_bytes) +
                    " bytes of UTF-8 that is no path and has no control characters",
        .found = name.empty() ? "an empty name" : std::to_string(name.size()) + " bytes",
        .file = std::string(source.file)});
}

}  // namespace attend
