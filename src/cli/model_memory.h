// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What `attend info --model` tells: the memory that a model takes, before it takes it.
#pragma once

#include <filesystem>
#include <ostream>
#include <vector>

#include "attend/model/model.h"

namespace attend::cli {

/// A model's memory for some sample batches.
struct ModelMemory {
  struct Sample {
    Index sequences;
    Index tokens;
    MemoryEstimate memory;
  };

  std::filesystem::path folder;
  int threads = 0;
  std::vector<Sample> samples;

  /// Batches of a short text, or of the longest that the model takes where that is shorter.
  /// Throws: as estimate_memory().
  ModelMemory(std::filesystem::path model, const ModelOptions& options);
};

/// For people.
void print(std::ostream& out, const ModelMemory& memory);
/// One JSON object.
void write(std::ostream& out, const ModelMemory& memory);

}  // namespace attend::cli
