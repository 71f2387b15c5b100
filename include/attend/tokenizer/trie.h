// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A set of tokens that is walked byte by byte: a double array, one memory access a byte.
// Source: Aoe 1989, in the form with exclusive-or that Yata's Darts-clone made known.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// Tokens and their ids, for finding all prefixes of a text that are tokens.
class ATTEND_EXPORT Trie {
 public:
  struct Entry {
    std::string_view token;
    TokenId id = 0;
  };

  /// A prefix of some tokens, while the trie lives.
  class Node {
   public:
    /// The token that ends here, or `none`.
    [[nodiscard]] TokenId id() const noexcept {
      return static_cast<TokenId>(bits_ >> id_shift & id_mask) - 1;
    }

   private:
    friend class Trie;
    explicit Node(std::uint64_t bits) noexcept : bits_(bits) {}
    std::uint64_t bits_;
  };

  /// Of a token that is there twice the larger id counts. The time is linear in the bytes of all
  /// tokens.
  explicit Trie(std::vector<Entry> entries);

  [[nodiscard]] Node root() const noexcept { return Node(root_); }
  /// Goes on by one byte. Returns false, and changes nothing, where no token goes on so.
  [[nodiscard]] bool step(Node& node, char byte) const noexcept {
    const auto label = static_cast<unsigned char>(byte);
    const std::uint64_t next = nodes_[(node.bits_ >> base_shift) ^ label];
    if ((next & label_mask) != label) return false;
    node.bits_ = next;
    return true;
  }

 private:
  class Builder;

  // Bits of a node: the byte that leads to it, id + 1, and its base: its child for byte b is node
  // base ^ b. No two nodes share a base, so a child is ours if its label is b.
  static constexpr std::uint64_t label_mask = 0x1FF;
  static constexpr std::uint64_t unused = 0x100;  // a label that is no byte
  static constexpr int id_shift = 9;
  static constexpr std::uint64_t id_mask = 0x1FFFFFF;
  static constexpr int base_shift = 34;

  std::vector<std::uint64_t> nodes_;  // in blocks of 256; the first is empty: base of the leaves
  std::uint64_t root_ = unused;
};

}  // namespace attend
