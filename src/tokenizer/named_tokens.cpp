// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: PreTrainedTokenizerFast.__init__ and SpecialTokensMixin of transformers 4.57.
#include "tokenizer/named_tokens.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "tokenizer/python_ids.h"

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

// The token with flags that a string of the files finds: one of added_tokens_decoder, or without
// that one of tokenizer.json.
std::optional<FileToken> find_added(std::string_view content, const TokenizerConfig& config,
                                    TokenizerSource source, const TokenizerFile& file) {
  if (config.has_added_tokens_decoder) {
    const auto id = config.added_ids.find(content);
    if (id != config.added_ids.end()) return config.added_tokens.at(id->second);
  } else if (source == TokenizerSource::tokenizer_json) {
    for (const AddedToken& token : file.added_tokens) {
      if (token.content != content) continue;
      return FileToken{.content = token.content,
                       .single_word = token.single_word,
                       .lstrip = token.lstrip,
                       .rstrip = token.rstrip,
                       .normalized = token.normalized,
                       .special = token.special};
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<SpecialTokenValue> special_in_order(const NamedTokens& named) {
  std::vector<SpecialTokenValue> all;
  for (const auto& role : named.roles) {
    if (role && !has_content(all, role->content)) all.push_back(*role);
  }
  const std::vector<SpecialTokenValue> roles = all;
  for (const SpecialTokenValue& value : named.further) {
    if (!has_content(roles, value.content)) all.push_back(value);
  }
  return all;
}

std::optional<TokenId> find_token(std::string_view content, const TokenizerParts& parts) {
  const auto id = parts.added_tokens.find(content);
  return id ? id : parts.vocabulary.find(content);
}

NamedTokens named_tokens(const TokenizerConfig& config, TokenizerSource source,
                         const TokenizerFile& file) {
  NamedTokens named{.roles = config.special_tokens, .further = {}};
  const TokenizerClass* const of = config.tokenizer_class;
  for (std::size_t role = 0; role < special_roles; ++role) {
    auto& value = named.roles[role];
    if (const auto known =
            value ? find_added(value->content, config, source, file) : std::nullopt) {
      value->token = known;
    } else if (of != nullptr && (!value || !value->token)) {
      const RoleTokens& defaults =
          source == TokenizerSource::slow_files ? of->slow_tokens : of->tokens;
      value = in_form(value ? std::string_view(value->content) : defaults.contents[role],
                      defaults.forms[role]);
    }
  }
  auto& pad = named.roles[static_cast<std::size_t>(SpecialRole::pad)];
  if (const auto& stored = file.parts.stored_padding; stored && (!pad || pad->content.empty())) {
    pad = SpecialTokenValue{stored->pad_token};
  }
  for (auto& role : named.roles) {
    if (role && role->content.empty()) role.reset();
  }
  if (of != nullptr && of->further_tokens != nullptr) {
    named.further = of->further_tokens(config);
  } else {
    named.further = config.additional_special_tokens.value_or(std::vector<SpecialTokenValue>{});
  }
  for (const auto& [attribute, value] : config.extra_special_tokens) named.further.push_back(value);
  return named;
}

void add_named_tokens(const TokenizerConfig& config, const NamedTokens& named,
                      TokenizerSource source, TokenizerParts& parts) {
  AddedTokens& added = parts.added_tokens;
  const std::vector<SpecialTokenValue> special = special_in_order(named);
  const auto is_there = [&](const AddedToken& token) {
    const auto id = added.find(token.content);
    return id && *added.token(*id) == token;
  };
  std::vector<AddedToken> more;
  const bool drops =
      config.tokenizer_class != nullptr && config.tokenizer_class->drops_added_tokens;
  if (!drops) {
    const bool are_of_json =
        source == TokenizerSource::tokenizer_json && !config.has_added_tokens_decoder;
    // What has a name is special, also where tokenizer.json has it as a plain token.
    for (const auto& [id, token] : added.tokens()) {
      if (!are_of_json || token.special || !has_content(special, token.content)) continue;
      more.push_back(token);
      more.back().special = true;
    }
    for (const auto& [id, token] : config.added_tokens) {
      // added_tokens.json gives way to a token of tokenizer.json with its id.
      if (are_of_json && added.token(static_cast<TokenId>(id)) != nullptr) continue;
      more.push_back(has_content(special, token.content) ? token.added_as_special()
                                                         : token.added());
    }
  }
  const auto is_known = [&](std::string_view content) {
    return added.find(content) || std::any_of(more.begin(), more.end(), [&](const auto& token) {
             return token.content == content;
           });
  };
  // A string names a token; one with flags replaces it.
  for (const SpecialTokenValue& value : special) {
    if (value.token) {
      more.push_back(value.token->added_as_special());
    } else if (!is_known(value.content)) {
      more.push_back(FileToken{.content = value.content}.added_as_special());
    }
  }
  // What the tokenizer has is passed over, also where an earlier one of these replaces it.
  more.erase(std::remove_if(more.begin(), more.end(), is_there), more.end());
  for (const AddedToken& token : more) added.add(token, parts.vocabulary);
}

void add_python_tokens(const TokenizerConfig& config, const NamedTokens& named,
                       TokenizerParts& parts) {
  AddedTokens& added = parts.added_tokens;
  const std::vector<SpecialTokenValue> special = special_in_order(named);
  const auto add_where = [&](auto is_meant) {
    for (const auto& [id, token] : config.added_tokens) {
      if (token.content.empty() || !is_meant(token.content, id)) continue;
      AddedToken one = token.added();
      one.special =
          has_content(special, token.content);  // what decoding leaves out is what has a name
      added.add_at(one, static_cast<TokenId>(id));
    }
  };
  // Of two ids of one token that of the last in the file is the one that it is found with.
  const auto counts = [&](const std::string& content, std::int64_t id) {
    return config.added_ids.at(content) == id;
  };
  add_where([&](const auto& content, auto id) { return !counts(content, id); });
  add_where(counts);
  TokenId next = next_python_id(parts);
  for (const SpecialTokenValue& value : special) {
    if (!value.token && added.find(value.content)) continue;
    const AddedToken token = value.token ? value.token->added_as_special()
                                         : FileToken{.content = value.content}.added_as_special();
    auto id = id_of_files(config, value);
    if (!id) id = known_python_id(value.content, parts);
    added.add_at(token, id ? *id : next++);
  }
}

SpecialTokens find_in_roles(const ByRole<std::string_view>& contents, const TokenizerParts& parts) {
  const auto id = [&](SpecialRole role) {
    const std::string_view content = contents[static_cast<std::size_t>(role)];
    return content.empty() ? std::nullopt : find_token(content, parts);
  };
  return {.unk = id(SpecialRole::unk),
          .cls = id(SpecialRole::cls),
          .sep = id(SpecialRole::sep),
          .pad = id(SpecialRole::pad),
          .mask = id(SpecialRole::mask),
          .bos = id(SpecialRole::bos),
          .eos = id(SpecialRole::eos)};
}

SpecialTokens special_tokens_of(const NamedTokens& named, const TokenizerParts& parts) {
  ByRole<std::string_view> contents;
  for (std::size_t role = 0; role < special_roles; ++role) {
    if (named.roles[role]) contents[role] = named.roles[role]->content;
  }
  return find_in_roles(contents, parts);
}

}  // namespace attend
