// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The weights of a model folder, one file or an indexed set of shards, behind one look-up by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "attend/checkpoint/safetensors.h"
#include "attend/checkpoint/torch_file.h"
#include "attend/core/export.h"
#include "attend/core/tensor.h"

namespace attend {

/// The tensors of a model folder. Keeps the files mapped as long as it lives.
class ATTEND_EXPORT Checkpoint {
 public:
  /// Opens `folder`/model.safetensors, else the shards of model.safetensors.index.json, else
  /// pytorch_model.bin, else the shards of pytorch_model.bin.index.json: what transformers takes.
  /// Shards may be links inside a Hugging Face cache, but never lead out of it. Of the options
  /// `mode` and `max_tensors` are for files of PyTorch, too.
  /// Throws: file_not_found, access_denied, invalid_format, unsupported, resource_limit.
  [[nodiscard]] static std::shared_ptr<const Checkpoint> open(
      const std::filesystem::path& folder, const SafetensorsOptions& options = {});

  /// What `file` is to the checkpoint of `folder`, be it through links: the name of one of its
  /// files, or a name that open() looks for there. Nothing when it is neither. Throws: as open().
  [[nodiscard]] static std::optional<std::string> part_of(const std::filesystem::path& folder,
                                                          const std::filesystem::path& file);

  struct Entry {
    TensorRef tensor;
    std::string file;  ///< for messages: the file's name inside the folder
  };
  [[nodiscard]] std::optional<Entry> find(std::string_view name) const;
  /// The file's name inside the folder, or the index's; for messages.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Of all files, mapped or read.
  [[nodiscard]] std::uint64_t file_bytes() const noexcept;
  /// Of tensors that were copied because they do not lie in their file row by row.
  [[nodiscard]] std::uint64_t copied_bytes() const noexcept;
  /// MappedFile::release() of the file that has these bytes, if one has; of all bytes of all files.
  void release(std::span<const std::byte> bytes) const noexcept;
  void release() const noexcept;
  /// Sorted.
  [[nodiscard]] std::vector<std::string_view> names() const;

 private:
  Checkpoint() = default;
  using File = std::variant<Safetensors, TorchFile>;
  [[nodiscard]] static File open_file(const std::filesystem::path& file,
                                      const SafetensorsOptions& options);
  void open_shards(const std::filesystem::path& folder, const SafetensorsOptions& options);

  std::string name_;
  std::vector<File> files_;
};

}  // namespace attend
