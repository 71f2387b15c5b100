// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// How a text or pair that has too many tokens is cut: where, which side, in which windows.
// It happens between tokenizing and the template, so it lives beside the tokenizer.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// Which end of a text loses tokens.
enum class Side : std::uint8_t { right, left };

/// Which text of a pair loses tokens.
enum class TruncationStrategy : std::uint8_t { longest_first, only_first, only_second };

struct Truncation {
  Index max_length = 0;  ///< tokens, those of the template included
  TruncationStrategy strategy = TruncationStrategy::longest_first;
  Side side = Side::right;
  Index stride = 0;  ///< tokens that consecutive windows share
};

/// Cuts the encodings of a text (and of its pair, if any), both without template tokens, so that
/// `template_tokens` more fit. Returns the windows in the reference's order: the first is what
/// remains, the others are the overflow. Pairs of windows, of which `second` is empty without a
/// pair.
///
/// Throws: input_too_long when the strategy cannot reach the length ("Sequence to truncate too
/// short" there), config_error when stride >= the room that is left.
/// Source: tokenizers 0.22 utils/truncation.rs, `truncate_encodings` and `Encoding::truncate`.
struct TruncatedPair {
  Encoding first;
  std::optional<Encoding> second = {};
  bool first_is_overflow = false;
  bool second_is_overflow = false;
};
[[nodiscard]] ATTEND_EXPORT std::vector<TruncatedPair> truncate(Encoding first,
                                                                std::optional<Encoding> second,
                                                                const Truncation& truncation,
                                                                Index template_tokens);

}  // namespace attend
