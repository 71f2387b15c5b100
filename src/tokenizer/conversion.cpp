// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads the one-line templates of recipes.
#include "tokenizer/conversion.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/error.h"

namespace attend {
namespace {

constexpr ByRole<std::string_view> role_names = {"bos", "eos", "unk", "sep", "pad", "cls", "mask"};

TemplateToken::Token find_named(std::string_view word, const NamedTokens& named,
                                const TokenizerParts& parts) {
  std::string content(word);
  if (const auto* name = std::find(role_names.begin(), role_names.end(), word);
      name != role_names.end()) {
    const auto role = static_cast<SpecialRole>(name - role_names.begin());
    const SpecialTokenValue* const value = named.find(role);
    if (value == nullptr) {
      fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::load",
                                        .what = "the tokenizer puts " + std::string(word) +
                                                "_token around a text, but there is none",
                                        .hint = "set it in tokenizer_config.json"});
    }
    content = value->content;
  }
  const auto id = find_token(content, parts);
  if (!id) {
    fail(ErrorKind::tokenizer_error,
         {.where = "Tokenizer::load",
          .what = "token " + attend::quoted(content) + ", which stands around a text",
          .expected = "a token of the vocabulary"});
  }
  return {*id, {}};
}

std::vector<TemplatePiece> read_pieces(std::string_view text, const NamedTokens& named,
                                       const TokenizerParts& parts) {
  std::vector<TemplatePiece> pieces;
  for (std::string_view word : split_words(text)) {
    std::int32_t type_id = 0;
    if (const std::size_t colon = word.rfind(':'); colon != std::string_view::npos && colon > 0) {
      std::from_chars(word.data() + colon + 1, word.data() + word.size(), type_id);
      word = word.substr(0, colon);
    }
    if (word == "A" || word == "B") {
      pieces.emplace_back(
          TemplateSequence{word == "A" ? Sequence::first : Sequence::second, type_id});
    } else if (word == "lang") {
      pieces.emplace_back(TemplateToken{{{none, {}}}, type_id});
    } else {
      pieces.emplace_back(TemplateToken{{find_named(word, named, parts)}, type_id});
    }
  }
  return pieces;
}

}  // namespace

Template make_template(const TemplateText& text, const NamedTokens& named,
                       const TokenizerParts& parts) {
  return {read_pieces(text.single, named, parts), read_pieces(text.pair, named, parts)};
}

}  // namespace attend
