// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the classes of regular expressions hold: \p{..} and \s as the Oniguruma in tokenizers 0.22.2
// has them, which follows Unicode 16. The one of the system may be older.
#pragma once

#include <array>
#include <cstdint>

namespace attend::regex_classes {

/// Bits, of which a code point has at most one but for the line ends, which are blanks too.
using Classes = std::uint16_t;
inline constexpr Classes upper = 1;         ///< \p{Lu}, \p{Lt}
inline constexpr Classes lower = 2;         ///< \p{Ll}
inline constexpr Classes other_letter = 4;  ///< \p{Lm}, \p{Lo}
inline constexpr Classes mark = 8;          ///< \p{M}
inline constexpr Classes number = 16;       ///< \p{N}
inline constexpr Classes symbol = 32;       ///< \p{P}, \p{S}
inline constexpr Classes blank = 64;        ///< \s
inline constexpr Classes line_end = 128;    ///< CR, LF
inline constexpr Classes letter = upper | lower | other_letter;

/// The classes of any code point.
[[nodiscard]] Classes of(char32_t c) noexcept;

/// The first two planes, where nearly every character that is written lies, spread out.
inline constexpr char32_t planes_end = 0x20000;
using Planes = std::array<std::uint8_t, planes_end>;
[[nodiscard]] const Planes& planes() noexcept;

}  // namespace attend::regex_classes
