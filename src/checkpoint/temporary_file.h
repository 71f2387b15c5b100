// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A file that is there whole or not at all: written under another name, flushed to the disk, then
// renamed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace attend {

/// Goes away unless it was committed.
class TemporaryFile {
 public:
  /// `target` may be a symbolic link, which stays one; `where` is the public operation, for
  /// messages. Throws, as the other members do: access_denied (also when something stands there
  /// that is no file), file_not_found, resource_limit when the disk is full.
  TemporaryFile(const std::filesystem::path& target, std::string_view where);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(const void* bytes, std::size_t size);
  /// Nothing more is to be written; what can fail for lack of room has been done.
  void flush();
  /// Puts the file in its place, after flush().
  void commit();

 private:
  [[noreturn]] void fail_errno(const std::filesystem::path& file) const;

  std::string where_;
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  bool committed_ = false;
};

}  // namespace attend
