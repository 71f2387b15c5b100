// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Which token, word and characters of an encoding belong together; names as in transformers.
// Characters are counted in bytes of UTF-8 (CodePointIndex turns code points into bytes and back),
// or of a given word where the text was cut into words by the caller.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/text/utf8.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// A token's word, and a token's bytes, each with the text that they are of.
struct TokenWord {
  Sequence sequence = Sequence::first;
  Index word = 0;
  friend bool operator==(const TokenWord&, const TokenWord&) noexcept = default;
};
struct TokenChars {
  Sequence sequence = Sequence::first;
  Range bytes;
  friend bool operator==(const TokenChars&, const TokenChars&) noexcept = default;
};

/// The first token that the byte is part of; nothing where blanks or truncation left none.
[[nodiscard]] ATTEND_EXPORT std::optional<Index> char_to_token(const Encoding& encoding, Index byte,
                                                               Sequence sequence = Sequence::first);
/// The tokens of a word.
[[nodiscard]] ATTEND_EXPORT std::optional<Range> word_to_tokens(
    const Encoding& encoding, Index word, Sequence sequence = Sequence::first);
[[nodiscard]] ATTEND_EXPORT std::optional<Range> word_to_chars(const Encoding& encoding, Index word,
                                                               Sequence sequence = Sequence::first);
[[nodiscard]] ATTEND_EXPORT std::optional<Index> char_to_word(const Encoding& encoding, Index byte,
                                                              Sequence sequence = Sequence::first);

/// Nothing for tokens of the template, and for positions that the encoding does not have.
[[nodiscard]] ATTEND_EXPORT std::optional<Sequence> token_to_sequence(const Encoding& encoding,
                                                                      Index token);
[[nodiscard]] ATTEND_EXPORT std::optional<TokenWord> token_to_word(const Encoding& encoding,
                                                                   Index token);
[[nodiscard]] ATTEND_EXPORT std::optional<TokenChars> token_to_chars(const Encoding& encoding,
                                                                     Index token);

/// All offsets in code points, as Python prints them. An index for each text that was encoded, or
/// for each of its words; CodePointIndex(text) makes it.
/// Throws: config_error, when a word has none.
[[nodiscard]] ATTEND_EXPORT std::vector<Range> code_point_offsets(
    const Encoding& encoding, std::span<const CodePointIndex> texts,
    std::span<const CodePointIndex> pair = {});

}  // namespace attend
