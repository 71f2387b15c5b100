// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads the small files beside a tokenizer in the way of PreTrainedTokenizerBase._from_pretrained
// of transformers 4.57: added_tokens_decoder, if there, stands in for the two older files.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "attend/core/error.h"
#include "checkpoint/checked_json.h"
#include "tokenizer/chat_files.h"
#include "tokenizer/tokenizer_config.h"
#include "tokenizer/tokenizer_json.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

const JsonOptions config_json_options{.where = "Tokenizer::load",
                                      .field_error = ErrorKind::tokenizer_error};

std::optional<bool> find_boolean(const JsonField& root, std::string_view key) {
  const auto field = root.find(key);
  return field ? std::optional(field->boolean()) : std::nullopt;
}

bool has_null(const JsonField& root, std::string_view key) {
  const auto field = root.get(key);
  return field && field->is_null();
}

// The same where Python only asks whether it is true, which null is not.
std::optional<bool> find_truth(const JsonField& root, std::string_view key) {
  const auto field = root.get(key);
  if (!field) return std::nullopt;
  return !field->is_null() && field->boolean();
}

std::optional<std::string> find_string(const JsonField& root, std::string_view key) {
  const auto field = root.find(key);
  return field ? std::optional(field->string()) : std::nullopt;
}

// The same of what nothing depends on: anything else is no error.
std::optional<std::string> find_name(const JsonField& root, std::string_view key) {
  const auto field = root.get(key);
  return field && field->is_string() ? std::optional(field->string()) : std::nullopt;
}

// A token's content; null is an empty one.
std::optional<std::string> find_content(const JsonField& root, std::string_view key) {
  const auto field = root.get(key);
  if (!field) return std::nullopt;
  if (field->is_null()) return std::string();
  return field->is_object() ? read_added_content(*field) : field->string();
}

// A number of tokens.
std::optional<std::int64_t> find_count(const JsonField& root, std::string_view key) {
  const auto field = root.find(key);
  return field ? std::optional(field->integer(0, 1 << 16)) : std::nullopt;
}

std::optional<Side> find_side(const JsonField& root, std::string_view key) {
  const auto field = root.find(key);
  if (!field) return std::nullopt;
  if (field->string() == "right") return Side::right;
  if (field->string() == "left") return Side::left;
  field->reject("right or left");
}

// Lengths that no counter here holds mean that there is no limit; the files have 1e30.
std::optional<Index> find_length(const JsonField& root) {
  auto field = root.find("model_max_length");
  if (!field) field = root.find("max_len");
  if (!field) return std::nullopt;
  const double length = field->number();
  if (length > 1e18) return std::nullopt;
  if (!(length >= 0) || length != static_cast<double>(static_cast<Index>(length))) {
    field->reject("a number of tokens");
  }
  return static_cast<Index>(length);
}

bool flag(const JsonField& token, std::string_view key) {
  return find_boolean(token, key).value_or(false);
}

// AddedToken(**dict) of Python: what is missing has its default.
FileToken read_token(const JsonField& field) {
  return {.content = read_added_content(field),
          .single_word = flag(field, "single_word"),
          .lstrip = flag(field, "lstrip"),
          .rstrip = flag(field, "rstrip"),
          .normalized = find_boolean(field, "normalized"),
          .special = flag(field, "special")};
}

SpecialTokenValue read_special(const JsonField& field) {
  if (field.is_string()) return {field.string()};
  FileToken token = read_token(field);
  return {token.content, token};
}

void read_special_tokens(const JsonField& root, TokenizerConfig& config) {
  for (std::size_t role = 0; role < special_roles; ++role) {
    if (const auto value = root.get(role_keys[role])) {
      // null takes away what the class has.
      config.special_tokens[role] = value->is_null() ? SpecialTokenValue{} : read_special(*value);
    }
  }
  const auto list = root.find("additional_special_tokens");
  if (!list) return;
  auto& known = config.additional_special_tokens;
  if (!known) known.emplace();
  for (const JsonField& token : list->elements()) {
    const SpecialTokenValue value = read_special(token);
    if (std::find(known->begin(), known->end(), value) == known->end()) known->push_back(value);
  }
}

ClassSettings read_settings(const JsonField& root) {
  return {.do_lower_case = find_boolean(root, "do_lower_case"),
          .strip_accents = find_boolean(root, "strip_accents"),
          .tokenize_chinese_chars = find_boolean(root, "tokenize_chinese_chars"),
          .keep_accents = find_truth(root, "keep_accents"),
          .add_prefix_space = find_boolean(root, "add_prefix_space"),
          .trim_offsets = find_boolean(root, "trim_offsets"),
          .split_by_punct = find_truth(root, "split_by_punct"),
          .add_bos_token = find_truth(root, "add_bos_token"),
          .add_eos_token = find_truth(root, "add_eos_token"),
          .legacy = find_boolean(root, "legacy"),
          .legacy_behaviour = find_truth(root, "legacy_behaviour"),
          .has_null_prefix_space = has_null(root, "add_prefix_space"),
          .separate_vocabs = find_boolean(root, "separate_vocabs"),
          .extra_ids = find_count(root, "extra_ids"),
          .offset = find_count(root, "offset"),
          .src_lang = find_string(root, "src_lang"),
          .tgt_lang = find_string(root, "tgt_lang"),
          .language_codes = find_string(root, "language_codes"),
          .source_lang = find_name(root, "source_lang"),
          .target_lang = find_name(root, "target_lang"),
          .mask_token_sent = find_content(root, "mask_token_sent"),
          .prefix_token = find_content(root, "prefix_token"),
          .middle_token = find_content(root, "middle_token"),
          .suffix_token = find_content(root, "suffix_token"),
          .eot_token = find_content(root, "eot_token"),
          .fill_token = find_content(root, "fill_token")};
}

