// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Which tokens are languages, by the class's list or by how they are marked.
#include "tokenizer/languages.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/error.h"

namespace attend {
namespace {

// With `none` for the language.
Template language_template(std::string_view around, const Conversion& in,
                           const TokenizerParts& parts) {
  std::string pair(around);
  pair.insert(pair.find('A') + 1, " B");
  return make_template({around, pair}, in.named, parts);
}

std::vector<std::string_view> language_codes_of(const LanguageText& text,
                                                const NamedTokens& named) {
  std::vector<std::string_view> codes = split_words(text.codes);
  if (!codes.empty()) return codes;
  const std::size_t mark = text.mark.size();
  for (const SpecialTokenValue& value : named.further) {
    const std::string_view content = value.content;
    if (content.size() <= 2 * mark || !content.starts_with(text.mark) ||
        !content.ends_with(text.mark)) {
      continue;
    }
    codes.push_back(content.substr(mark, content.size() - 2 * mark));
  }
  return codes;
}

// By its code, or spelled as its token.
std::optional<TokenId> find_language(std::string_view code, std::string_view mark,
                                     const TokenizerParts& parts) {
  const std::string marked = std::string(mark).append(code).append(mark);
  if (const auto id = parts.vocabulary.find(marked)) return id;
  const auto id = find_token(marked, parts);
  return id ? id : find_token(code, parts);
}

// As the reference has it, a language of the files that has no token is the unknown token.
TokenId require_language(std::string_view code, const LanguageText& text, const Conversion& in,
                         const TokenizerParts& parts) {
  auto id = find_language(code, text.mark, parts);
  const SpecialTokenValue* const unknown = in.named.find(SpecialRole::unk);
  if (!id && unknown != nullptr) id = find_token(unknown->content, parts);
  if (id) return *id;
  fail(ErrorKind::tokenizer_error, {.where = "Tokenizer::load",
                                    .what = "language " + quote(code),
                                    .expected = "one that the tokenizer has a token for",
                                    .file = in.folder.string(),
                                    .hint = "name one of its own in tokenizer_config.json"});
}

}  // namespace

void set_languages(const Conversion& in, const LanguageText& text, TokenizerParts& parts) {
  const ClassSettings& settings = in.config.settings;
  Languages languages{.may_be_added = !parts.python,
                      .is_legacy = settings.legacy_behaviour.value_or(false)};
  for (const std::string_view code : language_codes_of(text, in.named)) {
    if (const auto id = find_language(code, text.mark, parts)) languages.ids.emplace(code, *id);
  }
  const std::string source = settings.src_lang.value_or(std::string(text.source_language));
  const std::string target = settings.tgt_lang.value_or(std::string(text.target_language));
  languages.source = require_language(source, text, in, parts);
  if (!target.empty()) languages.target = require_language(target, text, in, parts);
  languages.source_template = language_template(text.source, in, parts);
  languages.target_template = language_template(text.target, in, parts);
  parts.processor = Processor(replaced_token(languages.source_template, none, languages.source));
  languages.source_code = source;
  languages.target_code = target;
  parts.languages = std::move(languages);
  parts.needed_class = in.config.class_name;
}

}  // namespace attend
