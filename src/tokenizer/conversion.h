// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What recipes and constructors of tokenizer classes see, and templates written as one line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/named_tokens.h"
#include "tokenizer/tokenizer_config.h"
#include "tokenizer/tokenizer_json.h"

namespace attend {

class PythonIds;

/// A folder on its way to a tokenizer.
struct Conversion {
  const std::filesystem::path& folder;
  const TokenizerConfig& config;
  const NamedTokens& named;
};

/// What stands around a text and around a pair, in words: `A` and `B` are the texts, the name of a
/// role is its token, `lang` has the id `none`, anything else is a token itself, or the unknown
/// token where the tokenizer lacks it; "=1" behind it is its id, "=unk" that its id is the
/// unknown token's, ":1" its type id, 0 without.
struct TemplateText {
  std::string_view single = "A";
  std::string_view pair = "A B:1";
};

/// What a recipe makes of slow files. The template is put together when all tokens have their ids.
struct SlowTokenizer {
  TokenizerFile file;
  TemplateText around;
  // Of the Python class: what get_vocab() counts, and so many last tokens that it lacks.
  PythonVocabulary counted = PythonVocabulary::tokens;
  Index uncounted = 0;
  /// Its tokens at the first ids (own_ids of the class), where they are not those of the
  /// vocabulary.
  std::vector<std::string> own = {};
  /// Whether a token with flags has its id of the vocabulary, not that of the files.
  bool prefers_vocabulary = false;
  /// The id that it has for a string that is no token, where that is not the unknown token's.
  std::optional<TokenId> unknown = {};
};

/// Throws: tokenizer_error when a token of it is no token of `parts`.
[[nodiscard]] Template make_template(const TemplateText& text, const NamedTokens& named,
                                     const TokenizerParts& parts);
/// The same with the ids that the Python class has.
[[nodiscard]] Template make_template(const TemplateText& text, const PythonIds& ids);

}  // namespace attend
