// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One safetensors file, or an indexed set of shards, behind one look-up by name.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attend/checkpoint/safetensors.h"
#include "attend/core/export.h"
#include "attend/core/tensor.h"

namespace attend {

/// The tensors of a model folder. Keeps the files mapped as long as it lives.
class ATTEND_EXPORT Checkpoint {
 public:
  /// Opens `folder`/model.safetensors, else the shards of model.safetensors.index.json. Shards may
  /// be links inside a Hugging Face cache, but never lead out of it.
  /// Throws: file_not_found, access_denied, invalid_format, unsupported, resource_limit.
  [[nodiscard]] static std::shared_ptr<const Checkpoint> open(
      const std::filesystem::path& folder, const SafetensorsOptions& options = {});

  struct Entry {
    TensorRef tensor;
    std::string file;  ///< for messages: the file's name inside the folder
  };
  [[nodiscard]] std::optional<Entry> find(std::string_view name) const;
  /// The file's name inside the folder, or the index's; for messages.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Sorted.
  [[nodiscard]] std::vector<std::string_view> names() const;

 private:
  Checkpoint() = default;
  void open_shards(const std::filesystem::path& folder, const SafetensorsOptions& options);

  std::string name_;
  std::vector<Safetensors> files_;
};

}  // namespace attend
