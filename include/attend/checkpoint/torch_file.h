// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// One file of torch.save (pytorch_model.bin): a zip archive of storages, and a pickle that says
// which tensors lie in them. The pickle is read as data; nothing in it is ever run.
// Source: PyTorch 2.6, torch/serialization.py and torch/_weights_only_unpickler.py.
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
#include <vector>

#include "attend/checkpoint/mapped_file.h"
#include "attend/core/export.h"
#include "attend/core/tensor.h"

namespace attend {

struct TorchFileOptions {
  LoadMode mode = LoadMode::map;
  std::uint64_t max_tensors = 1'000'000;
};

/// The tensors of a state dict. Those that lie in the file row by row are views of it; others
/// (transposed ones) are copied, which takes at most as much memory as the file is large. Entries
/// of the dict that are a number, a text or None are passed over: a model that needs such a name
/// finds no tensor. Movable; views stay valid as long as the object that holds the bytes.
class ATTEND_EXPORT TorchFile {
 public:
  /// Throws: file_not_found, access_denied, invalid_format; unsupported (written before PyTorch
  /// 1.6, compressed, of other byte order, anything but a dict of tensors, a global or an opcode
  /// that tensors do not need, a type that this library does not know), resource_limit.
  [[nodiscard]] static TorchFile open(const std::filesystem::path& file,
                                      const TorchFileOptions& options = {});
  /// The same over bytes in memory, which must outlive the result; `name` is for messages.
  [[nodiscard]] static TorchFile parse(std::span<const std::byte> bytes, std::string name,
                                       const TorchFileOptions& options = {});

  [[nodiscard]] std::optional<TensorRef> find(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, TensorRef, std::less<>>& tensors() const noexcept {
    return tensors_;
  }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Null where the bytes were given.
  [[nodiscard]] const MappedFile* file() const noexcept { return file_.get(); }
  [[nodiscard]] std::span<const Tensor> copies() const noexcept { return copies_; }

 private:
  TorchFile() = default;
  std::shared_ptr<const MappedFile> file_;
  std::string name_;
  std::map<std::string, TensorRef, std::less<>> tensors_;
  std::vector<Tensor> copies_;
};

}  // namespace attend
