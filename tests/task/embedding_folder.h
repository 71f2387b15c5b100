// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Copies of a golden sentence-transformers folder whose files a test may replace.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/checkpoint/safetensors.h"
#include "attend/task/sentence_embedding.h"
#include "support/golden.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::test {

inline constexpr Index golden_width = 32;  // of the folder's hidden states

class EmbeddingFolder {
 public:
  explicit EmbeddingFolder(std::string_view source = "bert-sentence-embeddings-mean") {
    std::filesystem::copy(golden(source), path(),
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
  }

  void write(const std::string& file, std::string_view text) const {
    write_file(path() / file, text);
  }
  /// modules.json from {"Pooling", "1_Pooling"} ...
  void modules(const std::vector<std::pair<std::string, std::string>>& types_and_paths) const {
    Json list = Json::array();
    for (const auto& [type, module] : types_and_paths) {
      list.push_back({{"type", "sentence_transformers.models." + type}, {"path", module}});
    }
    write("modules.json", list.dump());
  }
  /// A Transformer, a Pooling with this config, and no more.
  void pooling(std::string_view config) const {
    modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}});
    write("1_Pooling/config.json", config);
  }
  /// The weights of a module, float32 by name and shape.
  void weights(const std::string& module,
               const std::map<std::string, std::pair<Shape, std::vector<float>>>& tensors) const {
    std::map<std::string, TensorRef, std::less<>> refs;
    for (const auto& [name, tensor] : tensors) {
      refs[name] = {DType::f32, tensor.first,
                    reinterpret_cast<const std::byte*>(tensor.second.data())};
    }
    std::filesystem::create_directories(path() / module);
    write_safetensors(path() / module / "model.safetensors", refs);
  }
  /// Changes one key of a JSON file of an object.
  void set(const std::string& file, const std::string& key, const Json& value) const {
    Json json = std::filesystem::exists(path() / file) ? read_json_file(path() / file) : Json();
    json[key] = value;
    write(file, json.dump());
  }

  [[nodiscard]] SentenceEmbedding load() const { return SentenceEmbedding::load(path()); }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace attend::test
