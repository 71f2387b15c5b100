// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The small tokenizers of every family in tests/tokenizer/data/families, which every clone has.
#pragma once

#include <filesystem>
#include <string_view>

#include "support/tokenizer_cases.h"

namespace attend::test {

[[nodiscard]] std::filesystem::path families_folder();

/// families.json: the sets, and tokenizer.json of those that have one.
class Families {
 public:
  Families();

  [[nodiscard]] const Json& sets() const { return all_["sets"]; }
  /// Throws when there is no set of this name.
  [[nodiscard]] const Json& set(std::string_view name) const;
  /// Writes the files of a set into a folder, all but tokenizer_config.json.
  void write(const Json& set, const std::filesystem::path& folder) const;
  /// The tokenizer of a set, loaded from a folder as the set describes it.
  [[nodiscard]] Tokenizer load(const Json& set) const;

 private:
  Json all_;
};

}  // namespace attend::test
