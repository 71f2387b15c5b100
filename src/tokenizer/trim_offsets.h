// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The trims of a post-processor. They count code points, so they need the texts.
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

/// A text of a layout, where its tokens are in an encoding, and where they came from.
struct PlacedText {
  const LayoutText& text;
  Range tokens;
  const SourceTexts& source;
};

/// Applies all trims of the text.
void trim_offsets(const TokenizerParts& parts, const PlacedText& placed, Encoding& encoding);

}  // namespace attend
