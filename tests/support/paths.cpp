// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Paths, temporary folders and small files for tests.
#include "support/paths.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace attend::test {
namespace fs = std::filesystem;

fs::path source_folder() { return ATTEND_SOURCE_DIR; }
fs::path tests_folder() { return source_folder() / "tests"; }
std::string attend_command() { return ATTEND_COMMAND; }

std::optional<fs::path> shared(std::string_view path) {
  const char* set = std::getenv("ATTEND_SHARED");
  const fs::path root =
      set != nullptr ? fs::path(set) : source_folder() / ".." / "shared";
  const fs::path full = root / path;
  if (!fs::exists(full)) return std::nullopt;
  return full;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (fs::temp_directory_path() / "attend-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("cannot make a temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write_file(const fs::path& file, std::string_view content) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << content;
  if (!out) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace attend::test
