// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What stands behind a Pipeline: one task's class in the facade's shape, and the table that names
// them all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "attend/pipeline/pipeline.h"

namespace attend {

using Predictions = std::vector<Prediction>;

/// A loaded task. One of the three is there: what a task makes decides which.
struct LoadedTask {
  std::function<std::vector<Outcome<Predictions>>(
      std::span<const std::string_view> texts, const CallOptions& options, const RunOptions& run)>
      predict = {};
  std::optional<FeatureExtraction> features = {};
  std::optional<SentenceEmbedding> embed = {};
};

/// The fields of CallOptions, as bits.
enum class CallField : std::uint16_t {
  top_k = 1U << 0U,
  truncation = 1U << 1U,
  aggregation_strategy = 1U << 2U,
  labels = 1U << 3U,
  hypothesis_template = 1U << 4U,
  multi_label = 1U << 5U,
  question = 1U << 6U,
  context = 1U << 7U,
  max_answer_len = 1U << 8U,
  handle_impossible_answer = 1U << 9U,
  targets = 1U << 10U,
  query = 1U << 11U,
  generation = 1U << 12U,
  seed = 1U << 13U,
  src_lang = 1U << 14U,
  tgt_lang = 1U << 15U,
};

/// A row of the table.
struct TaskEntry {
  TaskInfo info;
  std::uint16_t accepts;  ///< CallField bits
  /// `name` is what the task was asked for by: "translation_en_to_de".
  LoadedTask (*load)(const std::filesystem::path& folder, const ModelOptions& how,
                     std::string_view name);
};

/// Throws: config_error that lists the known names.
[[nodiscard]] const TaskEntry& find_entry(std::string_view name);

/// Throws: config_error that names an option which the task does not take, and those that it does.
void check_options(const TaskEntry& task, const CallOptions& options);

}  // namespace attend
