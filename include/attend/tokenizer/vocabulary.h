// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Token <-> id of a model. One block of bytes and one flat hash table: a look-up allocates nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// Tokens and their ids. Ids may have gaps; tokens may share an id, as in the reference.
class ATTEND_EXPORT Vocabulary {
 public:
  /// Largest id that a file may use; the largest vocabularies have 2^18 tokens.
  static constexpr std::int64_t max_id = (1 << 24) - 1;

  Vocabulary();

  void reserve(std::size_t tokens);
  /// `id` in [0, max_id]. Returns false, and changes nothing, when the token is there already. Of
  /// two tokens with one id both are found; token() gives the later one.
  bool add(std::string_view token, TokenId id);
  /// The same, but a token that is there already gets one more id: look-ups find the new one, and
  /// the old one keeps its token. Returns false, and changes nothing, when the id is taken.
  bool add_again(std::string_view token, TokenId id);

  [[nodiscard]] std::optional<TokenId> find(std::string_view token) const noexcept;
  /// Nothing when no token has this id.
  [[nodiscard]] std::optional<std::string_view> token(TokenId id) const noexcept;

  struct TokenWithId {
    std::string_view token;
    TokenId id = 0;
  };
  /// Tokens in the order in which they were added.
  [[nodiscard]] TokenWithId at(Index i) const noexcept {
    const Entry& entry = entries_[static_cast<std::size_t>(i)];
    return {view(entry), entry.id};
  }
  /// Number of tokens; one that was added again counts again.
  [[nodiscard]] Index size() const noexcept { return static_cast<Index>(entries_.size()); }
  /// One more than the largest id.
  [[nodiscard]] Index id_end() const noexcept { return static_cast<Index>(by_id_.size()); }
  /// Bytes of the longest token.
  [[nodiscard]] std::size_t longest() const noexcept { return longest_; }

  /// The hash of a string grows byte by byte, so that all prefixes of a string cost one pass.
  using Hash = std::uint64_t;
  [[nodiscard]] Hash start() const noexcept { return seed_; }
  [[nodiscard]] static Hash extend(Hash hash, char byte) noexcept {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x9E3779B97F4A7C15U;  // 2^64 / golden ratio
    return hash ^ hash >> 29U;
  }
  [[nodiscard]] static Hash extend(Hash hash, std::string_view text) noexcept {
    for (const char byte : text) hash = extend(hash, byte);
    return hash;
  }
  /// Who has many tokens to find makes the memory that find() is going to look at come meanwhile:
  /// the first step, and some time later the second.
  void prefetch(Hash hash) const noexcept {
    __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  void prefetch_token(Hash hash) const noexcept {
    const std::uint32_t entry = slots_[hash & (slots_.size() - 1)].entry;
    if (entry != nothing) __builtin_prefetch(&entries_[entry]);
  }
  /// The token `prefix + rest`, of which `hash` is the hash.
  [[nodiscard]] std::optional<TokenId> find(Hash hash, std::string_view prefix,
                                            std::string_view rest) const noexcept;

 private:
  struct Entry {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
    TokenId id = 0;
  };
  // The upper half of the hash spares most looks at the bytes of another token.
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t entry = nothing;
  };
  static constexpr std::uint32_t nothing = 0xFFFFFFFFU;

  void grow(std::size_t slots);
  void append(const Entry& entry);
  // Where a token is, or the empty slot where it would be.
  [[nodiscard]] std::size_t slot_of(Hash hash, std::string_view prefix,
                                    std::string_view rest) const noexcept;
  [[nodiscard]] std::string_view view(const Entry& entry) const noexcept;

  Hash seed_;  // differs from process to process: a crafted file cannot choose what collides
  std::string bytes_;
  std::vector<Entry> entries_;        // in the order of add()
  std::vector<std::uint32_t> by_id_;  // indices of entries
  std::vector<Slot> slots_;           // open addressing, a power of two, at most half full
  std::size_t longest_ = 0;
};

}  // namespace attend
