// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: PreTrainedTokenizerFast.__init__ and SpecialTokensMixin of transformers 4.57.
#include "tokenizer/named_tokens.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace attend {
namespace {

SpecialTokenValue in_form(std::string_view content, TokenForm form) {
  SpecialTokenValue value{std::string(content)};
  if (form == TokenForm::name) return value;
  FileToken token{.content = value.content, .special = true};
  token.lstrip = form == TokenForm::raw_lstrip || form == TokenForm::normalized_lstrip;
  token.normalized = form == TokenForm::normalized || form == TokenForm::normalized_lstrip;
  value.token = token;
  return value;
}

bool has_content(const std::vector<SpecialTokenValue>& values, std::string_view content) {
  return std::any_of(values.begin(), values.end(),
                     [&](const SpecialTokenValue& value) { return value.content == content; });
}

// All special tokens in order; of several roles with one content the first counts.
std::vector<SpecialTokenValue> in_order(const NamedTokens& named) {
  std::vector<SpecialTokenValue> all;
  for (const auto& role : named.roles) {
    if (role && !has_content(all, role->content)) all.push_back(*role);
  }
  for (const SpecialTokenValue& value : named.further) {
    if (!has_content(all, value.content)) all.push_back(value);
  }
  return all;
}

}  // namespace

std::optional<TokenId> find_token(std::string_view content, const TokenizerParts& parts) {
  const auto id = parts.added_tokens.find(content);
  return id ? id : parts.vocabulary.find(content);
}

NamedTokens named_tokens(const TokenizerConfig& config, TokenizerSource source,
                         const TokenizerFile& file) {
  NamedTokens named{.roles = config.special_tokens, .further = {}};
  const TokenizerClass* const of = config.tokenizer_class;
  const auto is_added = [&](std::string_view content) {
    if (!config.has_added_tokens_decoder) {
      return source == TokenizerSource::tokenizer_json &&
             std::any_of(file.added_tokens.begin(), file.added_tokens.end(),
                         [&](const AddedToken& token) { return token.content == content; });
    }
    return std::any_of(config.added_tokens.begin(), config.added_tokens.end(),
                       [&](const auto& entry) { return entry.second.content == content; });
  };
  for (std::size_t role = 0; role < special_roles; ++role) {
    auto& value = named.roles[role];
    if (value && is_added(value->content)) {
      value->token.reset();  // the flags are those of the added token
    } else if (of != nullptr && (!value || !value->token)) {
      const RoleTokens& defaults =
          source == TokenizerSource::slow_files ? of->slow_tokens : of->tokens;
      value = in_form(value ? std::string_view(value->content) : defaults.contents[role],
                      defaults.forms[role]);
    }
  }
  auto& pad = named.roles[static_cast<std::size_t>(SpecialRole::pad)];
  if ((!pad || pad->content.empty()) && file.pad_token) pad = SpecialTokenValue{*file.pad_token};
  for (auto& role : named.roles) {
    if (role && role->content.empty()) role.reset();
  }
  if (of != nullptr && of->further_tokens != nullptr) {
    named.further = of->further_tokens(config);
  } else {
    named.further = config.additional_special_tokens.value_or(std::vector<SpecialTokenValue>{});
  }
  named.further.insert(named.further.end(), config.extra_special_tokens.begin(),
                       config.extra_special_tokens.end());
  return named;
}

void add_named_tokens(const TokenizerConfig& config, const NamedTokens& named,
                      const std::vector<AddedToken>& of_file, TokenizerParts& parts) {
  AddedTokens& added = parts.added_tokens;
  const std::vector<SpecialTokenValue> special = in_order(named);
  std::map<std::int64_t, AddedToken> more;
  const bool drops =
      config.tokenizer_class != nullptr && config.tokenizer_class->drops_added_tokens;
  if (!drops) {
    for (const auto& [id, token] : config.added_tokens) {
      more[id] = token.added(token.special || has_content(special, token.content));
    }
  }
  if (!config.has_added_tokens_decoder) {  // then the file's own tokens take that place
    for (AddedToken token : of_file) {
      if (!has_content(special, token.content)) continue;
      token.special = true;
      more[*added.find(token.content)] = token;
    }
  }
  for (const auto& [id, token] : more) added.add(token, parts.vocabulary);
  // A string names a token; one with flags replaces it.
  for (const SpecialTokenValue& value : special) {
    if (value.token) {
      added.add(value.token->added(true), parts.vocabulary);
    } else if (!added.find(value.content)) {
      added.add(FileToken{.content = value.content}.added(true), parts.vocabulary);
    }
  }
}

SpecialTokens special_tokens_of(const NamedTokens& named, const TokenizerParts& parts) {
  const auto id = [&](SpecialRole role) {
    const SpecialTokenValue* const value = named.find(role);
    return value != nullptr ? find_token(value->content, parts) : std::nullopt;
  };
  return {.unk = id(SpecialRole::unk),
          .cls = id(SpecialRole::cls),
          .sep = id(SpecialRole::sep),
          .pad = id(SpecialRole::pad),
          .mask = id(SpecialRole::mask),
          .bos = id(SpecialRole::bos),
          .eos = id(SpecialRole::eos)};
}

}  // namespace attend
