// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Truncation before windows of the two texts are combined, for the tokenizer: it may want the first
// window only, and its post-processor decides how they are combined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "attend/tokenizer/encoding.h"
#include "attend/tokenizer/truncation.h"

namespace attend {

enum class Overflow : std::uint8_t {
  keep,
  keep_where_given,  ///< the classes that only Python has give none of a pair under longest_first
  drop,
};

/// How many tokens of each text are in every window but perhaps the last.
struct KeptTokens {
  Index first = 0;
  Index second = 0;
};

/// Throws: config_error when a number is negative.
void check_numbers(const Truncation& truncation);

/// `first` and `second` are tokens without those of the template; `second` is absent for one text.
/// Throws: input_too_long, when the strategy cannot reach the length ("Sequence to truncate too
/// short" there); config_error, when a number is negative, or only_second has no pair.
/// Source: tokenizers 0.22 utils/truncation.rs, `truncate_encodings`.
[[nodiscard]] KeptTokens kept_tokens(Index first, std::optional<Index> second,
                                     const Truncation& truncation, Index template_tokens);

/// Throws: config_error, when windows cannot have so much in common whatever the text is; the
/// reference refuses such a stride as soon as truncation is switched on.
void check_stride_of_template(const Truncation& truncation, Index template_tokens);
/// Throws: config_error, when a text of which `kept` tokens remain cannot be cut with the stride.
void check_stride(Index tokens, Index kept, const Truncation& truncation);

/// Windows of each text, at least one.
struct Windows {
  std::vector<Encoding> first;
  std::optional<std::vector<Encoding>> second;
};

/// A text or pair, encoded whole.
struct EncodedTexts {
  Encoding first;
  std::optional<Encoding> second;
};

/// Cuts texts so that `template_tokens` more fit. The windows are in the reference's order: the
/// first is what remains, the others are the overflow.
/// Throws: as kept_tokens() and check_stride(); resource_limit, when the windows would take too
/// much memory.
/// Source: tokenizers 0.22, `truncate_encodings` and `Encoding::truncate`.
[[nodiscard]] Windows cut_windows(EncodedTexts texts, const Truncation& truncation,
                                  Index template_tokens, Overflow overflow);

/// Which window each text gives, for every choice of one of each; `texts` are in the order of the
/// layout. The order is that of Encoding::merge_with of tokenizers 0.22, which takes the texts
/// one by one: what has overflowed so far with every window of the next text comes before the first
/// windows with the others of it. Throws: resource_limit, when all choices have too many tokens,
/// of which each has `around` more than its texts.
[[nodiscard]] std::vector<std::vector<std::size_t>> window_choices(
    std::span<const std::vector<Encoding>* const> texts, Index around);

}  // namespace attend
