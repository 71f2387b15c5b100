// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The characters that most text consists of, and most steps leave alone.
#pragma once

namespace attend {

/// ASCII that is neither a blank nor a control character: a byte that is a code point of its own
/// and stands for itself in text/byte_alphabet.h.
constexpr bool is_plain_ascii(char c) noexcept { return c > ' ' && c < '\x7F'; }

}  // namespace attend
