// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A copy of a model folder whose tensors and config a test may change before it is loaded.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "attend/core/dtype.h"
#include "attend/core/shape.h"
#include "support/paths.h"

namespace attend::test {

struct EditedTensor {
  DType dtype = DType::f32;
  Shape shape;
  std::vector<std::byte> bytes;

  /// The values, widened.
  [[nodiscard]] std::vector<float> values() const;
  /// The same shape in F32.
  void set_values(const std::vector<float>& values);
};

/// Read from a folder with one model.safetensors; written to a temporary folder by save().
class EditedModel {
 public:
  explicit EditedModel(const std::filesystem::path& folder);

  std::map<std::string, EditedTensor> tensors;
  /// Sets one key of config.json; `json` is its value as JSON text.
  void set_config(std::string_view key, std::string_view json);

  /// Writes config.json and model.safetensors and returns the folder.
  [[nodiscard]] const std::filesystem::path& save();
  /// The same with the tensors spread over `shards` files and their index.
  [[nodiscard]] const std::filesystem::path& save_sharded(int shards);
  /// As save() and save_sharded(), in the form of PyTorch: pytorch_model.bin.
  [[nodiscard]] const std::filesystem::path& save_torch();
  [[nodiscard]] const std::filesystem::path& save_torch_sharded(int shards);

 private:
  /// The extension of the file says in which form.
  void write(const std::string& file, const std::vector<std::string>& names) const;
  void write_all(const std::string& file) const;
  /// Files are STEM-1EXTENSION ...; the index is STEM + EXTENSION + ".index.json".
  void write_shards(int shards, const std::string& stem, const std::string& extension) const;
  std::string config_;
  TemporaryFolder folder_;
};

}  // namespace attend::test
