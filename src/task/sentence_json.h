// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reading the files that embedders and cross-encoders share.
// Source: sentence-transformers 5.7 base/model.py and base/modules/transformer.py.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "checkpoint/checked_json.h"
#include "task/sentence_files.h"

namespace attend {

inline constexpr JsonOptions sentence_json{
    .where = "load", .max_bytes = limits::module_bytes, .max_values = limits::module_values};

[[nodiscard]] bool has_file(const std::filesystem::path& file);

/// A folder's modules.json and config_sentence_transformers.json, when both are for this class of
/// model ("SentenceTransformer", "CrossEncoder"). Otherwise the reference reads neither, and the
/// folder is a plain transformer.
class SentenceFolder {
 public:
  SentenceFolder(const std::filesystem::path& folder, std::string_view saved_class);

  [[nodiscard]] bool has_modules() const noexcept { return modules_.has_value(); }
  /// The list of modules. Requires: has_modules().
  [[nodiscard]] JsonField modules() const noexcept { return modules_->root(); }
  /// The other file; nothing where there is none, or no modules.
  [[nodiscard]] std::optional<JsonField> config() const noexcept;

 private:
  std::optional<JsonDocument> modules_;
  std::optional<JsonDocument> config_;
};

/// One entry of modules.json.
struct ModuleEntry {
  JsonField type;
  std::string_view class_name;  ///< "Pooling", or empty for code from elsewhere
  std::filesystem::path folder;
};

/// The entries of a list. Throws: resource_limit, config_error; access_denied for a module outside
/// the model's folder: the list may come from anywhere.
[[nodiscard]] std::vector<ModuleEntry> read_entries(const std::filesystem::path& folder,
                                                    const JsonField& list);

/// What a Transformer module gives: for which task it is, the model's output, the module's.
struct TransformerOutput {
  std::string_view task;
  std::string_view model_output;
  std::string_view module_output;
};

/// Throws: unsupported (names the key) for a module that gives something else, for chat templates
/// and for arguments that change what the tokenizer does.
[[nodiscard]] TransformerModule read_transformer(const std::filesystem::path& folder,
                                                 const TransformerOutput& output);

/// The prompts of a config_sentence_transformers.json, added to those that are there.
/// Throws: config_error for a default that is none of them.
void read_prompts(const JsonField& config, Prompts& prompts);

}  // namespace attend
