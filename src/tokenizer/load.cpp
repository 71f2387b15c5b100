// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokenizer::load: which file is read, and what a tokenizer class changes in it, as from_pretrained
// of the fast classes in transformers 4.57 does.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "attend/checkpoint/mapped_file.h"
#include "attend/core/error.h"
#include "attend/text/utf8.h"
#include "core/limits.h"
#include "tokenizer/parts.h"
#include "tokenizer/tokenizer_config.h"
#include "tokenizer/tokenizer_json.h"

// quoted() is spelled attend::quoted here: <filesystem> brings std::quoted, which strings would
// find.

namespace attend {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view where = "Tokenizer::load";

// A token a line, its id is the number of the line; of a token that is there twice the last counts.
Vocabulary read_vocabulary_file(const fs::path& file) {
  const auto check_limit = [&](const char* what, std::size_t found, std::size_t limit) {
    if (found <= limit) return;
    fail(ErrorKind::resource_limit, {.where = std::string(where),
                                     .what = what,
                                     .expected = "at most " + std::to_string(limit),
                                     .found = "more",
                                     .file = file.string()});
  };
  const MappedFile content = MappedFile::open(file, LoadMode::read, limits::tokenizer_bytes);
  const auto bytes = content.bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (const std::size_t at = first_invalid_utf8(text); at != text.size()) {
    fail(ErrorKind::invalid_format, {.where = std::string(where),
                                     .what = "byte " + std::to_string(at),
                                     .expected = "UTF-8 text",
                                     .found = attend::quoted(text.substr(at, 4)),
                                     .file = file.string(),
                                     .hint = foreign_content_hint(text)});
  }
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    lines.push_back(text.substr(at, end - at));
    check_limit("bytes of a token", end - at, limits::token_bytes);
    check_limit("number of tokens", lines.size(), limits::vocabulary_tokens);
    at = end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
  }
  if (lines.empty()) {
    fail(ErrorKind::invalid_format,
         {.where = std::string(where),
          .what = "number of tokens",
          .expected = "1 to " + std::to_string(limits::vocabulary_tokens),
          .found = "0",
          .file = file.string()});
  }
  std::unordered_map<std::string_view, TokenId> last;
  last.reserve(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) last[lines[i]] = static_cast<TokenId>(i);
  Vocabulary vocabulary;
  vocabulary.reserve(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    if (last[lines[i]] == id) vocabulary.add(lines[i], id);
  }
  return vocabulary;
}

// The special tokens of a role: of the files, else of the class, else of the stored padding.
std::array<std::optional<SpecialTokenValue>, special_roles> roles_of(const TokenizerConfig& config,
                                                                     const TokenizerFile& file) {
  auto roles = config.special_tokens;
  for (std::size_t role = 0; role < special_roles; ++role) {
    if (!roles[role] && config.tokenizer_class != nullptr) {
      roles[role] = {std::string(config.tokenizer_class->special_tokens[role]), std::nullopt};
    }
  }
  auto& pad = roles[static_cast<std::size_t>(SpecialRole::pad)];
  if (!pad && file.pad_token) pad = {*file.pad_token, std::nullopt};
  for (auto& role : roles) {
    if (role && role->content.empty()) role.reset();
  }
  return roles;
}

// Adds the tokens that the other files and the class name.
void add_named_tokens(const TokenizerConfig& config, const TokenizerFile& file,
                      const std::array<std::optional<SpecialTokenValue>, special_roles>& roles,
                      TokenizerParts& parts) {
  AddedTokens& added = parts.added_tokens;
  const auto add = [&](const AddedToken& token) { added.add(token, parts.vocabulary); };
  const auto is_special = [&](std::string_view content) {
    return std::any_of(roles.begin(), roles.end(),
                       [&](const auto& role) { return role && role->content == content; }) ||
           std::any_of(config.further_special_tokens.begin(), config.further_special_tokens.end(),
                       [&](const SpecialTokenValue& value) { return value.content == content; });
  };
  std::map<std::int64_t, AddedToken> more = config.added_tokens;
  if (!config.has_added_tokens_decoder) {  // then the file's own tokens take that place
    for (const AddedToken& token : file.added_tokens) {
      if (is_special(token.content)) more[*added.find(token.content)] = token;
    }
  }
  for (auto& [id, token] : more) {
    token.special = token.special || is_special(token.content);
    add(token);
  }
  // A string names a token; one with flags replaces it, but those of a role come after the files'.
  const auto is_in_files = [&](std::string_view content) {
    return std::any_of(more.begin(), more.end(),
                       [&](const auto& entry) { return entry.second.content == content; }) ||
           (!config.has_added_tokens_decoder &&
            std::any_of(file.added_tokens.begin(), file.added_tokens.end(),
                        [&](const AddedToken& token) { return token.content == content; }));
  };
  const auto add_special = [&](const SpecialTokenValue& value) {
    AddedToken token =
        value.token.value_or(AddedToken{.content = value.content, .normalized = false});
    token.special = true;
    add(token);
  };
  for (const auto& role : roles) {
    if (!role) continue;
    const bool is_known =
        role->token ? is_in_files(role->content) : added.find(role->content).has_value();
    if (!is_known) add_special(*role);
  }
  for (const SpecialTokenValue& value : config.further_special_tokens) {
    if (value.token || !added.find(value.content)) add_special(value);
  }
}

SpecialTokens special_tokens_of(
    const std::array<std::optional<SpecialTokenValue>, special_roles>& roles,
    const TokenizerParts& parts) {
  const auto id = [&](SpecialRole role) -> std::optional<TokenId> {
    const auto& value = roles[static_cast<std::size_t>(role)];
    if (!value) return std::nullopt;
    const auto found = parts.added_tokens.find(value->content);
    return found ? found : parts.vocabulary.find(value->content);
  };
  return {.unk = id(SpecialRole::unk),
          .cls = id(SpecialRole::cls),
          .sep = id(SpecialRole::sep),
          .pad = id(SpecialRole::pad),
          .mask = id(SpecialRole::mask),
          .bos = id(SpecialRole::bos),
          .eos = id(SpecialRole::eos)};
}

