// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A file's bytes, read-only: mapped, or read into memory where a map is not wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>

#include "attend/core/export.h"

namespace attend {

/// How a file's bytes are had. A mapped file that somebody truncates kills the process with
/// SIGBUS; `read` copies the bytes and is safe from that.
enum class LoadMode : std::uint8_t { map, read };

/// Read-only bytes of a regular file.
class ATTEND_EXPORT MappedFile {
 public:
  static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

  /// Throws: file_not_found, access_denied, invalid_format (not a regular file), resource_limit
  /// (more than `max_bytes`, or no memory).
  [[nodiscard]] static MappedFile open(const std::filesystem::path& file,
                                       LoadMode mode = LoadMode::map,
                                       std::uint64_t max_bytes = no_limit);
  MappedFile(MappedFile&&) noexcept;
  MappedFile& operator=(MappedFile&&) noexcept;
  ~MappedFile();

  /// They begin at a multiple of 64.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

  /// Says that those of `bytes` that are this file's are not needed for now: where it is mapped
  /// they take no memory of the process until they are read again.
  /// Threads: others may read them meanwhile.
  void release(std::span<const std::byte> bytes) const noexcept;

 private:
  MappedFile() = default;
  std::span<const std::byte> bytes_;
  LoadMode mode_ = LoadMode::map;
};

}  // namespace attend
