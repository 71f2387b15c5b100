// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// UTF-8: validation, iteration over code points, and conversion between byte offsets and
// code-point offsets (C++ slices by bytes, Python prints code points).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/shape.h"

namespace attend {

/// One code point and the bytes it takes; length 0 means malformed input.
struct CodePoint {
  char32_t value = 0;
  int length = 0;
};

/// The code point at the front of `text`, which must not be empty. Malformed sequences (overlong,
/// surrogates, above U+10FFFF, cut off) give length 0.
[[nodiscard]] ATTEND_EXPORT CodePoint decode_utf8(std::string_view text) noexcept;

/// Appends the UTF-8 form of a code point; values that are none become U+FFFD.
ATTEND_EXPORT void append_utf8(char32_t value, std::string& out);

/// Byte offset of the first malformed sequence, or text.size() when all is well formed.
[[nodiscard]] ATTEND_EXPORT std::size_t first_invalid_utf8(std::string_view text) noexcept;

/// The text with U+FFFD for each malformed part, which is as long as it could begin a character.
/// Source: Unicode 15, section 3.9, "U+FFFD Substitution of Maximal Subparts"; Rust, Python and
/// browsers do the same.
[[nodiscard]] ATTEND_EXPORT std::string replace_malformed_utf8(std::string_view text);

/// Throws Error of kind invalid_utf8 that names the byte offset, when the text is malformed.
/// `where` is the public operation, for the message.
ATTEND_EXPORT void check_utf8(std::string_view text, std::string_view where);

/// Code points in valid UTF-8.
[[nodiscard]] ATTEND_EXPORT Index count_code_points(std::string_view text) noexcept;

/// Byte offsets to code-point offsets and back for one text: built in O(bytes) with two bits a
/// byte, none for ASCII; a look-up is O(1) from bytes and O(log bytes) from code points.
class ATTEND_EXPORT CodePointIndex {
 public:
  /// `text` must be valid UTF-8; it is not kept.
  explicit CodePointIndex(std::string_view text);

  /// Code points before a byte offset in [0, bytes]; inside a code point it is that code point's.
  [[nodiscard]] Index code_points(Index byte) const noexcept;
  /// Byte offset of a code point in [0, code points].
  [[nodiscard]] Index bytes(Index code_point) const noexcept;
  [[nodiscard]] Index size() const noexcept { return size_; }

 private:
  /// 64 bytes of the text.
  struct Block {
    std::uint64_t starts = 0;  // a bit for each byte that begins a code point, the lowest first
    Index before = 0;          // code points that begin before the block
  };
  std::vector<Block> blocks_;  // empty for ASCII
  Index bytes_;
  Index size_;
};

}  // namespace attend
