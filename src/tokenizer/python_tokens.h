// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Added tokens in a text as the Python classes of transformers find them, for the tokenizers that
// have no other class. They differ from those of tokenizers in what matches first, in blanks, and
// in what single_word means.
// Source: Trie and PreTrainedTokenizer.tokenize of transformers 4.57.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "attend/tokenizer/added_tokens.h"
#include "attend/tokenizer/trie.h"

namespace attend {

class PythonTokens {
 public:
  PythonTokens() = default;
  explicit PythonTokens(const AddedTokens& tokens) { update(tokens); }

  /// The tokens are those from now on; in texts one that had lost its id to another is found, too,
  /// when an earlier call knew it with an id of its own, as the reference's trie never forgets.
  /// Throws: resource_limit, when one is too long.
  void update(const AddedTokens& tokens);

  /// A part of a text: an added token, or what the model is to cut (id is `none`). Its text is that
  /// of its ranges, one after the other; blanks between two of them are gone.
  struct Part {
    std::vector<TextRange> ranges;
    TokenId id = none;
  };
  /// Whether any added token may be in the text: if not, all of it is one part.
  [[nodiscard]] bool may_stand_in(std::string_view text) const noexcept;
  [[nodiscard]] std::vector<Part> split(std::string_view text) const;

  [[nodiscard]] std::optional<TokenId> find(std::string_view content) const;

 private:
  using Ranges = std::vector<TextRange>;
  [[nodiscard]] Ranges cut(std::string_view text) const;

  std::map<std::string, AddedToken, std::less<>> tokens_;
  std::map<std::string, TokenId, std::less<>> ids_;
  std::set<std::string, std::less<>> in_trie_;
  Trie trie_{std::vector<Trie::Entry>{}};
  bool finds_ = true;
};

/// The text of ranges, one after the other.
[[nodiscard]] std::string join_ranges(std::string_view text, const std::vector<TextRange>& ranges);

}  // namespace attend
