// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A look-up of one token counts the vocabulary only when the token is in no file.
#include "tokenizer/python_ids.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/error.h"

namespace attend {
namespace {

std::int64_t own_ids(const TokenizerConfig& config) {
  return config.tokenizer_class != nullptr ? config.tokenizer_class->own_ids : 0;
}

[[noreturn]] void reject_id(const Conversion& in, std::string_view content, std::string expected,
                            TokenId given) {
  const char* const name =
      in.config.has_added_tokens_decoder ? "tokenizer_config.json" : "added_tokens.json";
  fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::load",
                                    .what = "id of " + quote(content),
                                    .expected = std::move(expected),
                                    .found = std::to_string(given),
                                    .file = (in.folder / name).string(),
                                    .hint = "correct the id there, or remove the token"});
}

}  // namespace

std::optional<TokenId> id_of_files(const TokenizerConfig& config, const SpecialTokenValue& value) {
  const auto last = config.added_ids.find(value.content);
  if (last == config.added_ids.end()) return std::nullopt;
  const std::int64_t first_id = own_ids(config);
  if (!value.token && last->second >= first_id) return static_cast<TokenId>(last->second);
  std::optional<TokenId> largest;
  for (auto at = config.added_tokens.lower_bound(first_id); at != config.added_tokens.end(); ++at) {
    if (at->second.content == value.content) largest = static_cast<TokenId>(at->first);
  }
  return largest;
}

void check_own_id(const Conversion& in, std::string_view content, TokenId own) {
  const auto given = id_of_files(in.config, {std::string(content)});
  if (!given || *given == own) return;
  reject_id(in, content, std::to_string(own) + ", its id in " + in.config.class_name, *given);
}

void check_keeps_id(const Conversion& in, std::string_view content, TokenId own) {
  const auto given = in.config.added_tokens.find(own);
  if (given == in.config.added_tokens.end() || given->second.content == content) return;
  reject_id(in, given->second.content, "another one than that of " + quote(content), own);
}

PythonIds::PythonIds(const Conversion& in, const SlowTokenizer& read) : in_(in), read_(read) {
  for (const std::string& content : read.own) {
    added_.emplace(static_cast<std::int64_t>(added_.size()), content);
  }
  for (const auto& [id, token] : in.config.added_tokens) {
    if (id >= own_ids(in.config)) added_.emplace(id, token.content);
  }
}

void PythonIds::check_known(std::string_view content, TokenId id) const {
  if (vocabulary().token(id) || parts().added_tokens.token(id) != nullptr) return;
  const auto own = find_token(content, parts());
  reject_id(in_, content, own ? std::to_string(*own) : "an id that a token has", id);
}

// Whether get_vocab() has the vocabulary's token with its id.
bool PythonIds::stands_at(std::string_view content, TokenId id) const {
  switch (read_.counted) {
    case PythonVocabulary::tokens: return true;
    case PythonVocabulary::ids: break;
  }
  if (id >= counted_tokens()) return false;
  const auto added = added_.find(id);
  return added == added_.end() || added->second == content;
}

// That of the files, else the class's own.
std::optional<TokenId> PythonIds::added_id(const SpecialTokenValue& value) const {
  if (const auto id = id_of_files(in_.config, value)) return id;
  const auto own = std::find(read_.own.rbegin(), read_.own.rend(), value.content);
  if (own == read_.own.rend()) return std::nullopt;
  return static_cast<TokenId>(read_.own.rend() - own - 1);
}

std::optional<TokenId> PythonIds::known_id(const SpecialTokenValue& value) const {
  const auto in_vocabulary = vocabulary().find(value.content);
  if (read_.prefers_vocabulary && value.token && in_vocabulary) return in_vocabulary;
  if (const auto id = added_id(value)) return id;
  const bool stands = in_vocabulary && stands_at(value.content, *in_vocabulary);
  return stands ? in_vocabulary : std::nullopt;
}

// The size of get_vocab().
TokenId PythonIds::first_new_id() const {
  Index size = counted_tokens();
  std::set<std::string_view> contents;
  for (const auto& [id, added] : added_) {
    contents.insert(added);
    if (id >= counted_tokens()) continue;
    const auto content = vocabulary().token(static_cast<TokenId>(id));
    if (content && !stands_at(*content, static_cast<TokenId>(id))) --size;
  }
  for (const std::string_view content : contents) {
    const auto known = vocabulary().find(content);
    if (!known || !stands_at(content, *known)) ++size;
  }
  return static_cast<TokenId>(size);
}

std::optional<TokenId> PythonIds::find(std::string_view content) const {
  const std::vector<SpecialTokenValue> special = special_in_order(in_.named);
  const auto value =
      std::find_if(special.begin(), special.end(),
                   [&](const SpecialTokenValue& one) { return one.content == content; });
  if (value == special.end()) {
    const auto id = added_id({std::string(content)});
    return id ? id : vocabulary().find(content);
  }
  if (const auto id = known_id(*value)) return id;
  const auto is_new = [&](const SpecialTokenValue& one) { return !known_id(one); };
  return first_new_id() + static_cast<TokenId>(std::count_if(special.begin(), value, is_new));
}

std::optional<TokenId> PythonIds::find_unknown(std::string_view unk_token) const {
  if (read_.unknown) return read_.unknown;
  const auto id = vocabulary().find(unk_token);
  return id ? id : find(unk_token);
}

}  // namespace attend
