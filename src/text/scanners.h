// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The regular expressions that most tokenizers split by, written out by hand: the same matches as
// Oniguruma finds, in linear time and about ten times as fast.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "attend/text/normalized_text.h"

namespace attend {

/// The first match at or after byte `from` of a valid text, where a code point begins or the text
/// ends. No match is empty, and what lies before `from` makes no difference.
using Scanner = std::optional<TextRange> (*)(std::string_view text, std::size_t from) noexcept;

/// The scanner of a pattern, which is known only as it is spelled in published tokenizers; null for
/// any other.
[[nodiscard]] Scanner find_scanner(std::string_view pattern) noexcept;

/// What a pattern makes of white space behind a printable ASCII character.
enum class WhiteSpaceIn {
  no_match,  ///< none is ever part of a match
  begin,     ///< it begins a match
  /// The same, but line feeds may also be the end of a match that the symbols before them are in,
  /// and slashes follow them there.
  begin_and_after_symbols,
};

/// Nothing for a pattern that is not known.
[[nodiscard]] std::optional<WhiteSpaceIn> find_white_space_in(std::string_view pattern) noexcept;

}  // namespace attend
