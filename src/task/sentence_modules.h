// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a sentence-transformers folder says stands around its transformer, as data.
// Read by sentence_modules_json.cpp, run by sentence_steps.cpp.
#pragma once

#include <filesystem>
#include <optional>
#include <variant>
#include <vector>

#include "attend/ops/pooling.h"
#include "attend/task/similarity.h"
#include "task/sentence_files.h"

namespace attend {

/// Rows of a text to one vector; several poolings stand side by side.
struct PoolingModule {
  std::filesystem::path folder = {};
  std::vector<Pooling> poolings = {Pooling::mean};
  std::optional<Index> dimension = {};  ///< of the rows, where the file says it
  bool include_prompt = true;           ///< false: rows of the prompt are left out
};

/// activation(x W^T + b).
struct DenseModule {
  std::filesystem::path folder;  ///< of its weights
  Index in_features = 0;
  Index out_features = 0;
  bool has_bias = true;
  Activation activation = Activation::tanh;
};

/// (x - mean) / sqrt(variance + 1e-5) * weight + bias.
struct LayerNormModule {
  std::filesystem::path folder;  ///< of its weights
  Index dimension = 0;
};

/// x / max(|x|, 1e-12).
struct NormalizeModule {};

/// What follows the pooling, in order.
using VectorModule = std::variant<DenseModule, LayerNormModule, NormalizeModule>;

/// A folder's files, read and checked; weights are not loaded.
struct SentenceModules {
  TransformerModule transformer;
  PoolingModule pooling;
  std::vector<VectorModule> after;
  Prompts prompts = {.texts = {{"query", ""}, {"document", ""}}, .default_name = {}};
  std::optional<Index> truncate_dim;
  Similarity similarity = Similarity::cosine;
};

/// Reads modules.json and what it names; a folder without it is a transformer with mean pooling, or
/// the last token's row of a causal language model.
/// Throws: file_not_found, invalid_format, config_error, unsupported (names the module).
/// Source: sentence-transformers 5.7 base/model.py, sentence_transformer/model.py and the modules'
/// load().
[[nodiscard]] SentenceModules read_sentence_modules(const std::filesystem::path& folder);

}  // namespace attend
