// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a sentence-transformers folder says stands around its transformer, as data.
// Read by sentence_modules_json.cpp, run by sentence_embedding.cpp.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "attend/ops/linear.h"
#include "attend/ops/pooling.h"

namespace attend {

/// Rows of a text to one vector; several poolings stand side by side.
struct PoolingModule {
  std::vector<Pooling> poolings = {Pooling::mean};
  bool include_prompt = true;  ///< false: rows of the prompt are left out
};

/// activation(x W^T + b).
struct DenseModule {
  std::filesystem::path folder;  ///< of its weights
  Index in_features = 0;
  Index out_features = 0;
  bool has_bias = true;
  Activation activation = Activation::tanh;
};

/// x / max(|x|, 1e-12).
struct NormalizeModule {};

/// What follows the pooling, in order.
using VectorModule = std::variant<DenseModule, NormalizeModule>;

/// A folder's files, read and checked; weights are not loaded.
struct SentenceModules {
  std::filesystem::path transformer;  ///< the model folder
  std::optional<Index> max_seq_length;
  bool do_lower_case = false;
  PoolingModule pooling;
  std::vector<VectorModule> after;
  std::map<std::string, std::string> prompts = {{"query", ""}, {"document", ""}};
  std::optional<std::string> default_prompt_name;
  std::optional<Index> truncate_dim;
};

/// Reads modules.json and what it names; a folder without it is a transformer with mean pooling.
/// Throws: file_not_found, invalid_format, config_error, unsupported (names the module).
/// Source: sentence-transformers 5.7 base/model.py and the modules' load().
[[nodiscard]] SentenceModules read_sentence_modules(const std::filesystem::path& folder);

}  // namespace attend
