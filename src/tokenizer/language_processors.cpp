// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The language's token takes the place of `none` in a template.
#include "tokenizer/language_processors.h"

#include <variant>
#include <vector>

namespace attend {

Template replaced_token(const Template& around, TokenId from, TokenId to) {
  const auto replaced = [&](std::vector<TemplatePiece> pieces) {
    for (TemplatePiece& piece : pieces) {
      auto* const token = std::get_if<TemplateToken>(&piece);
      if (token != nullptr && token->tokens.at(0).id == from) token->tokens[0] = {to, {}};
    }
    return pieces;
  };
  return {replaced(around.single()), replaced(around.pair())};
}

const Processor& LanguageProcessors::of(const Template& around, TokenId language) {
  const std::lock_guard lock(mutex_);
  const std::pair key(&around, language);
  auto found = made_.find(key);
  if (found == made_.end()) {
    found = made_.emplace(key, Processor(replaced_token(around, none, language))).first;
  }
  return found->second;
}

}  // namespace attend
