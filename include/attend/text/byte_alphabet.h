// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The 256 characters that stand for bytes in the vocabularies of byte-level tokenizers.
// Source: bytes_to_unicode of GPT-2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace attend {

namespace detail {

/// Bytes that are printable in Latin-1 stand for themselves; the others, in order, are the
/// characters from U+0100 on.
constexpr bool is_own_character(unsigned byte) noexcept {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
}

constexpr std::array<char32_t, 256> make_byte_alphabet() noexcept {
  std::array<char32_t, 256> out{};
  char32_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    out[byte] = is_own_character(byte) ? byte : next++;
  }
  return out;
}

}  // namespace detail

inline constexpr std::array<char32_t, 256> byte_alphabet = detail::make_byte_alphabet();

/// Characters beyond are none of the alphabet.
inline constexpr char32_t byte_alphabet_end = 0x144;

/// The character that stands for a byte; its UTF-8 form has one or two bytes.
constexpr char32_t character_of_byte(std::uint8_t byte) noexcept { return byte_alphabet[byte]; }

namespace detail {

constexpr std::array<std::int16_t, byte_alphabet_end> make_alphabet_bytes() noexcept {
  std::array<std::int16_t, byte_alphabet_end> out{};
  out.fill(-1);
  for (unsigned byte = 0; byte < 256; ++byte) {
    out[byte_alphabet[byte]] = static_cast<std::int16_t>(byte);
  }
  return out;
}

inline constexpr auto alphabet_bytes = make_alphabet_bytes();

}  // namespace detail

/// The byte that a character stands for, if it is one of the 256.
constexpr std::optional<std::uint8_t> byte_of_character(char32_t c) noexcept {
  if (c >= byte_alphabet_end || detail::alphabet_bytes[c] < 0) return std::nullopt;
  return static_cast<std::uint8_t>(detail::alphabet_bytes[c]);
}

}  // namespace attend
