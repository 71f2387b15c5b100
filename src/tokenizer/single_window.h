// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The one window of a text or pair that encode() gives, put together where the caller wants it:
// nothing is copied, and a long text is encoded no farther than the window goes.
#pragma once

#include <optional>
#include <string_view>

#include "tokenizer/parts.h"

namespace attend {

/// A text, or a pair.
struct EncoderInput {
  std::string_view text;
  std::optional<std::string_view> pair = {};
};

/// Whether what the post-processor makes of such inputs has each of their texts once, as all but
/// made-up ones have. Throws: as Processor::layout().
[[nodiscard]] bool puts_texts_once(const EncodeCall& call, const EncoderInput& input);

/// Appends the window to `out`; puts_texts_once(). After an exception `out` has what it had.
/// Throws: as Tokenizer::encode().
void append_window(const EncodeCall& call, const EncoderInput& input, EncoderMemory& memory,
                   Encoding& out);

}  // namespace attend
