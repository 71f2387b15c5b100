// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What short chunks of text became when they were last encoded. Fixed memory, and a fixed time for
// every question: a text can fill it with what nobody asks for again, but not slow it down.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "attend/text/normalized_text.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// A token on its way to an Encoding. Words are counted from the first of its chunk.
struct TextToken {
  TokenId id = 0;
  std::int32_t word = 0;
  SourceRange bytes;
};

/// Where a chunk stands: some steps of a tokenizer treat the beginning of a text in their own way.
enum class ChunkPosition : std::uint8_t { text_begin, part_begin, inside };

/// Chunks and their tokens, one cache line each. Chunks that are too long or have too many tokens
/// are not kept; in ordinary text they are rare.
class ChunkCache {
  struct Slot;

 public:
  static constexpr std::size_t max_bytes = 48;

  /// A chunk, ready to be looked for.
  class Key {
   public:
    /// The chunk is the first `size` bytes of `text`, 1 to max_bytes.
    void set(std::string_view text, std::size_t size, ChunkPosition position,
             std::uint64_t seed) noexcept {
      std::uint64_t hash = seed + static_cast<std::uint64_t>(position);
      used_ = 0;
      std::size_t at = 0;
      for (; size - at > 8; at += 8) add(eight_bytes(text.data() + at), hash);
      add(few_bytes(text.substr(at), size - at), hash);
      hash_ = hash * golden;
      identity_ = (hash & 0xFFFFFFFFU) | static_cast<std::uint64_t>(size) << 32U |
                  static_cast<std::uint64_t>(position) << 38U;
    }

   private:
    friend class ChunkCache;
    // Slots are chosen by the high bits of the hash, which depend on all bits of the text. Who
    // guesses the seed can have chunks forgotten, and that is all.
    static constexpr std::uint64_t golden = 0x9E3779B97F4A7C15U;
    void add(std::uint64_t unit, std::uint64_t& hash) noexcept {
      units_[used_++] = unit;
      hash = (hash ^ unit) * golden;
      hash ^= hash >> 32U;
    }

    std::array<std::uint64_t, max_bytes / 8> units_;  // the text and zeros; `used_` of them are set
    std::size_t used_;
    std::uint64_t hash_;
    std::uint64_t identity_;  // of a slot's header: all but what it says about the tokens
  };

  /// The tokens of a chunk, valid until the next insertion.
  class Record {
   public:
    [[nodiscard]] explicit operator bool() const noexcept { return slot_ != nullptr; }
    [[nodiscard]] std::size_t size() const noexcept { return slot_->header >> 40U & 0xFFU; }
    [[nodiscard]] TokenId id(std::size_t i) const noexcept {
      return static_cast<TokenId>(tokens_[i] & 0xFFFFFU);
    }
    /// Bytes are counted from the chunk's first.
    [[nodiscard]] std::uint32_t begin(std::size_t i) const noexcept {
      return tokens_[i] >> 20U & 0x3FU;
    }
    [[nodiscard]] std::uint32_t end(std::size_t i) const noexcept { return tokens_[i] >> 26U; }
    /// 1 for the first token of a word, 0 for the others.
    [[nodiscard]] std::int32_t begins_word(std::size_t i) const noexcept {
      return static_cast<std::int32_t>(slot_->header >> (48 + i) & 1U);
    }

   private:
    friend class ChunkCache;
    Record() = default;
    Record(const Slot* slot, std::size_t text_units) noexcept
        : slot_(slot), tokens_(slot->payload.data() + 2 * text_units) {}
    const Slot* slot_ = nullptr;
    const std::uint32_t* tokens_ = nullptr;
  };

  /// Takes 4 MB of addresses; the system provides memory for what comes into use.
  /// Throws: bad_alloc.
  ChunkCache();

  /// Fetches what find() is going to look at.
  void prefetch(const Key& key) const noexcept { __builtin_prefetch(&slot_of(key, 0)); }
  /// Nothing when the chunk is not known.
  [[nodiscard]] Record find(const Key& key) const noexcept {
    const Slot& slot = slot_of(key, 0);
    return holds(slot, key) ? Record(&slot, key.used_) : find_further(key);
  }
  /// Keeps what became of a chunk, if it fits: its tokens, whose bytes count in a text that has the
  /// chunk at byte `base`, and the number of its words. Another chunk may have to go.
  void insert(const Key& key, std::span<const TextToken> tokens, std::int32_t words,
              Index base) noexcept;

 private:
  // The header, from its low bits: 32 of the hash, 6 the text's size, 2 its position (so that no
  // header is 0, which is an empty slot's), 8 the number of tokens, 16 which of them begin a word.
  // The payload: the text, with zeros up to a multiple of 8 bytes, then the tokens, from their low
  // bits: 20 the id, 6 the begin, 6 the end.
  struct alignas(64) Slot {
    std::uint64_t header;
    std::array<std::uint32_t, 14> payload;
  };
  static constexpr std::uint64_t identity_mask = (std::uint64_t{1} << 40U) - 1;

  static constexpr unsigned index_bits = 16;
  static constexpr std::size_t slots = std::size_t{1} << index_bits;

  // A chunk lies in one of four slots: two of neighbours.
  static constexpr std::size_t choices = 4;
  [[nodiscard]] Slot& slot_of(const Key& key, std::size_t choice) const noexcept {
    const unsigned shift = choice < 2 ? 64 - index_bits : 64 - 2 * index_bits;
    return slots_[(key.hash_ >> shift & (slots - 1)) ^ (choice & 1U)];
  }

  [[nodiscard]] static bool holds(const Slot& slot, const Key& key) noexcept {
    if ((slot.header & identity_mask) != key.identity_) return false;
    std::uint64_t difference = 0;
    for (std::size_t i = 0; i < key.used_; ++i) {
      difference |= eight_bytes(slot.payload.data() + 2 * i) ^ key.units_[i];
    }
    return difference == 0;
  }
  [[nodiscard]] Record find_further(const Key& key) const noexcept;

  [[nodiscard]] static std::uint64_t eight_bytes(const void* from) noexcept {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, from, sizeof bytes);
    return bytes;
  }
  // The first 1 to 8 bytes of a text, and zeros.
  [[nodiscard]] static std::uint64_t few_bytes(std::string_view text, std::size_t size) noexcept {
    if (std::endian::native == std::endian::little && text.size() >= 8) {
      return eight_bytes(text.data()) & (~std::uint64_t{0} >> (64 - 8 * size));
    }
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data(), size);
    return bytes;
  }

  struct Free {
    void operator()(void* memory) const noexcept;
  };
  std::unique_ptr<void, Free> memory_;
  Slot* slots_;  // in memory_, at the begin of a cache line
  std::size_t next_choice_ = 0;
};

}  // namespace attend
