// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Copies of rows; nothing is allocated before its size was checked.
#include "task/state_recorder.h"

#include <string>

#include "attend/core/error.h"

namespace attend {

void StateRecorder::record(std::vector<std::vector<float>>& to, MatrixView<const float> values) {
  const auto count =
      static_cast<std::uint64_t>(values.rows) * static_cast<std::uint64_t>(values.cols);
  if (count > left_ / sizeof(float)) {
    fail(ErrorKind::resource_limit,
         {.where = "generate",
          .what = "hidden states and attentions of a call",
          .expected = "at most " + std::to_string(wanted_.max_bytes) + " bytes",
          .found = "more",
          .file = {},
          .hint = "GenerationOptions::max_output_bytes; shorter texts have fewer"});
  }
  left_ -= count * sizeof(float);
  auto& copy = to.emplace_back();
  copy.reserve(static_cast<std::size_t>(count));
  for (Index i = 0; i < values.rows; ++i) {
    const auto row = values.row(i);
    copy.insert(copy.end(), row.begin(), row.end());
  }
}

PassObserver StateRecorder::observer(std::span<RowStates* const> rows,
                                     std::span<const Index> starts) {
  PassObserver out;
  if (wanted_.hidden_states) {
    out.hidden_states = [this, rows, starts](const HiddenState& state) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        record(rows[i]->hidden_states,
               state.states.row_range(starts[i], starts[i + 1] - starts[i]));
      }
    };
  }
  if (wanted_.attentions) {
    out.attentions = [this, rows](const AttentionWeights& weights) {
      RowStates& row = *rows[static_cast<std::size_t>(weights.sequence)];
      switch (weights.keys) {
        case KeysOf::own:
          record(row.attentions, weights.weights);
          row.keys = weights.weights.cols;
          break;
        case KeysOf::memory:
          record(row.cross_attentions, weights.weights);
          row.memory_keys = weights.weights.cols;
          break;
      }
    };
  }
  return out;
}

}  // namespace attend
