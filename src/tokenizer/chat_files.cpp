// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: PreTrainedTokenizerBase._from_pretrained, get_chat_template and save_chat_templates of
// transformers 4.57.
#include "tokenizer/chat_files.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "attend/core/error.h"
#include "core/limits.h"
#include "tokenizer/parts.h"
#include "tokenizer/slow_files.h"
#include "tokenizer/tokenizer_config.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view template_file = "chat_template.jinja";
constexpr std::string_view template_folder = "additional_chat_templates";
constexpr std::string_view suffix = ".jinja";

std::string read_template(const fs::path& file) {
  const FileText text(file, limits::template_bytes);
  text.check_utf8(file);
  return std::string(text.text());
}

[[noreturn]] void fail_size(const fs::path& folder, std::size_t most, std::string_view of) {
  fail(ErrorKind::resource_limit,
       {.where = "Tokenizer::load",
        .what = "chat templates beside a tokenizer",
        .expected = "at most " + std::to_string(most) + " " + std::string(of),
        .file = folder.string(),
        .hint = "take away those that are not needed"});
}

/// In order. None where there is no such folder.
std::vector<fs::path> additional_files(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  if (error) return out;
  for (; entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() != suffix) continue;
    if (out.size() == limits::template_files) fail_size(folder, limits::template_files, "files");
    out.push_back(entry->path());
  }
  if (error) {
    fail(ErrorKind::access_denied, {.where = "Tokenizer::load",
                                    .what = "cannot list the folder",
                                    .found = error.message(),
                                    .file = folder.string(),
                                    .hint = "check its permissions"});
  }
  std::sort(out.begin(), out.end());
  return out;
}

[[noreturn]] void fail_choice(std::string_view name, const std::vector<NamedText>& templates) {
  std::string known;
  for (const auto& [one, source] : templates) {
    (known += known.empty() ? "" : ", ") += quote(one);
  }
  fail(ErrorKind::config_error,
       {.where = "Tokenizer::chat_template",
        .what = name.empty() ? "the chat template" : "the chat template " + quote(name),
        .expected = known.empty() ? "chat_template.jinja, or chat_template in tokenizer_config.json"
                                  : "one of " + known,
        .found = "none",
        .hint = known.empty() ? "is this a model for chats? ChatTemplate takes any template"
                              : "choose one by its name"});
}

}  // namespace

void set_chat_template(std::string name, std::string source, std::vector<NamedText>& templates) {
  const auto known = std::find_if(templates.begin(), templates.end(),
                                  [&](const NamedText& one) { return one.first == name; });
  if (known != templates.end()) {
    known->second = std::move(source);
  } else {
    templates.emplace_back(std::move(name), std::move(source));
  }
}

std::vector<NamedText> read_chat_files(const fs::path& folder) {
  std::vector<NamedText> out;
  if (is_there(folder / template_file)) {
    out.emplace_back(default_chat_template, read_template(folder / template_file));
  }
  std::size_t bytes = 0;
  for (const fs::path& file : additional_files(folder / template_folder)) {
    std::string source = read_template(file);
    bytes += source.size();
    if (bytes > limits::template_files_bytes) {
      fail_size(folder / template_folder, limits::template_files_bytes, "bytes");
    }
    set_chat_template(file.stem().string(), std::move(source), out);
  }
  return out;
}

std::optional<std::string> chat_file_of(std::string_view name) {
  if (name == default_chat_template) return std::string(template_file);
  const bool is_file_name = !name.empty() && name[0] != '.' && name.size() <= 200 &&
                            name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
  if (!is_file_name) return std::nullopt;
  return std::string(template_folder) + "/" + std::string(name) + std::string(suffix);
}

ChatTemplate Tokenizer::chat_template(const ChatTemplateChoice& choice) const {
  const ChatParts& chat = implementation_->chat;
  const auto find = [&](std::string_view name) {
    return std::find_if(chat.templates.begin(), chat.templates.end(),
                        [&](const NamedText& one) { return one.first == name; });
  };
  auto found = find(choice.source.empty() ? choice.name : choice.source);
  if (!choice.source.empty()) {
    if (found == chat.templates.end()) {
      return ChatTemplate(std::string(choice.source), chat_variables());
    }
  } else if (choice.name.empty()) {
    found = choice.has_tools ? find("tool_use") : chat.templates.end();
    if (found == chat.templates.end()) found = find(default_chat_template);
  }
  if (found == chat.templates.end()) fail_choice(choice.name, chat.templates);
  return ChatTemplate(found->second, chat_variables());
}

std::vector<std::string> Tokenizer::chat_template_names() const {
  std::vector<std::string> out;
  for (const auto& [name, source] : implementation_->chat.templates) out.push_back(name);
  return out;
}

// special_tokens_map of transformers.
ChatValue::Object Tokenizer::chat_variables() const {
  const ChatParts& chat = implementation_->chat;
  const SpecialTokens& tokens = special_tokens();
  const ByRole<std::optional<TokenId>> ids = {tokens.bos, tokens.eos, tokens.unk, tokens.sep,
                                              tokens.pad, tokens.cls, tokens.mask};
  ChatValue::Object out;
  for (std::size_t role = 0; role < special_roles; ++role) {
    if (ids[role]) out.emplace_back(role_keys[role], std::string(token_of(*ids[role])));
  }
  if (!chat.additional_special_tokens.empty()) {
    out.emplace_back("additional_special_tokens",
                     ChatValue::Array(chat.additional_special_tokens.begin(),
                                      chat.additional_special_tokens.end()));
  }
  for (const auto& [name, content] : chat.extra_special_tokens) out.emplace_back(name, content);
  return out;
}

}  // namespace attend