// Of two tokens with one id the later has it.
void add_token(std::int64_t id, FileToken token, TokenizerConfig& config) {
  FileToken& known = config.added_tokens[id];
  if (const auto old = config.added_ids.find(known.content);
      old != config.added_ids.end() && old->second == id) {
    config.added_ids.erase(old);
  }
  config.added_ids[token.content] = id;
  known = std::move(token);
}

// A text, a list of {"name", "template"}, or an object of texts.
void read_chat_templates(const JsonField& root, TokenizerConfig& config) {
  const auto field = root.find("chat_template");
  if (!field) return;
  const auto set = [&](std::string name, const JsonField& source) {
    set_chat_template(std::move(name), source.string(), config.chat_templates);
  };
  if (field->is_object()) {
    for (const auto& [name, source] : field->members()) set(std::string(name), source);
  } else if (field->is_array()) {
    for (const JsonField& one : field->elements()) {
      set(one.at("name").string(), one.at("template"));
    }
  } else {
    set(std::string(default_chat_template), *field);
  }
}

void read_own_config(const JsonField& root, TokenizerConfig& config) {
  if (const auto name = root.find("tokenizer_class")) config.class_name = name->string();
  config.settings = read_settings(root);
  config.clean_up_tokenization_spaces = find_boolean(root, "clean_up_tokenization_spaces");
  config.split_special_tokens = flag(root, "split_special_tokens");
  config.has_model_max_length = root.find("model_max_length") || root.find("max_len");
  config.model_max_length = find_length(root);
  config.truncation_side = find_side(root, "truncation_side");
  config.padding_side = find_side(root, "padding_side");
  if (const auto names = root.find("model_input_names")) {
    config.has_type_ids = false;
    config.has_attention_mask = false;
    for (const JsonField& name : names->elements()) {
      if (name.string() == "token_type_ids") config.has_type_ids = true;
      if (name.string() == "attention_mask") config.has_attention_mask = true;
    }
  }
  read_chat_templates(root, config);
  read_special_tokens(root, config);
  if (const auto extra = root.find("extra_special_tokens"); extra && extra->is_object()) {
    for (const auto& [key, value] : extra->members()) {
      config.extra_special_tokens.emplace_back(key, read_special(value));
    }
  }
  if (const auto added = root.find("added_tokens_decoder")) {
    config.has_added_tokens_decoder = true;
    for (const auto& [key, value] : added->members()) {
      const bool is_id = !key.empty() && key.size() < 10 &&
                         key.find_first_not_of("0123456789") == std::string_view::npos;
      if (!is_id) value.reject("a token id as key", "found " + quote(key));
      add_token(std::stoll(std::string(key)), read_token(value), config);
    }
  }
}

// A role's token or an additional one, by its content.
bool names_special(const TokenizerConfig& config, std::string_view content) {
  const auto matches = [&](const SpecialTokenValue& value) { return value.content == content; };
  const auto& list = config.additional_special_tokens;
  return std::any_of(config.special_tokens.begin(), config.special_tokens.end(),
                     [&](const auto& value) { return value && matches(*value); }) ||
         (list && std::any_of(list->begin(), list->end(), matches));
}

void read_added_tokens(const JsonField& root, TokenizerConfig& config) {
  for (const auto& [content, id] : root.members()) {
    const bool is_special = names_special(config, content);
    add_token(id.integer(0, Vocabulary::max_id),
              {.content = std::string(content), .normalized = !is_special, .special = is_special},
              config);
  }
}

template <class Read>
void read_if_there(const fs::path& file, TokenizerConfig& config, Read&& read) {
  if (!is_there(file)) return;
  const JsonDocument document = read_json(file, config_json_options);
  if (!document.root().is_object()) document.root().reject("an object");
  read(document.root(), config);
}

void read_class_from_model(const JsonField& root, TokenizerConfig& config) {
  if (const auto name = root.find("tokenizer_class"); name && name->is_string()) {
    config.class_name = name->string();
  } else if (const auto type = root.find("model_type"); type && type->is_string()) {
    config.tokenizer_class = find_class_of_model(type->string());
    if (config.tokenizer_class != nullptr) config.class_name = config.tokenizer_class->name;
  }
}

}  // namespace

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::status(file, error).type() != fs::file_type::not_found;
}

TokenizerConfig read_tokenizer_config(const fs::path& folder) {
  TokenizerConfig config;
  read_if_there(folder / "tokenizer_config.json", config, read_own_config);
  if (!config.has_added_tokens_decoder) {
    read_if_there(folder / "special_tokens_map.json", config, read_special_tokens);
    read_if_there(folder / "added_tokens.json", config, read_added_tokens);
  }
  if (config.class_name.empty()) {
    read_if_there(folder / "config.json", config, read_class_from_model);
  }
  if (config.class_name.ends_with("Fast")) config.class_name.resize(config.class_name.size() - 4);
  if (config.tokenizer_class == nullptr) {
    config.tokenizer_class = find_tokenizer_class(config.class_name);
  }
  return config;
}

}  // namespace attend
