// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Byte pair encoding: a word begins as its characters, and the neighbours whose merge comes first
// in the list are joined until no merge is left.
// Source: Sennrich, Haddow and Birch 2016; BPE of tokenizers 0.22 for the options.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/export.h"
#include "attend/tokenizer/piece.h"
#include "attend/tokenizer/vocabulary.h"

namespace attend {

struct BpeOptions {
  /// For characters that the vocabulary lacks; without it they vanish before anything is merged.
  std::optional<std::string> unk_token = {};
  std::string continuing_subword_prefix = {};  ///< of every character but the first
  std::string end_of_word_suffix = {};         ///< of the last character
  bool fuse_unk = false;                       ///< neighbouring unknown characters are one token
  bool byte_fallback = false;  ///< an unknown character becomes "<0xC3>" "<0xA9>" ...
  bool ignore_merges = false;  ///< a word that is a token is that token
};

/// Two tokens that become one: left + right without its continuing_subword_prefix.
struct Merge {
  std::string_view left;
  std::string_view right;
};

/// The same by ids.
struct IdMerge {
  TokenId left = 0;
  TokenId right = 0;
  TokenId both = 0;
};

class ATTEND_EXPORT Bpe {
 public:
  /// Longest prefix: with byte_fallback each of its bytes may become a token of every character.
  static constexpr std::size_t max_prefix_bytes = 16;

  /// `merges` in the order of their ranks; of one that is there twice the last counts.
  /// Throws: tokenizer_error, when the vocabulary lacks a part or the result of a merge;
  /// resource_limit, when the prefix is longer than max_prefix_bytes.
  Bpe(BpeOptions options, std::span<const Merge> merges, const Vocabulary& vocabulary);

  /// The same without a look-up; the ids are those of tokens.
  Bpe(BpeOptions options, std::span<const IdMerge> merges, const Vocabulary& vocabulary);

  /// Appends the pieces of a word, which is valid UTF-8. Takes O(n log n) time; the scratch takes
  /// up to 32 bytes a character of a long word.
  /// Pieces stand where the reference says, which counts bytes of pieces: behind characters that
  /// vanish they may lie too far left, behind a prefix that falls back to bytes too far right.
  /// Throws: tokenizer_error, when the unknown token is needed and the vocabulary has none.
  void tokenize(std::string_view word, const Vocabulary& vocabulary, ModelScratch& scratch,
                std::vector<Piece>& out) const;

  [[nodiscard]] const BpeOptions& options() const noexcept { return options_; }
  /// Left and right tokens of all merges in the order of their ranks.
  [[nodiscard]] std::vector<std::pair<TokenId, TokenId>> merges() const;

 private:
  using Symbols = std::vector<ModelScratch::Symbol>;
  struct Merged {
    std::uint32_t rank = no_rank;
    TokenId id = none;
  };
  // Pair of ids -> Merged, in open addressing.
  struct Slot {
    TokenId left = none;
    TokenId right = none;
    Merged merged;
  };
  static constexpr std::uint32_t no_rank = 0xFFFFFFFFU;
  static constexpr std::size_t short_word = 32;  // symbols; a scan finds the next merge faster then

  Bpe(BpeOptions options, std::size_t merges, const Vocabulary& vocabulary);
  void add_merges(std::span<const Merge> merges, const Vocabulary& vocabulary);
  [[nodiscard]] Slot find_merge(const Merge& merge, std::size_t rank,
                                const std::array<Vocabulary::Hash, 3>& hashes,
                                const Vocabulary& vocabulary) const;
  [[nodiscard]] std::size_t first_slot(TokenId left, TokenId right) const noexcept;
  void prefetch(TokenId left, TokenId right) const noexcept {
    __builtin_prefetch(&slots_[first_slot(left, right)]);
  }
  /// The slot of a pair, or the free one where it belongs.
  [[nodiscard]] std::size_t probe(TokenId left, TokenId right) const noexcept;
  [[nodiscard]] Merged merge_of(TokenId left, TokenId right) const noexcept {
    return slots_[probe(left, right)].merged;
  }

  void split(std::string_view word, const Vocabulary& vocabulary, ModelScratch& scratch) const;
  [[nodiscard]] std::optional<TokenId> find_character(std::string_view character,
                                                      const Vocabulary& vocabulary) const noexcept;
  [[nodiscard]] bool add_bytes(std::string_view text, Symbols& out) const;
  void merge_few(Symbols& symbols) const;
  void merge_many(ModelScratch& scratch) const;

  BpeOptions options_;
  std::optional<TokenId> unk_id_;
  std::vector<TokenId> characters_;     // tokens of one and two bytes by code point
  std::array<TokenId, 256> bytes_;      // "<0x00>" ...; none where the vocabulary lacks it
  std::array<std::uint64_t, 2> seeds_;  // of the hash: a crafted file cannot choose what collides
  int hash_shift_;
  std::vector<Slot> slots_;  // a power of two, at most 60 % full
};

}  // namespace attend
