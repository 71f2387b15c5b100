// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reading, changing and writing model folders.
#include "support/edited_model.h"

#include <cstring>

#include "attend/checkpoint/safetensors.h"
#include "support/json.h"

namespace attend::test {
namespace fs = std::filesystem;

std::vector<float> EditedTensor::values() const {
  std::vector<float> out(static_cast<std::size_t>(shape.count()));
  to_float(dtype, bytes.data(), out);
  return out;
}

void EditedTensor::set_values(const std::vector<float>& values) {
  dtype = DType::f32;
  bytes.resize(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
}

EditedModel::EditedModel(const fs::path& folder) : config_(read_file(folder / "config.json")) {
  const auto file = Safetensors::open(folder / "model.safetensors");
  for (const auto& [name, tensor] : file.tensors()) {
    tensors[name] = {tensor.dtype, tensor.shape,
                     std::vector<std::byte>(tensor.bytes, tensor.bytes + tensor.size_bytes())};
  }
}

void EditedModel::set_config(std::string_view key, std::string_view json) {
  auto config = json_of(config_);
  config[std::string(key)] = json_of(json);
  config_ = config.dump();
}

void EditedModel::write(const std::string& file, const std::vector<std::string>& names) const {
  std::map<std::string, TensorRef, std::less<>> refs;
  for (const std::string& name : names) {
    const EditedTensor& tensor = tensors.at(name);
    refs[name] = {tensor.dtype, tensor.shape, tensor.bytes.data()};
  }
  write_safetensors(folder_.path() / file, refs, {{"format", "pt"}});
}

const fs::path& EditedModel::save() {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  write("model.safetensors", names);
  write_file(folder_.path() / "config.json", config_);
  return folder_.path();
}

const fs::path& EditedModel::save_sharded(int shards) {
  std::vector<std::vector<std::string>> names(static_cast<std::size_t>(shards));
  std::size_t next = 0;
  for (const auto& [name, tensor] : tensors) names[next++ % names.size()].push_back(name);
  Json index{{"metadata", {{"total_size", 0}}}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string file = "model-" + std::to_string(i + 1) + ".safetensors";
    for (const std::string& name : names[i]) index["weight_map"][name] = file;
    write(file, names[i]);
  }
  write_file(folder_.path() / "model.safetensors.index.json", index.dump());
  write_file(folder_.path() / "config.json", config_);
  return folder_.path();
}

}  // namespace attend::test
