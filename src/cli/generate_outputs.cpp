// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Source: transformers 4.57 generation/utils.py, GenerateDecoderOnlyOutput and its kin.
#include "cli/generate_outputs.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attend/core/error.h"

namespace attend::cli {
namespace {

using Layers = std::vector<std::vector<float>>;
using Steps = std::vector<std::vector<RowStates>>;

// Processors give scores that JSON has no numbers for.
void write_number(JsonWriter& writer, float value) {
  if (!std::isinf(value)) return writer.number(value);
  writer.string(value > 0 ? "inf" : "-inf");
}

// Rows of a matrix as lists. Shapes: values [.., cols].
void write_rows(JsonWriter& writer, std::span<const float> values, std::size_t cols) {
  writer.begin_array();
  for (std::size_t at = 0; at < values.size(); at += cols) {
    writer.array(values.subspan(at, cols), [&](float value) { write_number(writer, value); });
  }
  writer.end_array();
}

void write_scores(JsonWriter& writer, const std::vector<StepScores>& steps) {
  writer.array(steps, [&](const StepScores& step) {
    write_rows(writer, step.values, step.values.size() / static_cast<std::size_t>(step.rows));
  });
}

// Shapes: [t, m].
void write_hidden(JsonWriter& writer, const RowStates& row, std::size_t layer) {
  const std::span<const float> values = row.hidden_states[layer];
  write_rows(writer, values, values.size() / static_cast<std::size_t>(row.tokens));
}

// Shapes: [h, t, s].
void write_weights(JsonWriter& writer, const RowStates& row, std::span<const float> values,
                   Index keys) {
  const auto head = static_cast<std::size_t>(row.tokens * keys);
  writer.begin_array();
  for (std::size_t at = 0; at < values.size(); at += head) {
    write_rows(writer, values.subspan(at, head), static_cast<std::size_t>(keys));
  }
  writer.end_array();
}

void write_attentions(JsonWriter& writer, const RowStates& row, std::size_t layer) {
  write_weights(writer, row, row.attentions[layer], row.keys);
}

void write_cross(JsonWriter& writer, const RowStates& row, std::size_t layer) {
  write_weights(writer, row, row.cross_attentions[layer], row.memory_keys);
}

using WriteLayer = void (*)(JsonWriter&, const RowStates&, std::size_t);

// By layer, a list of rows each. Of the first step one row stands for all.
void write_layers(JsonWriter& writer, std::span<const RowStates> rows, std::size_t count,
                  Layers RowStates::*layers, WriteLayer write) {
  writer.begin_array();
  for (std::size_t layer = 0; layer < (rows.front().*layers).size(); ++layer) {
    writer.begin_array();
    for (std::size_t i = 0; i < count; ++i) write(writer, rows[rows.size() == 1 ? 0 : i], layer);
    writer.end_array();
  }
  writer.end_array();
}

}  // namespace

GenerateOutputs::GenerateOutputs(const GenerationConfig& config, const GenerateRows& rows)
    : scores_(config.output_scores.value_or(false)),
      logits_(config.output_logits.value_or(false)),
      hidden_(config.output_hidden_states.value_or(false)),
      attentions_(config.output_attentions.value_or(false)),
      rows_(static_cast<std::size_t>(std::max<Index>(1, config.num_beams.value_or(1)))) {
  const Index drawn = rows_ == 1 ? config.num_return_sequences.value_or(1) : 1;
  if (any() && (rows.count != 1 || drawn > 1)) {
    fail(ErrorKind::unsupported, {.where = "generate",
                                  .what = "outputs besides sequences",
                                  .expected = "one row of input_ids, and one sequence or beams",
                                  .found = rows.count == 1 ? std::to_string(drawn) + " sequences"
                                                           : std::to_string(rows.count) + " rows"});
  }
  if ((hidden_ || attentions_) && rows.have_padding) {
    fail(ErrorKind::unsupported, {.where = "generate",
                                  .what = "hidden states and attentions",
                                  .expected = "input_ids without padding",
                                  .found = "padding",
                                  .hint = "leave it and attention_mask out"});
  }
}

Error GenerateOutputs::in_words_of_request(const Error& error) const {
  if (error.kind() != ErrorKind::resource_limit || !any()) return error;
  ErrorDetail detail = error.detail();
  detail.hint = "fewer outputs, beams and tokens take less";
  return {error.kind(), std::move(detail)};
}

void GenerateOutputs::write(JsonWriter& writer, const Generation& generation,
                            bool has_encoder) const {
  if (scores_) {
    writer.key("scores");
    write_scores(writer, generation.scores.front());
  }
  if (logits_) {
    writer.key("logits");
    write_scores(writer, generation.logits.front());
  }
  if (!hidden_ && !attentions_) return;
  const Steps& steps = generation.states.front();
  const RowStates& encoder = generation.encoder_states;
  if (attentions_ && has_encoder) {
    writer.key("encoder_attentions");
    write_layers(writer, {&encoder, 1}, 1, &RowStates::attentions, write_attentions);
  }
  if (hidden_ && has_encoder) {
    writer.key("encoder_hidden_states");
    write_layers(writer, {&encoder, 1}, 1, &RowStates::hidden_states, write_hidden);
  }
  const auto write_steps = [&](std::string_view key, Layers RowStates::*layers, WriteLayer write) {
    writer.key(key);
    writer.array(steps, [&](const std::vector<RowStates>& step) {
      write_layers(writer, step, rows_, layers, write);
    });
  };
  if (attentions_) {
    write_steps(has_encoder ? "decoder_attentions" : "attentions", &RowStates::attentions,
                write_attentions);
  }
  if (attentions_ && has_encoder) {
    write_steps("cross_attentions", &RowStates::cross_attentions, write_cross);
  }
  if (hidden_) {
    write_steps(has_encoder ? "decoder_hidden_states" : "hidden_states", &RowStates::hidden_states,
                write_hidden);
  }
}

}  // namespace attend::cli
