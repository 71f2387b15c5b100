// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Where a text may be cut into chunks that are encoded one by one: words come again and again, and
// what a chunk became once it becomes everywhere.
//
// A cut is before a blank or a line feed whose left neighbour is plain: printable ASCII and no
// blank. A step of a tokenizer is local there when it makes of the whole what it makes of the two
// sides: nothing that it looks for spans the cut, what it does on one side does not depend on the
// other, and the left side still ends with a character that is no white space. When all steps are
// local, so is the tokenizer; when one is not, no text is cut. Each kind of step answers for itself
// in chunking.cpp.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "attend/text/normalizer.h"
#include "text/plain_ascii.h"

namespace attend {

struct TokenizerParts;

class Chunking {
 public:
  /// No text is cut.
  Chunking() = default;
  /// Asks every part. Must follow the last change of the parts.
  explicit Chunking(const TokenizerParts& parts);

  /// Whether texts are cut at all.
  [[nodiscard]] bool cuts() const noexcept { return cuts_; }
  /// Whether this text between added tokens is.
  [[nodiscard]] bool cuts(std::string_view text) const noexcept;
  /// Whether words go on behind cuts, and so are all of a text one word.
  [[nodiscard]] bool words_span_cuts() const noexcept { return words_span_cuts_; }
  /// What the normalizer does to a chunk that is not the first.
  [[nodiscard]] const Normalizer& inner_normalizer() const noexcept { return inner_normalizer_; }

  /// Where the chunk ends that begins at `begin` < text.size().
  [[nodiscard]] std::size_t chunk_end(std::string_view text, std::size_t begin) const noexcept {
    for (std::size_t at = begin + 1;; ++at) {
      at = find_low_byte(text, at);
      if (at == text.size()) return at;
      if (!is_plain_ascii(text[at - 1])) continue;
      if (text[at] == ' ') return at;
      if (text[at] != '\n') continue;
      const std::size_t cut = cut_at_line_feed(text, at);
      if (cut > begin) return cut;
    }
  }

 private:
  enum class LineFeeds : std::uint8_t {
    stay,    ///< no cut
    before,  ///< as before blanks
    /// As before blanks if a letter or digit stands on the left. Behind other characters regular
    /// expressions take line feeds together with these: a cut behind the last one, before a plain
    /// character.
    by_neighbor,
  };

  // The first byte at or behind `at` that is not above a blank, or the size.
  [[nodiscard]] static std::size_t find_low_byte(std::string_view text, std::size_t at) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
      constexpr std::uint64_t ones = 0x0101010101010101U;
      for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, text.data() + at, sizeof bytes);
        // The highest bit of each byte that is low; above the lowest of them some are wrong.
        const std::uint64_t low = (bytes - ones * (' ' + 1)) & ~bytes & (ones << 7U);
        if (low != 0) return at + static_cast<std::size_t>(std::countr_zero(low)) / 8;
      }
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) > ' ') ++at;
    return at;
  }
  // The cut that belongs to a line feed behind a plain character, or 0.
  [[nodiscard]] std::size_t cut_at_line_feed(std::string_view text, std::size_t at) const noexcept;

  bool cuts_ = false;
  bool words_span_cuts_ = false;
  bool wants_plain_begin_ = false;
  LineFeeds line_feeds_ = LineFeeds::stay;
  Normalizer inner_normalizer_;
};

}  // namespace attend
