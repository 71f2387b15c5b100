// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How token strings become text again.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "attend/core/export.h"

namespace attend {

/// No decoder: a blank between tokens.
struct JoinWithBlanks {};
/// WordPiece: continuing pieces lose their prefix, others get a blank before them.
struct WordPieceDecoder {
  std::string prefix = "##";
  bool cleanup = true;  ///< blanks before punctuation and contractions go, token by token
};

using Decoder = std::variant<JoinWithBlanks, WordPieceDecoder>;

[[nodiscard]] ATTEND_EXPORT std::string decode(const Decoder& decoder,
                                               std::span<const std::string_view> tokens);

/// Takes blanks away before English punctuation and contractions.
/// Source: clean_up_tokenization of transformers 4.57.
[[nodiscard]] ATTEND_EXPORT std::string clean_up_tokenization(std::string text);

}  // namespace attend
