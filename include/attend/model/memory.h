// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a model takes of the machine's memory, before it takes it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "attend/core/shape.h"

namespace attend {

/// A batch as far as its memory is concerned: the tokens of each sequence.
struct BatchShape {
  std::vector<Index> lengths;

  BatchShape(Index sequences, Index tokens)
      : lengths(static_cast<std::size_t>(std::max<Index>(0, sequences)), tokens) {}
  explicit BatchShape(std::vector<Index> tokens) : lengths(std::move(tokens)) {}
};

/// A step of decoding as far as its memory is concerned.
struct StepShape {
  BatchShape tokens;               ///< that are new
  std::vector<Index> before = {};  ///< tokens of each sequence that are in the cache; empty: none
  std::vector<Index> memory = {};  ///< rows of the memory of each; empty: there is no encoder
};

/// Units: bytes. Of the model alone: tokenizer, texts and the program come on top.
struct MemoryEstimate {
  std::uint64_t packed = 0;  ///< weights as the kernels read them
  /// What stays in use of the files: embedding tables where they are mapped, of which those pages
  /// count that were read, and what a file of packed weights has; with LoadMode::read all of the
  /// files.
  std::uint64_t stored = 0;
  std::uint64_t loading = 0;    ///< at most while weights are packed
  std::uint64_t workspace = 0;  ///< at most in one pass; every further Workspace takes it again
  std::uint64_t cache = 0;      ///< of a step: KvCache::bytes_for() its sequences
  /// Tokens that a sequence may have (Model::max_tokens()), where there is a limit.
  std::optional<Index> max_tokens = {};

  /// When the model is loaded and nothing runs.
  [[nodiscard]] std::uint64_t idle() const noexcept { return packed + stored; }
  /// At most, from loading to the end of a pass.
  [[nodiscard]] std::uint64_t peak() const noexcept {
    return std::max(loading, idle() + workspace + cache);
  }
};

}  // namespace attend
