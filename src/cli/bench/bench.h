// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Times a model on shapes: every call alone, its results summed outside of the time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "attend/core/parallel.h"
#include "attend/model/model.h"
#include "cli/bench/generation.h"
#include "cli/bench/shape.h"

namespace attend::cli::bench {

struct Plan {
  std::filesystem::path folder;
  ComputeType compute = ComputeType::f32;
  KvType kv_type = KvType::computed;
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  PackedWeights packed = PackedWeights::if_present;
  std::filesystem::path packed_file;
  /// One, or any number of GenerationShapes; none: those that are usual for a model that generates.
  std::vector<NamedShape> shapes;
  std::string texts;  ///< the file of a TextShape
  std::int64_t rounds = 1;
  std::int64_t first_round = 0;
};

/// What one shape takes.
struct ShapeTimes {
  NamedShape shape;
  std::vector<double> milliseconds = {};        ///< of every round
  std::vector<double> first_milliseconds = {};  ///< of a GenerationShape: Round::first_milliseconds
  double checksum = 0;                          ///< the sum of all outputs of all rounds
  /// Of the first round: the mean of row 0's last hidden states, the scores of all texts, or row
  /// 0's new ids.
  std::vector<float> output = {};
  std::optional<GenerationCost> cost = {};  ///< of a GenerationShape
};

struct Measured {
  std::vector<ShapeTimes> shapes;
  double load_milliseconds = 0;  ///< from files to a model that is ready
  double peak_rss_mib = 0;       ///< the most memory that the process had until then
};

/// Loads the model, and for each shape runs some rounds for nothing, then times those of the plan.
/// Generation warms up with the first tokens of its prompts.
/// Throws: FileError (the model, the file of texts), Error.
[[nodiscard]] Measured measure(const Plan& plan, ThreadPool& pool);

}  // namespace attend::cli::bench
