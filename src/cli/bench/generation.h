// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A model that generates by shapes, and what its steps read and compute at least.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "attend/core/parallel.h"
#include "attend/model/model.h"
#include "attend/task/generation_config.h"
#include "cli/bench/round.h"
#include "cli/bench/shape.h"

namespace attend::cli::bench {

/// Counted from the sizes of a model, not measured.
struct GenerationCost {
  /// Bytes that a step in the middle of the new tokens reads: packed weights, other than those that
  /// run once for a text of the encoder, and keys and values of every row, as far as windows go.
  double step_bytes = 0;
  /// Operations until the first new token: two of every weight and row that a product multiplies,
  /// and attention. Heads score the last row of each prompt.
  double first_operations = 0;
};

[[nodiscard]] GenerationCost cost_of(const Model& model, const GenerationShape& shape);

/// Texts have their lengths, whatever the model would say.
class GeneratingModel {
 public:
  /// Throws: config_error, before weights are read, where the folder's model does not generate; as
  /// load_model() and read_generation_defaults().
  GeneratingModel(const std::filesystem::path& folder, ModelOptions options, ThreadPool& pool);

  [[nodiscard]] const Model& model() const noexcept { return model_; }
  /// Prompts of 128 and 512 tokens, 64 new ones after 8 and after 900; of an encoder and a decoder
  /// 128 tokens to 32, with 4 beams, too. Those that are not too long for the model, or else the
  /// least one, or none.
  [[nodiscard]] std::vector<NamedShape> usual_shapes() const;
  static constexpr std::string_view least_name = "gen:1x16+16";
  /// From prompts to new tokens, all rows at once.
  [[nodiscard]] Round run(const GenerationShape& shape, std::int64_t number) const;

 private:
  Model model_;
  GenerationConfig tokens_;  // the special ones
  ThreadPool& pool_;
};

}  // namespace attend::cli::bench
