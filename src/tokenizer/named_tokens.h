// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Special and added tokens that a tokenizer class and the small files name: which they are, and how
// they join those that the tokenizer has.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "tokenizer/parts.h"
#include "tokenizer/tokenizer_config.h"
#include "tokenizer/tokenizer_json.h"

namespace attend {

/// An added token, else one of the vocabulary.
[[nodiscard]] std::optional<TokenId> find_token(std::string_view content,
                                                const TokenizerParts& parts);

/// Where the tokens of a tokenizer come from: only with tokenizer.json does the fast class see the
/// strings itself, else the Python class has wrapped them.
enum class TokenizerSource : std::uint8_t { tokenizer_json, slow_files };

/// Special tokens as a tokenizer has them in the end.
struct NamedTokens {
  ByRole<std::optional<SpecialTokenValue>> roles;
  std::vector<SpecialTokenValue> further;  ///< additional ones, then extra ones

  [[nodiscard]] const SpecialTokenValue* find(SpecialRole role) const noexcept {
    const auto& value = roles[static_cast<std::size_t>(role)];
    return value ? &*value : nullptr;
  }
};

/// All special tokens in order; of several roles with one content the first counts. Of further ones
/// all do: of a string and a token with flags the flags count.
[[nodiscard]] std::vector<SpecialTokenValue> special_in_order(const NamedTokens& named);

/// Of the small files, else of the class, if any; else the stored padding's token.
[[nodiscard]] NamedTokens named_tokens(const TokenizerConfig& config, TokenizerSource source,
                                       const TokenizerFile& file);

/// Adds them and the added tokens of the small files to those that `parts` has, in the order of
/// PreTrainedTokenizerFast.__init__ of transformers 4.57.
void add_named_tokens(const TokenizerConfig& config, const NamedTokens& named,
                      TokenizerSource source, TokenizerParts& parts);

/// The same for a class that only Python has: the files' ids are taken as they are.
/// Source: PreTrainedTokenizer.__init__ and _add_tokens.
void add_python_tokens(const TokenizerConfig& config, const NamedTokens& named,
                       TokenizerParts& parts);

/// Their ids; an empty content has none.
[[nodiscard]] SpecialTokens find_in_roles(const ByRole<std::string_view>& contents,
                                          const TokenizerParts& parts);
[[nodiscard]] SpecialTokens special_tokens_of(const NamedTokens& named,
                                              const TokenizerParts& parts);

}  // namespace attend
