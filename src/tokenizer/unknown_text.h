// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What models do with text that they do not know: tokens of single bytes, or the unknown token.
#pragma once

#include <array>
#include <string_view>

#include "attend/tokenizer/vocabulary.h"

namespace attend {

using ByteTokens = std::array<TokenId, 256>;

/// The ids of "<0x00>" to "<0xFF>", `none` where the vocabulary lacks one.
[[nodiscard]] ByteTokens find_byte_tokens(const Vocabulary& vocabulary);
/// Whether the vocabulary has a token for every byte of a text.
[[nodiscard]] bool has_all_bytes(const ByteTokens& tokens, std::string_view text) noexcept;

/// Throws that a word has unknown text and the vocabulary lacks the token for it.
[[noreturn]] void fail_without_unknown_token(std::string_view word, std::string_view unk_token);

}  // namespace attend
