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
#include "tokenizer/python_ids.h"

namespace attend {
namespace {

constexpr ByRole<std::string_view> role_names = {"bos", "eos", "unk", "sep", "pad", "cls", "mask"};

[[noreturn]] void reject_role(std::string_view role) {
  fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::load",
                                    .what = "the tokenizer puts " + std::string(role) +
                                            "_token around a text, but there is none",
                                    .hint = "set it in tokenizer_config.json"});
}

// The content of a role's token; a word that is no role is a content itself.
std::string_view content_of(std::string_view word, const NamedTokens& named) {
  const auto* const name = std::find(role_names.begin(), role_names.end(), word);
  if (name == role_names.end()) return word;
  const SpecialTokenValue* const value =
      named.find(static_cast<SpecialRole>(name - role_names.begin()));
  if (value == nullptr) reject_role(word);
  return value->content;
}

// Where words become tokens: those of the parts, or with ids of the Python class.
struct Words {
  const NamedTokens& named;
  const TokenizerParts& parts;
  const PythonIds* python = nullptr;

  [[nodiscard]] std::optional<TokenId> find(std::string_view content) const {
    return python != nullptr ? python->find(content) : find_token(content, parts);
  }
  // What stands for a token that is none.
  [[nodiscard]] std::optional<TokenId> find_unknown(std::string_view content) const {
    return python != nullptr ? python->find_unknown(content) : find(content);
  }
};

[[noreturn]] void reject_token(std::string_view content) {
  fail(ErrorKind::tokenizer_error,
       {.where = "Tokenizer::load",
        .what = "token " + quote(content) + ", which stands around a text",
        .expected = "a token of the vocabulary",
        .hint = "add it to the vocabulary, or name another one in tokenizer_config.json"});
}

TemplateToken::Token find_named(std::string_view word, const Words& words) {
  const std::size_t equals = word.size() > 1 ? word.find('=', 1) : std::string_view::npos;
  const std::string_view content = content_of(word.substr(0, equals), words.named);
  const auto unknown = [&] {
    const auto id = words.find_unknown(content_of("unk", words.named));
    if (!id) reject_token(content);
    return *id;
  };
  if (equals == std::string_view::npos) {
    if (const auto id = words.find(content)) {
      const bool is_its_own = find_token(content, words.parts) == id;
      if (words.python != nullptr) words.python->check_known(content, *id);
      return {*id, is_its_own ? std::string() : std::string(content)};
    }
    const bool has_unknown = content == word && words.named.find(SpecialRole::unk) != nullptr;
    if (!has_unknown) reject_token(content);
    return {unknown(), std::string(content)};
  }
  const std::string_view id_text = word.substr(equals + 1);
  TokenId id = 0;
  const auto read = std::from_chars(id_text.data(), id_text.data() + id_text.size(), id);
  return {read.ec == std::errc() ? id : unknown(), std::string(content)};
}

std::vector<TemplatePiece> read_pieces(std::string_view text, const Words& words) {
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
      pieces.emplace_back(TemplateToken{{find_named(word, words)}, type_id});
    }
  }
  return pieces;
}

}  // namespace

Template make_template(const TemplateText& text, const NamedTokens& named,
                       const TokenizerParts& parts) {
  const Words words{named, parts};
  return {read_pieces(text.single, words), read_pieces(text.pair, words)};
}

Template make_template(const TemplateText& text, const PythonIds& ids) {
  const Words words{ids.named(), ids.parts(), &ids};
  return {read_pieces(text.single, words), read_pieces(text.pair, words)};
}

}  // namespace attend
