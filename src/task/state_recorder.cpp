// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Copies of rows; nothing is computed before there is room for it.
#include "task/state_recorder.h"

#include <algorithm>
#include <string>

#include "attend/core/error.h"

namespace attend {

namespace {

// As a stack has them.
struct Sizes {
  std::uint64_t layers;
  std::uint64_t heads;
  std::uint64_t width;
  std::uint64_t last_width;
};

Sizes sizes_of(const Model& model, StackKind stack) {
  const ModelConfig& config = model.config();
  const bool is_second = model.has_decoder() && stack == StackKind::decoder;
  return {.layers = static_cast<std::uint64_t>(is_second ? config.decoder_layers : config.layers),
          .heads = static_cast<std::uint64_t>(
              is_second && config.decoder_heads > 0 ? config.decoder_heads : config.heads),
          .width = static_cast<std::uint64_t>(config.hidden_size),
          .last_width = static_cast<std::uint64_t>(config.last_size())};
}

// Rows of one head behind those of another, some of them at a time.
void copy_weights(const AttentionWeights& weights, Index queries,
                  std::vector<std::vector<float>>& to) {
  const Index keys = weights.weights.cols;
  if (weights.first == 0) {
    to.emplace_back(static_cast<std::size_t>(weights.heads * queries * keys));
  }
  const Index count = weights.weights.rows / weights.heads;
  for (Index row = 0; row < weights.weights.rows; ++row) {
    const Index place = row / count * queries + weights.first + row % count;
    const auto from = weights.weights.row(row);
    std::copy(from.begin(), from.end(), to.back().begin() + place * keys);
  }
}

}  // namespace

// Lengths and sizes are below limits whose products are far from 2^64.
void StateRecorder::take_room(StackKind stack, std::span<RowStates* const> rows) {
  const Sizes sizes = sizes_of(model_, stack);
  std::uint64_t values = 0;
  for (const RowStates* row : rows) {
    const auto tokens = static_cast<std::uint64_t>(row->tokens);
    if (wanted_.hidden_states) {
      values += tokens * (sizes.layers * sizes.width + sizes.last_width);
    }
    if (wanted_.attentions) {
      const auto keys = static_cast<std::uint64_t>(row->keys + row->memory_keys);
      values += tokens * keys * sizes.layers * sizes.heads;
    }
  }
  if (values > left_ / sizeof(float)) {
    fail(ErrorKind::resource_limit,
         {.where = "generate",
          .what = "hidden states and attentions of a call",
          .expected = "at most " + std::to_string(wanted_.max_bytes) + " bytes",
          .found = "more",
          .file = {},
          .hint = "GenerationOptions::max_output_bytes; shorter texts have fewer"});
  }
  left_ -= values * sizeof(float);
  taken_ += values * sizeof(float);
}

PassObserver StateRecorder::observer(StackKind stack, std::span<RowStates* const> rows,
                                     std::span<const Index> starts) {
  if (!is_on()) return {};
  take_room(stack, rows);
  PassObserver out;
  if (wanted_.hidden_states) {
    out.hidden_states = [rows, starts](const HiddenState& state) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        auto& copy = rows[i]->hidden_states.emplace_back();
        for (Index row = starts[i]; row < starts[i + 1]; ++row) {
          const auto from = state.states.row(row);
          copy.insert(copy.end(), from.begin(), from.end());
        }
      }
    };
  }
  if (wanted_.attentions) {
    out.attentions = [rows](const AttentionWeights& weights) {
      RowStates& row = *rows[static_cast<std::size_t>(weights.sequence)];
      switch (weights.keys) {
        case KeysOf::own: return copy_weights(weights, row.tokens, row.attentions);
        case KeysOf::memory: return copy_weights(weights, row.tokens, row.cross_attentions);
      }
    };
  }
  return out;
}

}  // namespace attend
