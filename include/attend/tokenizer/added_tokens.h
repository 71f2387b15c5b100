// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokens that are found in a text as they are, before it is cut into words: special tokens and
// tokens added by hand. Semantics: AddedVocabulary of tokenizers 0.22.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/export.h"
#include "attend/text/normalizer.h"
#include "attend/tokenizer/added_token.h"
#include "attend/tokenizer/encoding.h"
#include "attend/tokenizer/vocabulary.h"

namespace attend {

/// A part of a text: an added token, or text between them (id is `none`).
struct AddedTokenPart {
  TextRange bytes;
  TokenId id = none;
};

class ATTEND_EXPORT AddedTokens {
 public:
  /// Longest content; longer ones are no tokens but an attack on the time that matching takes.
  static constexpr std::size_t max_bytes = 256;

  /// Adds a token, or changes the flags of one that is there. Its id is the vocabulary's if it has
  /// the content, otherwise the next free one.
  /// Throws: tokenizer_error when the content is empty, resource_limit when it is longer than
  /// max_bytes or no id is left.
  void add(const AddedToken& token, const Vocabulary& vocabulary) { add({&token, 1}, vocabulary); }
  /// The same for several tokens, of which all special ones are known before the first is added.
  /// Returns how many were added or changed.
  Index add(std::span<const AddedToken> tokens, const Vocabulary& vocabulary);
  /// The same with an id that is given, as the Python classes of the reference have it. Of two
  /// tokens with one id the later has it.
  void add_at(const AddedToken& token, TokenId id);
  /// Which tokens are special by their contents, whatever they were added as: the Python classes
  /// have names for them.
  void set_special(const std::function<bool(std::string_view)>& is_special);
  /// Must follow the last add(): normalizes contents and makes them ready to be found.
  /// Throws: resource_limit, when normalizing makes one far too long, or all together are.
  void prepare(const Normalizer& normalizer);
  /// Special tokens in a text are text from now on.
  void ignore_special_tokens() noexcept { special_in_text_ = false; }
  [[nodiscard]] bool finds_special_tokens() const noexcept { return special_in_text_; }

  /// Cuts a raw text at the tokens with normalized = false, appending the parts (none is empty).
  void split_raw(std::string_view text, std::vector<AddedTokenPart>& out) const;
  /// Cuts a normalized text at the others.
  void split_normalized(std::string_view text, std::vector<AddedTokenPart>& out) const;

  [[nodiscard]] std::optional<TokenId> find(std::string_view content) const;
  /// Null when no added token has the id.
  [[nodiscard]] const AddedToken* token(TokenId id) const;
  [[nodiscard]] bool is_special(std::string_view content) const;
  /// Calls f(pattern, token) for what is looked for in normalized texts.
  template <class F>
  void for_each_normalized(F&& f) const {
    if (const auto id = normalized_.of_nothing()) f(std::string_view(), by_id_.at(*id));
    for (const auto& [content, id] : normalized_.patterns()) f(content, by_id_.at(id));
  }
  /// By id.
  [[nodiscard]] const std::map<TokenId, AddedToken>& tokens() const noexcept { return by_id_; }
  /// By content, also where another token took the id.
  [[nodiscard]] const std::map<std::string, TokenId, std::less<>>& ids() const noexcept {
    return ids_;
  }
  /// tokens() for a file that makes the same tokens: a special token that was added twice is still
  /// special, and looked for as its first flags say; the reference's own file would lose that.
  [[nodiscard]] std::map<TokenId, AddedToken> tokens_to_save() const;

 private:
  struct Pattern {
    std::string content;
    TokenId id;
  };

  // The longest pattern at every place of a text, in one pass from its end.
  // Source: Aho & Corasick 1975, over reversed patterns.
  class FromBehind {
   public:
    void prepare(const std::vector<Pattern>& patterns);
    /// `longest[i]` becomes 1 + the index of the longest pattern at `begin + i`, 0 where none is.
    void find(std::string_view text, std::size_t begin,
              std::span<std::uint32_t> longest) const noexcept;

   private:
    // What has been read is the end of some pattern. Children are neighbours, and so are those of
    // the next node.
    struct Node {
      std::uint32_t first_child = 0;
      std::uint32_t shorter = 0;  // the longest of those that this one begins with
      std::uint32_t longest = 0;  // as find() gives it
      char first_byte = 0;
    };
    [[nodiscard]] std::uint32_t child(std::uint32_t node, char byte) const noexcept;

    std::vector<Node> nodes_;
    std::size_t longest_ = 0;  // bytes of a pattern
  };

  // Contents in order of their bytes: those that begin with some prefix are neighbours, so the
  // longest match is found by narrowing a range, byte by byte.
  class Matcher {
   public:
    void add(std::string content, TokenId id);
    void prepare();
    /// Null when no pattern is at the text's begin. Adds the bytes that it looked at to `steps`.
    [[nodiscard]] const Pattern* longest_at(std::string_view text,
                                            std::size_t& steps) const noexcept;
    /// The first byte at or behind `at` that some pattern begins with, or the text's size.
    [[nodiscard]] std::size_t next_start(std::string_view text, std::size_t at) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return patterns_.empty() && !of_nothing_; }
    /// The token that is looked for as nothing at all, which is found between all characters.
    [[nodiscard]] std::optional<TokenId> of_nothing() const noexcept { return of_nothing_; }
    [[nodiscard]] const std::vector<Pattern>& patterns() const noexcept { return patterns_; }
    [[nodiscard]] const FromBehind& from_behind() const noexcept { return from_behind_; }

   private:
    std::vector<Pattern> patterns_;  // but for the one of nothing
    std::optional<TokenId> of_nothing_;
    std::size_t bytes_ = 0;  // of all of them
    FromBehind from_behind_;
    std::array<std::uint32_t, 257> first_byte_{};  // patterns that begin with byte b: [b], [b + 1]
    std::array<bool, 256> begins_{};               // whether there are any
    std::optional<char> only_start_;               // the first byte of all of them
  };

  class Search;

  // Returns whether that changed anything; `replaced` collects what had other flags.
  bool add_one(const AddedToken& token, const Vocabulary& vocabulary,
               std::vector<AddedToken>& replaced);
  void split(std::string_view text, const Matcher& matcher, std::vector<AddedTokenPart>& out) const;
  [[nodiscard]] TokenId next_id(const Vocabulary& vocabulary) const;

  std::map<TokenId, AddedToken> by_id_;
  std::map<std::string, TokenId, std::less<>> ids_;
  // In the order of the reference: a content that is there twice keeps its first `normalized`.
  std::vector<AddedToken> special_;
  std::vector<AddedToken> plain_;
  std::set<std::string, std::less<>> special_contents_;
  Matcher raw_;
  Matcher normalized_;
  bool special_in_text_ = true;
};

}  // namespace attend
