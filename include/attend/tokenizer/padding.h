// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Encodings of one length, for those who need a matrix. Models of this library take encodings as
// they are: a Batch is packed, and there is no padding in it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "attend/tokenizer/encoding.h"
#include "attend/tokenizer/truncation.h"

namespace attend {

/// What Tokenizer::pad() does. Whatever is absent is as the tokenizer's folder says.
struct Padding {
  /// Tokens of each encoding; those that have more keep them. Absent: as many as the longest has.
  std::optional<Index> length = {};
  /// The length is rounded up to a multiple of this.
  Index pad_to_multiple_of = 1;
  /// Where the padding goes.
  std::optional<Side> side = {};
  std::optional<TokenId> pad_id = {};
  std::optional<std::int32_t> pad_type_id = {};
};

/// An encoding with padding. Padding has the special token mask 1, no word and no sequence.
struct PaddedEncoding {
  Encoding encoding;
  std::vector<std::uint8_t> attention_mask;  ///< 0 where padding is
};

}  // namespace attend