// The classes of BERT's family set three options of a BertNormalizer whatever tokenizer.json says;
// do_lower_case is true unless a file says otherwise.
Normalizer normalizer_of(const TokenizerConfig& config, const TokenizerFile& file) {
  if (config.tokenizer_class == nullptr || !file.bert_normalizer) return file.parts.normalizer;
  BertNormalizerOptions options = *file.bert_normalizer;
  options.lowercase = config.do_lower_case.value_or(true);
  options.strip_accents = config.strip_accents.value_or(options.lowercase);
  options.handle_chinese_chars = config.tokenize_chinese_chars.value_or(true);
  return Normalizer(bert_normalizer(options));
}

TokenizerSettings settings_of(const TokenizerConfig& config, const TokenizerFile& file) {
  const bool class_has_type_ids =
      config.tokenizer_class == nullptr || config.tokenizer_class->has_type_ids;
  return {.model_max_length = config.model_max_length,
          .truncation_side =
              config.truncation_side.value_or(file.truncation_side.value_or(Side::right)),
          .padding_side = config.padding_side.value_or(file.padding_side.value_or(Side::right)),
          .clean_up_tokenization_spaces = config.clean_up_tokenization_spaces.value_or(
              file.parts.settings.clean_up_tokenization_spaces),
          .has_type_ids = config.has_type_ids.value_or(class_has_type_ids),
          .continuing_subword_prefix = file.parts.settings.continuing_subword_prefix};
}

TokenId require_id(const TokenizerParts& parts, const std::optional<SpecialTokenValue>& role,
                   std::string_view name, const fs::path& file) {
  if (role) {
    if (const auto id = parts.vocabulary.find(role->content)) return *id;
  }
  fail(ErrorKind::tokenizer_error, {.where = std::string(where),
                                    .what = "the vocabulary lacks the " + std::string(name) +
                                            " token " + attend::quoted(role ? role->content : ""),
                                    .file = file.string()});
}

// vocab.txt by the recipe of BertTokenizer.
TokenizerFile read_slow_files(const fs::path& folder, const TokenizerConfig& config) {
  const fs::path vocabulary = folder / "vocab.txt";
  if (!is_there(vocabulary)) {
    fail(ErrorKind::file_not_found, {.where = std::string(where),
                                     .what = "a tokenizer",
                                     .expected = "tokenizer.json or vocab.txt",
                                     .file = folder.string()});
  }
  if (config.tokenizer_class == nullptr) {
    fail(ErrorKind::unsupported,
         {.where = std::string(where),
          .what = config.class_name.empty()
                      ? "no file names the tokenizer class of vocab.txt"
                      : "tokenizer class " + attend::quoted(config.class_name) +
                            " without tokenizer.json",
          .file = folder.string(),
          .hint = "set tokenizer_class in tokenizer_config.json, or add tokenizer.json"});
  }
  TokenizerFile file;
  // The default of the Python class, which transformers converts; of tokenizer.json it is false.
  file.parts.settings.clean_up_tokenization_spaces = true;
  file.parts.vocabulary = read_vocabulary_file(vocabulary);
  file.bert_normalizer.emplace();
  const auto roles = roles_of(config, file);
  const auto& unknown = roles[static_cast<std::size_t>(SpecialRole::unk)];
  WordPieceOptions options;
  options.unk_token = unknown ? unknown->content : "";
  file.parts.settings.continuing_subword_prefix = options.continuing_subword_prefix;
  file.parts.decoder.steps = {WordPieceDecoder{.prefix = options.continuing_subword_prefix}};
  file.parts.model = WordPiece(std::move(options));
  file.parts.pre_tokenizer = PreTokenizer(bert_pre_tokenizer());
  const auto token = [&](SpecialRole role, std::string_view name) -> TemplateToken::Token {
    const auto& value = roles[static_cast<std::size_t>(role)];
    return {require_id(file.parts, value, name, vocabulary), value->content};
  };
  file.parts.processor.around =
      bert_template(token(SpecialRole::cls, "cls"), token(SpecialRole::sep, "sep"));
  return file;
}

}  // namespace

Tokenizer Tokenizer::load(const fs::path& path) {
  std::error_code error;
  const bool is_folder = fs::is_directory(path, error);
  const TokenizerConfig config = is_folder ? read_tokenizer_config(path) : TokenizerConfig{};
  const bool is_slow = is_folder && !is_there(path / "tokenizer.json");
  TokenizerFile file = is_slow ? read_slow_files(path, config)
                               : read_tokenizer_file(is_folder ? path / "tokenizer.json" : path);
  TokenizerParts& parts = file.parts;
  const Normalizer normalizer = normalizer_of(config, file);
  if (is_slow) parts.normalizer = normalizer;

  const auto roles = roles_of(config, file);
  for (const AddedToken& token : file.added_tokens) parts.added_tokens.add(token, parts.vocabulary);
  if (is_folder) add_named_tokens(config, file, roles, parts);
  if (config.split_special_tokens) parts.added_tokens.ignore_special_tokens();
  // The class changes the file's normalizer when the added tokens have been through it already.
  parts.added_tokens.prepare(parts.normalizer);
  parts.normalizer = normalizer;
  parts.special_tokens = special_tokens_of(roles, parts);
  parts.settings = settings_of(config, file);
  return Tokenizer(std::make_unique<const Implementation>(std::move(parts)));
}

}  // namespace attend
