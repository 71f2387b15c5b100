// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What `attend info --model` tells: the memory that a model takes, before it takes it.
#pragma once

#include <filesystem>
#include <ostream>
#include <vector>

#include "attend/model/memory.h"

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

  /// Throws: as estimate_memory().
  explicit ModelMemory(std::filesystem::path model);
};

/// For people.
void print(std::ostream& out, const ModelMemory& memory);
/// One JSON object.
void write(std::ostream& out, const ModelMemory& memory);

}  // namespace attend::cli
