// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Which side and language a text is of, and what is put around it then.
#include <string>

#include "attend/core/error.h"
#include "attend/tokenizer/tokenizer.h"
#include "tokenizer/parts.h"

namespace attend {
namespace {

// Those that begin like the code that was asked for, else all; a line at most.
std::string similar_codes(const std::vector<std::string_view>& codes, std::string_view code) {
  constexpr std::size_t shown = 8;
  const auto list = [&](std::string_view begin) {
    std::string out;
    std::size_t count = 0;
    for (const std::string_view one : codes) {
      if (!one.starts_with(begin)) continue;
      if (count++ == shown) return out + " ...";
      out += (out.empty() ? "" : ", ") + std::string(one);
    }
    return out;
  };
  const std::string similar = list(code.substr(0, 2));
  return similar.empty() ? list("") : similar;
}

}  // namespace

Route Tokenizer::Implementation::route(const EncodeOptions& options) const {
  const bool is_source = options.side == TextSide::source;
  if (!is_source && target_side) {
    EncodeOptions inside = options;
    inside.side = TextSide::source;
    return target_side->route(inside);
  }
  const auto with = [this](const Processor& with_tokens) {
    return Route{*this, chunking, memories, with_tokens};
  };
  std::optional<TokenId> language;
  if (!options.language.empty()) language = language_id(options.language);
  if (!languages || (is_source && !language)) return with(processor);
  if (!language) language = languages->target;
  if (!language) {
    fail(ErrorKind::config_error,
         {.where = "Tokenizer::encode",
          .what = "language of a target text",
          .expected = "tgt_lang in tokenizer_config.json, or EncodeOptions::language",
          .found = "neither",
          .hint = "add it there, or encode the text as a source"});
  }
  const Template& around = is_source ? languages->source_template : languages->target_template;
  return with(language_processors.of(around, *language));
}

TokenId Tokenizer::Implementation::language_id(std::string_view code) const {
  if (languages) {
    if (const auto found = languages->ids.find(code); found != languages->ids.end()) {
      return found->second;
    }
    if (languages->may_be_added) {
      if (const auto id = added_tokens.find(code)) return *id;
    }
  }
  std::vector<std::string_view> codes;
  if (languages) {
    for (const auto& [one, id] : languages->ids) codes.push_back(one);
  }
  fail(ErrorKind::config_error,
       {.where = "Tokenizer",
        .what = "language",
        .expected = codes.empty() ? "none: this tokenizer does not tell languages apart"
                                  : "one of " + std::to_string(codes.size()) + ", such as " +
                                        similar_codes(codes, code),
        .found = quote(code),
        .hint = codes.empty() ? "leave the language out" : "Tokenizer::languages() lists them"});
}

std::vector<std::string_view> Tokenizer::languages() const& {
  std::vector<std::string_view> codes;
  if (!implementation_->languages) return codes;
  for (const auto& [code, id] : implementation_->languages->ids) codes.push_back(code);
  return codes;
}

TokenId Tokenizer::language_id(std::string_view code) const {
  return implementation_->language_id(code);
}

}  // namespace attend
