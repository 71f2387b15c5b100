// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokenizer::with_added_tokens. Source: add_tokens and add_special_tokens of transformers 4.57,
// AddedVocabulary::add_tokens of tokenizers 0.22.
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "attend/tokenizer/tokenizer.h"
#include "tokenizer/parts.h"

namespace attend {
namespace {

constexpr std::string_view where_extend = "Tokenizer::with_added_tokens";

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

Index add(const std::vector<AddedToken>& tokens, TokenizerParts& parts) {
  const Index added = parts.added_tokens.add(tokens, parts.vocabulary);
  parts.added_tokens.prepare(parts.normalizer);
  return added;
}

}  // namespace

ExtendedTokenizer Tokenizer::with_added_tokens(std::span<const NewToken> tokens) const {
  std::vector<AddedToken> added;
  for (const NewToken& token : tokens) {
    check_utf8(token.content, where_extend);
    if (!token.content.empty())
      added.push_back(token.role ? token.added_as_special() : token.added());
  }
  TokenizerParts parts = *implementation_;
  if (parts.python) {
    if (const auto& target = implementation_->target_side) {
      parts.target = std::make_shared<TokenizerParts>(*target);
    }
    const Index count = add_python_tokens(tokens, parts);
    return {Tokenizer(std::make_unique<const Implementation>(std::move(parts))), count};
  }
  const Index count = add(added, parts);
  if (const auto& gaps = implementation_->gaps; gaps && gaps->inside() != nullptr) {
    parts.infilling->parts = std::make_shared<TokenizerParts>(*gaps->inside()->implementation_);
    add(added, *parts.infilling->parts);
  }
  for (const NewToken& token : tokens) {
    if (!token.role || token.content.empty()) continue;
    id_in_role(*token.role, parts.special_tokens) = parts.added_tokens.find(token.content);
  }
  return {Tokenizer(std::make_unique<const Implementation>(std::move(parts))), count};
}

}  // namespace attend
