// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The trims of a processor. They count code points, so they need the texts.
#pragma once

#include <span>
#include <string_view>

#include "tokenizer/parts.h"

namespace attend {

/// What the offsets of an encoding count in: one text, or words, where a token's word id says
/// which.
struct SourceTexts {
  std::span<const std::string_view> texts;
  bool are_words = false;
};

/// Applies all trims to a window of one text: the tokens of `encoding` in this range.
void trim_offsets(const TokenizerParts& parts, const SourceTexts& source, Range tokens,
                  Encoding& encoding);

}  // namespace attend
