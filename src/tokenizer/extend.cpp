// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokenizer::with_added_tokens. Source: add_tokens and add_special_tokens of transformers 4.57,
// AddedVocabulary::add_tokens of tokenizers 0.22.
#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "attend/text/utf8.h"
#include "attend/tokenizer/tokenizer.h"
#include "tokenizer/named_tokens.h"

namespace attend {
namespace {

constexpr std::string_view where = "Tokenizer::with_added_tokens";

std::optional<TokenId>& id_in_role(SpecialRole role, SpecialTokens& tokens) {
  switch (role) {
    case SpecialRole::bos: return tokens.bos;
    case SpecialRole::eos: return tokens.eos;
    case SpecialRole::unk: return tokens.unk;
    case SpecialRole::sep: return tokens.sep;
    case SpecialRole::pad: return tokens.pad;
    case SpecialRole::cls: return tokens.cls;
    case SpecialRole::mask: break;
  }
  return tokens.mask;
}

// Classes of Python count tokens of the vocabulary for nothing, and their decoder sets tokens apart
// by name.
bool is_of_python(const TokenizerParts& parts) {
  return std::holds_alternative<SentencePieceModel>(parts.model);
}

void set_apart(const std::vector<AddedToken>& tokens, TokenizerParts& parts) {
  for (DecoderStep& step : parts.decoder.steps) {
    auto* const decoder = std::get_if<SentencePieceDecoder>(&step);
    if (decoder == nullptr) continue;
    for (const AddedToken& token : tokens) {
      const bool is_known = decoder->special.contains(token.content);
      if (token.special) decoder->special.insert(token.content);
      if (!is_known && (!token.special || !parts.vocabulary.find(token.content))) {
        decoder->apart.insert(token.content);
      }
    }
  }
}

Index add(const std::vector<AddedToken>& tokens, TokenizerParts& parts) {
  std::set<std::string_view> unknown;
  for (const AddedToken& token : tokens) {
    if (!find_token(token.content, parts)) unknown.insert(token.content);
  }
  const Index added = parts.added_tokens.add(tokens, parts.vocabulary);
  parts.added_tokens.prepare(parts.normalizer);
  set_apart(tokens, parts);
  return is_of_python(parts) ? static_cast<Index>(unknown.size()) : added;
}

}  // namespace

ExtendedTokenizer Tokenizer::with_added_tokens(std::span<const NewToken> tokens) const {
  std::vector<AddedToken> added;
  for (const NewToken& token : tokens) {
    check_utf8(token.content, where);
    if (!token.content.empty()) added.push_back(token.added(token.special || token.role));
  }
  TokenizerParts parts = *implementation_;
  const Index count = add(added, parts);
  if (implementation_->target_side) {
    parts.target = std::make_shared<TokenizerParts>(*implementation_->target_side);
    add(added, *parts.target);
  }
  for (const NewToken& token : tokens) {
    if (!token.role || token.content.empty()) continue;
    id_in_role(*token.role, parts.special_tokens) = parts.added_tokens.find(token.content);
  }
  return {Tokenizer(std::make_unique<const Implementation>(std::move(parts))), count};
}

}  // namespace attend
