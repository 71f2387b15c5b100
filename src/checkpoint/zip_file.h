// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The members of a zip archive that stores them as they are, viewed in place.
// Source: PKWARE APPNOTE 6.3.10.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string_view>

namespace attend {

/// Content by name; both point into the archive.
using ZipMembers = std::map<std::string_view, std::span<const std::byte>>;

/// Where an archive's bytes come from, for messages.
struct ZipSource {
  std::string_view where;  ///< the public operation
  std::string_view file;
  std::string_view convert_hint;  ///< what to do with an archive that is compressed or encrypted
};

/// Reads the central directory, which has the last word: local headers that contradict it,
/// members that overlap and names that stand twice are refused. Checksums are not checked:
/// torch.save can be told to leave them out, and safetensors files have none either.
/// Throws: invalid_format, unsupported (compressed, encrypted, several disks), resource_limit.
[[nodiscard]] ZipMembers read_zip(std::span<const std::byte> bytes, const ZipSource& source);

}  // namespace attend
