// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The chat templates of a tokenizer's folder, and where they are saved.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/tokenizer/chat_template.h"

namespace attend {

/// A text and what it is called.
using NamedText = std::pair<std::string, std::string>;

/// What templates are given, and find, in a tokenizer.
struct ChatParts {
  /// One that is only called "default" stands for all calls, whatever their tools.
  std::vector<NamedText> templates = {};
  std::vector<std::string> additional_special_tokens = {};
  std::vector<NamedText> extra_special_tokens = {};
};

inline constexpr std::string_view default_chat_template = "default";

/// Adds a template, in the place of one with its name.
void set_chat_template(std::string name, std::string source, std::vector<NamedText>& templates);

/// Of chat_template.jinja and additional_chat_templates/NAME.jinja; empty where there is neither.
/// Throws: access_denied, invalid_format, resource_limit.
[[nodiscard]] std::vector<NamedText> read_chat_files(const std::filesystem::path& folder);

/// The path in the folder under which a template is saved; nothing for a name that is no name of a
/// file.
[[nodiscard]] std::optional<std::string> chat_file_of(std::string_view name);

}  // namespace attend
