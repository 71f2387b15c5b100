// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Unpacks recorded sets and puts folders together.
#include "support/real_sets.h"

#include <algorithm>
#include <stdexcept>

namespace attend::test {

namespace fs = std::filesystem;

std::optional<RealSets> RealSets::open(const std::string& archive) {
  const auto sets = shared("golden-tokenizers/" + archive + ".tar.xz");
  if (!sets || !shared("data/tokenizers")) return std::nullopt;
  RealSets out;
  out.unpacked_ = std::make_shared<TemporaryFolder>();
  out.folder_ = out.unpacked_->path() / archive;
  unpack(*sets, out.unpacked_->path());
  const auto research = shared("golden-tokenizers/" + archive + ".research-only.tar.xz");
  if (research) unpack(*research, out.unpacked_->path());
  return out;
}

std::vector<std::string> RealSets::names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    if (entry.path().extension() != ".json") continue;
    const fs::path name = fs::relative(entry.path(), folder_).replace_extension();
    // Two files are none: the list, and a tokenizer.json that the data have, too.
    if (name == "index" || name.string().ends_with("-repaired")) continue;
    names.push_back(name.string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Json RealSets::read(const std::string& name) const {
  return read_json_file(folder_ / (name + ".json"));
}

RealFolder::RealFolder(const Json& set) {
  for (const Json& file : set["files"]) {
    const auto from = shared("data/" + file["from"].get<std::string>());
    if (!from) throw std::runtime_error(file.dump() + " is not there");
    const fs::path to = folder_.path() / file["as"].get<std::string>();
    if (from->extension() == ".gz") {
      gunzip(*from, to);
    } else {
      write_file(to, read_file(*from));
    }
  }
  if (!set.contains("written_next_to_them")) return;
  for (const auto& [name, content] : set["written_next_to_them"].items()) {
    write_file(folder_.path() / name, content.dump());
  }
}

}  // namespace attend::test
