// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The compiled replacement rules of a SentencePiece model: a trie of sequences and the texts that
// stand for them. tokenizers takes the shortest rule, SentencePiece the longest.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"

namespace attend {

class ATTEND_EXPORT Charsmap {
 public:
  /// Rules from their binary form; an empty one has none.
  /// Throws: tokenizer_error when it is cut off, or a rule of the trie does not point to a text.
  [[nodiscard]] static Charsmap parse(std::string blob);

  /// The binary form.
  [[nodiscard]] const std::string& blob() const noexcept { return blob_; }

  /// What the shortest rule that `text` begins with makes of it.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view text) const noexcept;
  /// The longest rule that `text` begins with.
  struct Rule {
    std::string_view text;  ///< what it makes of the sequence
    std::size_t bytes = 0;  ///< of the sequence
  };
  [[nodiscard]] std::optional<Rule> find_longest(std::string_view text) const noexcept;
  /// Whether a rule begins with this byte. Nothing else need be looked up.
  [[nodiscard]] bool begins_rule(char byte) const noexcept {
    return begins_rule_[static_cast<unsigned char>(byte)];
  }

 private:
  // A unit of the double array: the byte that leads to it, where its children are, or a value.
  // Source: darts-clone, which SentencePiece builds its tries with.
  class Unit {
   public:
    explicit Unit(std::uint32_t bits) noexcept : bits_(bits) {}
    [[nodiscard]] bool is_value() const noexcept { return bits_ >> 31U != 0; }
    [[nodiscard]] std::uint32_t value() const noexcept { return bits_ & 0x7FFFFFFFU; }
    /// Values have a label that no byte has.
    [[nodiscard]] std::uint32_t label() const noexcept { return bits_ & 0x800000FFU; }
    [[nodiscard]] bool has_value() const noexcept { return (bits_ >> 8U & 1U) != 0; }
    [[nodiscard]] std::size_t offset() const noexcept {
      return static_cast<std::size_t>(bits_ >> 10U) << ((bits_ & 0x200U) >> 6U);
    }

   private:
    std::uint32_t bits_;
  };

  Charsmap() = default;
  void check_units() const;
  [[nodiscard]] std::string_view texts() const noexcept;
  // Calls f(bytes, place of the text) for each rule that `text` begins with, until it returns
  // false.
  template <class F>
  void for_each_rule(std::string_view text, F&& f) const noexcept;

  std::string blob_;
  std::vector<Unit> units_;  // the trie in blob_, in the byte order of this machine
  std::array<bool, 256> begins_rule_{};
};

}  // namespace attend
