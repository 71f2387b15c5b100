// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Scores, hidden states and attentions of `attend run generate`, as transformers names and nests
// them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "attend/core/error.h"
#include "attend/task/generation.h"
#include "cli/json_writer.h"

namespace attend::cli {

/// The rows of input_ids.
struct GenerateRows {
  std::size_t count = 0;
  bool have_padding = false;
};

class GenerateOutputs {
 public:
  /// What a call asks for. Throws: unsupported for rows and texts of which there are several that
  /// are no beams: those of the reference go on with padding until the last one ends; for hidden
  /// states and attentions of padding, which the reference has.
  GenerateOutputs(const GenerationConfig& config, const GenerateRows& rows);

  /// For GenerationOptions::max_output_bytes: of what was computed, which is written once a row.
  [[nodiscard]] std::uint64_t max_bytes() const noexcept {
    return (std::uint64_t{1} << 26) / rows_;
  }
  /// An Error of the call: what it says of a limit is said of these.
  [[nodiscard]] Error in_words_of_request(const Error& error) const;
  [[nodiscard]] bool any() const noexcept { return scores_ || logits_ || hidden_ || attentions_; }
  /// Members of an object that is open: lists of steps, or of layers where an encoder's.
  void write(JsonWriter& writer, const Generation& generation, bool has_encoder) const;

 private:
  bool scores_;
  bool logits_;
  bool hidden_;
  bool attentions_;
  std::size_t rows_;  // of a step
};

}  // namespace attend::cli
