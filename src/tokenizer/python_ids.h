// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The ids that a Python class has for its tokens. What its conversion puts around a text has those,
// also where the files give a token of the vocabulary another one, as published files never do.
// Source: PreTrainedTokenizer.__init__, _add_tokens and get_vocab of transformers 4.57.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "tokenizer/conversion.h"

namespace attend {

/// The id that added_tokens_decoder or added_tokens.json gives a token. Of several, that of the
/// last in the file counts for a string, the largest for a token with flags.
[[nodiscard]] std::optional<TokenId> id_of_files(const TokenizerConfig& config,
                                                 const SpecialTokenValue& value);

/// Throws: tokenizer_error when the files give a token another id than the one that its Python
/// class has for it: it would depend on their order which one counts.
void check_own_id(const Conversion& in, std::string_view content, TokenId own);
/// Throws: tokenizer_error when the files give another token this id, which would then be lost.
void check_keeps_id(const Conversion& in, std::string_view content, TokenId own);

class PythonIds {
 public:
  /// Both must stay where they are.
  PythonIds(const Conversion& in, const SlowTokenizer& read);

  [[nodiscard]] const NamedTokens& named() const noexcept { return in_.named; }
  [[nodiscard]] const TokenizerParts& parts() const noexcept { return read_.file.parts; }

  /// Nothing for what is no token and none of the special ones, which would be added.
  [[nodiscard]] std::optional<TokenId> find(std::string_view content) const;
  /// The id of what is no token: the Python classes look in their vocabulary alone.
  [[nodiscard]] std::optional<TokenId> find_unknown(std::string_view unk_token) const;
  /// Throws: tokenizer_error, when no token has an id that the files give this one.
  void check_known(std::string_view content, TokenId id) const;

 private:
  [[nodiscard]] const Vocabulary& vocabulary() const noexcept { return parts().vocabulary; }
  [[nodiscard]] Index counted_tokens() const noexcept {
    return vocabulary().size() - read_.uncounted;
  }
  [[nodiscard]] bool stands_at(std::string_view content, TokenId id) const;
  [[nodiscard]] std::optional<TokenId> added_id(const SpecialTokenValue& value) const;
  [[nodiscard]] std::optional<TokenId> known_id(const SpecialTokenValue& value) const;
  [[nodiscard]] TokenId first_new_id() const;

  const Conversion& in_;
  const SlowTokenizer& read_;
  std::map<std::int64_t, std::string_view> added_;  // the class's own and those of the files
};

}  // namespace attend
