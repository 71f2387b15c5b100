// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Where tests find their files: in the project, in its build, and in the shared references when they
// are there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace attend::test {

/// The project's own folder, and tests/ in it.
[[nodiscard]] std::filesystem::path source_folder();
[[nodiscard]] std::filesystem::path tests_folder();

/// The built `attend` command, for run_program(). Empty where it is not built.
[[nodiscard]] std::string attend_command();

/// A folder or file below the references that may lie beside the project (ATTEND_SHARED, else
/// ../shared); nothing when it is not there, and then the test must skip and say so.
[[nodiscard]] std::optional<std::filesystem::path> shared(std::string_view path);

/// A new, empty folder, removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A file's whole content.
[[nodiscard]] std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, std::string_view content);

}  // namespace attend::test
