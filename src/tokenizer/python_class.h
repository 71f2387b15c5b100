// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the classes that only Python has know besides the parts of a tokenizer: which tokens are
// special goes by their names there, and their ids by the size of a vocabulary.
// Source: SpecialTokensMixin and PreTrainedTokenizer of transformers 4.57.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/tokenizer/encoding.h"
#include "tokenizer/tokenizer_class.h"

namespace attend {

class FileText;
struct TokenizerParts;

/// What len(get_vocab()) counts, apart from added tokens.
enum class PythonVocabulary : std::uint8_t {
  tokens,  ///< Marian: all of vocab.json
  ids,  ///< M2M100: what the ids from 0 to their number stand for, an added token if there is one
};

struct PythonClass {
  using Named = std::pair<std::string, std::string>;

  PythonVocabulary counted = PythonVocabulary::tokens;
  /// Tokens of vocab.json, which come first in the vocabulary; M2M100's languages follow.
  Index vocabulary_size = 0;
  /// separate_vocabs of Marian: the target side has a vocabulary of its own, and ids are decoded
  /// by that one, whatever side they are of.
  bool has_target_vocabulary = false;

  // Contents of special tokens.
  ByRole<std::string> roles = {};  ///< empty where there is none
  std::vector<std::string> additional = {};
  std::vector<Named> extra = {};  ///< extra_special_tokens: attribute -> content

  // For files that are saved.
  std::vector<Named> settings = {};  ///< of tokenizer_config.json, that change nothing here
  /// Models of SentencePiece by the name of their file, byte for byte; copies share them.
  std::vector<std::pair<std::string, std::shared_ptr<const FileText>>> models = {};
};

/// The id that a token has in get_vocab(), which counts added tokens, too. Nothing where another
/// token took it.
[[nodiscard]] std::optional<TokenId> known_python_id(std::string_view content,
                                                     const TokenizerParts& parts);

/// The id that the first new token gets: the size of the vocabulary with the added tokens. Where
/// files left gaps between ids it may be another token's, which loses it, as in the reference.
[[nodiscard]] TokenId next_python_id(const TokenizerParts& parts);

/// Makes model, decoder, special tokens and the target side follow from the added tokens and from
/// parts.python.
void settle_python_tokens(TokenizerParts& parts);

/// _add_tokens() with AddedToken objects, when those with a role have it already, as
/// add_special_tokens() does. Returns how many the vocabulary lacked.
/// Throws: resource_limit; tokenizer_error for an unknown token that vocab.json lacks.
Index add_python_tokens(std::span<const NewToken> tokens, TokenizerParts& parts);

}  // namespace attend
