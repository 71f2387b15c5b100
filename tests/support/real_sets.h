// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Real tokenizers in the shared references: recorded sets of cases, and the folders that they were
// recorded with.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attend/tokenizer/tokenizer.h"
#include "support/paths.h"
#include "support/tokenizer_cases.h"

namespace attend::test {

/// The recorded sets of an archive of golden-tokenizers (and of its research-only part), unpacked.
class RealSets {
 public:
  /// Nothing when the archive or the tokenizers' files are not there: then the test must skip.
  [[nodiscard]] static std::optional<RealSets> open(const std::string& archive);

  /// "gpt2.json", "research-only/llama-2.json" ...: files of the archive, without their ".json".
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] Json read(const std::string& name) const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::shared_ptr<TemporaryFolder> unpacked_;
  std::filesystem::path folder_;
};

/// The folder that a set was recorded with, filled from the shared data and from what the set says.
class RealFolder {
 public:
  explicit RealFolder(const Json& set);
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  [[nodiscard]] Tokenizer load() const { return Tokenizer::load(path()); }

 private:
  TemporaryFolder folder_;
};

}  // namespace attend::test
