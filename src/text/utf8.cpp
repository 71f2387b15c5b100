// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// UTF-8 on top of the one definition of well-formed sequences.
#include "attend/text/utf8.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "attend/core/error.h"
#include "core/utf8_sequence.h"

namespace attend {
namespace {

constexpr std::size_t block_bytes = 64;  // of a CodePointIndex: a bit each
constexpr std::uint64_t high_bits = 0x8080808080808080U;

std::uint64_t eight_bytes(const char* from) noexcept {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

// Bytes of the malformed part at the front: those that some character begins with, at least one.
std::size_t malformed_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0xC2U || lead > 0xF4U) return 1;
  const std::size_t whole = lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
  // What may follow the lead; after that any continuation may.
  unsigned low = lead == 0xE0U ? 0xA0U : lead == 0xF0U ? 0x90U : 0x80U;
  unsigned high = lead == 0xEDU ? 0x9FU : lead == 0xF4U ? 0x8FU : 0xBFU;
  std::size_t length = 1;
  while (length < whole && length < text.size() && byte(length) >= low && byte(length) <= high) {
    ++length;
    low = 0x80U;
    high = 0xBFU;
  }
  return length;
}

}  // namespace

CodePoint decode_utf8(std::string_view text) noexcept {
  const std::size_t length = utf8_sequence_length(text);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]) & 0x3FU; };
  const auto lead = static_cast<unsigned char>(text[0]);
  switch (length) {
    case 1: return {lead, 1};
    case 2: return {(lead & 0x1FU) << 6U | byte(1), 2};
    case 3: return {(lead & 0x0FU) << 12U | byte(1) << 6U | byte(2), 3};
    case 4: return {(lead & 0x07U) << 18U | byte(1) << 12U | byte(2) << 6U | byte(3), 4};
    default: return {};
  }
}

void append_utf8(char32_t value, std::string& out) {
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) value = 0xFFFD;
  const auto put = [&](char32_t byte) {
    out += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0U | value >> 6U);
    put(0x80U | (value & 0x3FU));
  } else if (value < 0x10000) {
    put(0xE0U | value >> 12U);
    put(0x80U | (value >> 6U & 0x3FU));
    put(0x80U | (value & 0x3FU));
  } else {
    put(0xF0U | value >> 18U);
    put(0x80U | (value >> 12U & 0x3FU));
    put(0x80U | (value >> 6U & 0x3FU));
    put(0x80U | (value & 0x3FU));
  }
}

std::size_t first_invalid_utf8(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= 8 && (eight_bytes(text.data() + at) & high_bits) == 0) {
      at += 8;
      continue;
    }
    const std::size_t length = utf8_sequence_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return at;
}

std::string replace_malformed_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t valid = first_invalid_utf8(text);
    out += text.substr(0, valid);
    text.remove_prefix(valid);
    if (text.empty()) break;
    append_utf8(U'\uFFFD', out);
    text.remove_prefix(malformed_length(text));
  }
  return out;
}

void check_utf8(std::string_view text, std::string_view where) {
  const std::size_t at = first_invalid_utf8(text);
  if (at == text.size()) return;
  fail(ErrorKind::invalid_utf8, {.where = std::string(where),
                                 .what = "byte " + std::to_string(at) + " of the text",
                                 .expected = "well-formed UTF-8",
                                 .found = quote(text.substr(at, 4)),
                                 .hint = "convert the text to UTF-8"});
}

Index count_code_points(std::string_view text) noexcept {
  return std::count_if(text.begin(), text.end(), [](char c) { return !continues_utf8(c); });
}

CodePointIndex::CodePointIndex(std::string_view text)
    : bytes_(static_cast<Index>(text.size())), size_(count_code_points(text)) {
  if (size_ == bytes_) return;
  blocks_.resize((text.size() + block_bytes - 1) / block_bytes);
  Index before = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const std::string_view bytes = text.substr(i * block_bytes, block_bytes);
    Block& block = blocks_[i];
    block.before = before;
    for (std::size_t j = 0; j < bytes.size(); ++j) {
      block.starts |= std::uint64_t{!continues_utf8(bytes[j])} << j;
    }
    before += std::popcount(block.starts);
  }
}

Index CodePointIndex::code_points(Index byte) const noexcept {
  if (blocks_.empty()) return std::clamp<Index>(byte, 0, size_);
  if (byte < 0 || byte >= bytes_) return byte < 0 ? 0 : size_;
  const auto at = static_cast<std::size_t>(byte);
  const Block& block = blocks_[at / block_bytes];
  const std::uint64_t up_to_it = ~std::uint64_t{0} >> (block_bytes - 1 - at % block_bytes);
  return block.before + std::popcount(block.starts & up_to_it) - 1;
}

Index CodePointIndex::bytes(Index code_point) const noexcept {
  if (code_point <= 0 || code_point >= size_) return code_point <= 0 ? 0 : bytes_;
  if (blocks_.empty()) return code_point;
  const auto begins_behind = [](Index wanted, const Block& block) { return wanted < block.before; };
  const auto behind = std::upper_bound(blocks_.begin(), blocks_.end(), code_point, begins_behind);
  const auto block = behind - 1;
  std::uint64_t starts = block->starts;
  for (Index i = block->before; i < code_point; ++i) starts &= starts - 1;
  return (block - blocks_.begin()) * static_cast<Index>(block_bytes) + std::countr_zero(starts);
}

}  // namespace attend
