// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: _add_tokens, get_vocab and _decode of transformers 4.57.
#include "tokenizer/python_class.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "attend/core/error.h"
#include "tokenizer/named_tokens.h"
#include "tokenizer/parts.h"

namespace attend {
namespace {

std::size_t place(SpecialRole role) { return static_cast<std::size_t>(role); }

// In added_tokens_encoder: a token whose id another one took is not.
std::optional<TokenId> added_id(std::string_view content, const TokenizerParts& parts) {
  const auto id = parts.added_tokens.find(content);
  return id && parts.added_tokens.token(*id)->content == content ? id : std::nullopt;
}

// In get_vocab(), not as an added token.
std::optional<TokenId> vocabulary_id(std::string_view content, const TokenizerParts& parts) {
  const auto id = parts.vocabulary.find(content);
  switch (parts.python->counted) {
    case PythonVocabulary::tokens: return id;
    case PythonVocabulary::ids: break;
  }
  if (!id || *id >= parts.python->vocabulary_size) return std::nullopt;
  const AddedToken* const added = parts.added_tokens.token(*id);
  return added == nullptr || added->content == content ? id : std::nullopt;
}

Index count_vocabulary(const TokenizerParts& parts) {
  const Index size = parts.python->vocabulary_size;
  switch (parts.python->counted) {
    case PythonVocabulary::tokens: return size;
    case PythonVocabulary::ids: break;
  }
  Index count = 0;
  for (TokenId id = 0; id < size; ++id) {
    const AddedToken* const added = parts.added_tokens.token(id);
    const auto token = parts.vocabulary.token(id);
    count += Index{token && (added == nullptr || added->content == *token)};
  }
  return count;
}

using Contents = std::set<std::string, std::less<>>;

Contents special_contents(const PythonClass& python) {
  Contents out(python.roles.begin(), python.roles.end());
  out.insert(python.additional.begin(), python.additional.end());
  for (const auto& [attribute, content] : python.extra) out.insert(content);
  out.erase("");
  return out;
}

// Added tokens that are not special stand apart; so do additional special tokens that the
// vocabulary lacks.
void settle_decoder(const Contents& special, TokenizerParts& parts) {
  const PythonClass& python = *parts.python;
  auto& decoder = std::get<SentencePieceDecoder>(parts.decoder.steps.at(0));
  decoder.special = special;
  decoder.apart.clear();
  const Contents additional(python.additional.begin(), python.additional.end());
  for (const auto& [content, id] : parts.added_tokens.ids()) {
    const bool is_outside = id >= python.vocabulary_size;
    if (!special.contains(content) || (additional.contains(content) && is_outside)) {
      decoder.apart.insert(content);
    }
  }
}

// Of special tokens the templates of these classes have eos alone.
void replace_eos(TokenId from, TokenId to, TokenizerParts& parts) {
  std::vector<ProcessorStep> steps = parts.processor.steps();
  for (ProcessorStep& step : steps) {
    if (const auto* around = std::get_if<Template>(&step)) step = replaced_token(*around, from, to);
  }
  parts.processor = Processor(std::move(steps));
  if (!parts.languages) return;
  for (Template* around : {&parts.languages->source_template, &parts.languages->target_template}) {
    *around = replaced_token(*around, from, to);
  }
}

// What the model makes of pieces that it does not know must be in the vocabulary: in the reference
// every text is a KeyError otherwise.
void set_unknown(const std::string& content, TokenizerParts& parts) {
  for (TokenizerParts* const side : {&parts, parts.target.get()}) {
    if (side == nullptr) continue;
    const auto id = side->vocabulary.find(content);
    const bool is_language = parts.languages && id && *id >= parts.python->vocabulary_size;
    if (!id || is_language) {
      const bool is_of_target = side != &parts && parts.python->has_target_vocabulary;
      const std::string file = is_of_target ? "target_vocab.json" : "vocab.json";
      fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::with_added_tokens",
                                        .what = "unk_token " + quote(content),
                                        .expected = "a token of " + file,
                                        .hint = "choose an unk_token that " + file + " has"});
    }
    std::get<SentencePieceModel>(side->model).set_unknown(*id);
  }
}

void set_role(SpecialRole role, const std::string& content, TokenizerParts& parts) {
  parts.python->roles[place(role)] = content;
  if (role == SpecialRole::unk) set_unknown(content, parts);
}

}  // namespace

std::optional<TokenId> known_python_id(std::string_view content, const TokenizerParts& parts) {
  const auto id = added_id(content, parts);
  return id ? id : vocabulary_id(content, parts);
}

TokenId next_python_id(const TokenizerParts& parts) {
  Index size = count_vocabulary(parts);
  for (const auto& [id, token] : parts.added_tokens.tokens()) {
    const bool is_first = parts.added_tokens.find(token.content) == id;
    size += Index{is_first && !vocabulary_id(token.content, parts)};
  }
  return static_cast<TokenId>(size);
}

void settle_python_tokens(TokenizerParts& parts) {
  const Contents special = special_contents(*parts.python);
  parts.added_tokens.set_special(
      [&](std::string_view content) { return special.contains(content); });
  settle_decoder(special, parts);
  const auto& roles = parts.python->roles;
  ByRole<std::string_view> contents;
  std::copy(roles.begin(), roles.end(), contents.begin());
  parts.special_tokens = find_in_roles(contents, parts);
  auto& model = std::get<SentencePieceModel>(parts.model);
  model.find_added(parts.added_tokens);
  if (!parts.target) return;
  parts.target->added_tokens = parts.added_tokens;
  parts.target->special_tokens = parts.special_tokens;
  std::get<SentencePieceModel>(parts.target->model).find_added(parts.added_tokens);
}

Index add_python_tokens(std::span<const NewToken> tokens, TokenizerParts& parts) {
  for (const NewToken& token : tokens) {
    if (token.role && !token.content.empty()) set_role(*token.role, token.content, parts);
  }
  Contents special = special_contents(*parts.python);
  Index added = 0;
  const TokenId next = next_python_id(parts);
  for (const NewToken& token : tokens) {
    if (token.content.empty()) continue;
    const AddedToken one = token.role ? token.added_as_special() : token.added();
    auto id = known_python_id(one.content, parts);
    if (!id) id = next + static_cast<TokenId>(added++);
    if (one.special && special.insert(one.content).second) {
      parts.python->additional.push_back(one.content);
    }
    parts.added_tokens.add_at(one, *id);
  }
  const auto old_eos = parts.special_tokens.eos;
  settle_python_tokens(parts);
  if (const auto eos = parts.special_tokens.eos; eos && old_eos && *eos != *old_eos) {
    replace_eos(*old_eos, *eos, parts);
    if (parts.target) parts.target->processor = parts.processor;
  }
  return added;
}

}  // namespace attend
