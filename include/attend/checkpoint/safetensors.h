// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One safetensors file: header parsed, every offset checked, tensors viewed in place.
// Source: safetensors 0.6, the reference reader and its format description.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "attend/checkpoint/mapped_file.h"
#include "attend/core/export.h"
#include "attend/core/tensor.h"

namespace attend {

struct SafetensorsOptions {
  LoadMode mode = LoadMode::map;
  std::uint64_t max_header_bytes = 100'000'000;  ///< the reference's own limit
  std::uint64_t max_tensors = 1'000'000;
  /// Accept bytes after the last tensor, which the reference refuses.
  bool lenient = false;
};

/// The tensors of one file. Movable; views stay valid as long as the object that holds the bytes.
class ATTEND_EXPORT Safetensors {
 public:
  /// Throws: file_not_found, access_denied, invalid_format (names the rule, the tensor and the
  /// file), unsupported (a type that safetensors knows and this library does not),
  /// resource_limit.
  [[nodiscard]] static Safetensors open(const std::filesystem::path& file,
                                        const SafetensorsOptions& options = {});
  /// The same over bytes in memory, which must outlive the result; `name` is for messages.
  [[nodiscard]] static Safetensors parse(std::span<const std::byte> bytes, std::string name,
                                         const SafetensorsOptions& options = {});

  [[nodiscard]] std::optional<TensorRef> find(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, TensorRef, std::less<>>& tensors() const noexcept {
    return tensors_;
  }
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& metadata() const noexcept {
    return metadata_;
  }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Null where the bytes were given.
  [[nodiscard]] const MappedFile* file() const noexcept { return file_.get(); }

 private:
  Safetensors() = default;
  std::shared_ptr<const MappedFile> file_;
  std::string name_;
  std::map<std::string, TensorRef, std::less<>> tensors_;
  std::map<std::string, std::string, std::less<>> metadata_;
};

/// Writes tensors to a file of this format, whose data begins at a multiple of 64 bytes: to a
/// temporary name first, then renamed, so that no reader ever sees half a file. A symbolic link
/// stays, and the file behind it is written. Throws: access_denied (also where anything but a
/// regular file stands there), file_not_found (no such folder), resource_limit.
ATTEND_EXPORT void write_safetensors(
    const std::filesystem::path& file, const std::map<std::string, TensorRef, std::less<>>& tensors,
    const std::map<std::string, std::string, std::less<>>& metadata = {});

}  // namespace attend
