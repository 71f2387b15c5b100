// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Base64 with the standard alphabet and padding (RFC 4648, section 4), as tokenizer files hold
// binary tables and byte strings.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "attend/core/export.h"

namespace attend {

/// The bytes, or nothing when the text is no strict base64: other characters, a length that is no
/// multiple of four, missing padding or bits behind the last byte.
[[nodiscard]] ATTEND_EXPORT std::optional<std::string> decode_base64(std::string_view text);

[[nodiscard]] ATTEND_EXPORT std::string encode_base64(std::string_view bytes);

}  // namespace attend
