// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What one timed call runs: `--shape`, and the token ids that stand for a text of that shape. The
// rule of the ids is simple, so that other programs can time the same work.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "attend/batch/batch.h"

namespace attend::cli::bench {

/// Token ids by rule: the length of every row ("8x128", "ragged32").
struct TokenShape {
  std::vector<Index> lengths;
};

/// The first lines of a file, so many a batch ("texts:512/32").
struct TextShape {
  Index count;
  Index batch_size;
};

/// Prompts by the same rule, and what is generated for each ("gen:8x128+32/4", "prefill:1x128").
struct GenerationShape {
  TokenShape prompts;
  Index new_tokens = 1;
  Index beams = 1;
};

using Shape = std::variant<TokenShape, TextShape, GenerationShape>;

/// Throws: config_error (no shape, or a size beyond any use).
[[nodiscard]] Shape read_shape(const std::string& text);

/// A shape, and how it is written.
struct NamedShape {
  std::string name;
  Shape shape;
};
[[nodiscard]] inline NamedShape named_shape(const std::string& text) {
  return {text, read_shape(text)};
}

/// The rows of a round: id = 1000 + (7919 position + 104729 row + 15485863 round) mod
/// (vocabulary - 2000), no special tokens, nothing masked.
/// Throws: unsupported (a vocabulary of 2000 tokens or fewer).
[[nodiscard]] Batch token_batch(const TokenShape& shape, std::int64_t round, Index vocabulary);

}  // namespace attend::cli::bench
