// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reading, changing and writing model folders.
#include "support/edited_model.h"

#include <cstring>

#include "attend/checkpoint/checkpoint.h"
#include "attend/checkpoint/safetensors.h"
#include "support/json.h"
#include "support/torch_bytes.h"

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
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
}

EditedModel::EditedModel(const fs::path& folder) : config_(read_file(folder / "config.json")) {
  const auto checkpoint = Checkpoint::open(folder);
  for (const std::string_view name : checkpoint->names()) {
    const TensorRef tensor = checkpoint->find(name)->tensor;
    tensors[std::string(name)] = {
        tensor.dtype, tensor.shape,
        std::vector<std::byte>(tensor.bytes, tensor.bytes + tensor.size_bytes())};
  }
}

void EditedModel::set_config(std::string_view key, std::string_view json) {
  auto config = json_of(config_);
  config[std::string(key)] = json_of(json);
  config_ = config.dump();
}

void EditedModel::write(const std::string& file, const std::vector<std::string>& names) const {
  std::vector<std::pair<std::string, TensorRef>> refs;
  for (const std::string& name : names) {
    const EditedTensor& tensor = tensors.at(name);
    refs.emplace_back(name, TensorRef{tensor.dtype, tensor.shape, tensor.bytes.data()});
  }
  const fs::path path = folder_.path() / file;
  if (path.extension() == ".bin") return write_file(path, torch_file(refs));
  write_safetensors(path, {refs.begin(), refs.end()}, {{"format", "pt"}});
}

void EditedModel::write_all(const std::string& file) const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  write(file, names);
  write_file(folder_.path() / "config.json", config_);
}

void EditedModel::write_shards(int shards, const std::string& stem,
                               const std::string& extension) const {
  std::vector<std::vector<std::string>> names(static_cast<std::size_t>(shards));
  std::size_t next = 0;
  for (const auto& [name, tensor] : tensors) names[next++ % names.size()].push_back(name);
  Json index{{"metadata", {{"total_size", 0}}}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string file = stem + "-" + std::to_string(i + 1) + extension;
    for (const std::string& name : names[i]) index["weight_map"][name] = file;
    write(file, names[i]);
  }
  write_file(folder_.path() / (stem + extension + ".index.json"), index.dump());
  write_file(folder_.path() / "config.json", config_);
}

const fs::path& EditedModel::save() {
  write_all("model.safetensors");
  return folder_.path();
}

const fs::path& EditedModel::save_sharded(int shards) {
  write_shards(shards, "model", ".safetensors");
  return folder_.path();
}

const fs::path& EditedModel::save_torch() {
  write_all("pytorch_model.bin");
  return folder_.path();
}

const fs::path& EditedModel::save_torch_sharded(int shards) {
  write_shards(shards, "pytorch_model", ".bin");
  return folder_.path();
}

}  // namespace attend::test
