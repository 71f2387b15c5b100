// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Puts the folders of small tokenizers together.
#include "support/families.h"

#include <stdexcept>
#include <string>

#include "support/paths.h"

namespace attend::test {

std::filesystem::path families_folder() { return tests_folder() / "tokenizer/data/families"; }

Families::Families() : all_(read_json_file(families_folder() / "families.json")) {}

const Json& Families::set(std::string_view name) const {
  for (const Json& one : sets()) {
    if (one["name"] == name) return one;
  }
  throw std::runtime_error("no family " + std::string(name));
}

void Families::write(const Json& set, const std::filesystem::path& folder) const {
  for (const auto& [to, from] : set["files"].items()) {
    const std::string name = from;
    write_file(folder / to, to == "tokenizer.json" ? all_["tokenizer_json"].at(name).dump()
                                                   : read_file(families_folder() / name));
  }
}

Tokenizer Families::load(const Json& set) const {
  const TemporaryFolder folder;
  write(set, folder.path());
  write_file(folder.path() / "tokenizer_config.json", set["config"].dump());
  return Tokenizer::load(folder.path());
}

}  // namespace attend::test
