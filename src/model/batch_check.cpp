// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a batch may hold.
#include "model/batch_check.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "attend/core/error.h"

namespace attend {
namespace {

bool is_absent_or_of(std::span<const std::int32_t> values, std::size_t size) noexcept {
  return values.empty() || values.size() == size;
}

// The first value outside [0, limit), or nothing.
const std::int32_t* find_outside(std::span<const std::int32_t> values, Index limit) noexcept {
  const auto outside = [limit](std::int32_t value) { return value < 0 || value >= limit; };
  const auto found = std::find_if(values.begin(), values.end(), outside);
  return found == values.end() ? nullptr : &*found;
}

// Kernels take distances of columns, which ascend within a sequence.
void check_columns(const Batch& batch) {
  if (batch.columns.empty()) return;
  for (std::size_t i = 0; i + 1 < batch.starts.size(); ++i) {
    std::int32_t before = -1;
    for (Index row = batch.starts[i]; row < batch.starts[i + 1]; ++row) {
      const std::int32_t column = batch.columns[static_cast<std::size_t>(row)];
      if (column <= before) {
        fail_batch("columns of sequence " + std::to_string(i), "ascending ones",
                   std::to_string(column) + " after " + std::to_string(before));
      }
      before = column;
    }
  }
}

std::string below(Index limit) { return "0 to " + std::to_string(limit - 1); }

}  // namespace

void fail_batch(std::string what, std::string expected, std::string found) {
  fail(ErrorKind::config_error, {.where = "forward",
                                 .what = std::move(what),
                                 .expected = std::move(expected),
                                 .found = std::move(found)});
}

void check_starts(const Batch& batch) {
  const auto tokens = static_cast<std::size_t>(batch.starts.empty() ? -1 : batch.starts.back());
  if (batch.starts.empty() || batch.starts.front() != 0 || batch.ids.size() != tokens ||
      batch.type_ids.size() != tokens || !is_absent_or_of(batch.positions, tokens) ||
      !is_absent_or_of(batch.columns, tokens)) {
    fail_batch("batch",
               "starts from 0 to the number of ids and of type ids, and as many positions and "
               "columns or none",
               std::to_string(batch.ids.size()) + " ids, " + std::to_string(batch.type_ids.size()) +
                   " type ids, " + std::to_string(batch.positions.size()) + " positions, " +
                   std::to_string(batch.columns.size()) + " columns");
  }
  const auto empty = std::adjacent_find(batch.starts.begin(), batch.starts.end(),
                                        [](Index begin, Index end) { return end <= begin; });
  if (empty != batch.starts.end()) {
    fail_batch("sequence " + std::to_string(empty - batch.starts.begin()), "at least one token",
               "none");
  }
}

void check_batch(const Batch& batch, const ModelConfig& config) {
  check_starts(batch);
  if (const auto* id = find_outside(batch.ids, config.vocab_size)) {
    fail(ErrorKind::tokenizer_error, {.where = "forward",
                                      .what = "token id",
                                      .expected = below(config.vocab_size),
                                      .found = std::to_string(*id),
                                      .hint = "is the tokenizer from another model?"});
  }
  // Where the architecture has no token types, transformers does not take them either.
  const auto* type = find_outside(batch.type_ids, config.type_vocab_size);
  if (config.type_vocab_size > 0 && type != nullptr) {
    fail(ErrorKind::tokenizer_error, {.where = "forward",
                                      .what = "token type id",
                                      .expected = below(config.type_vocab_size),
                                      .found = std::to_string(*type)});
  }
  check_columns(batch);
}

void check_rows(std::span<const Index> rows, Index count) {
  for (const Index row : rows) {
    if (row < 0 || row >= count) fail_batch("row", below(count), std::to_string(row));
  }
}

void check_positions(std::span<const std::int32_t> positions, Index rows) {
  const Index limit = rows > 0 ? rows : Index{std::numeric_limits<std::int32_t>::max()} + 1;
  if (const auto* position = find_outside(positions, limit)) {
    fail(ErrorKind::input_too_long, {.where = "forward",
                                     .what = "position",
                                     .expected = below(limit),
                                     .found = std::to_string(*position),
                                     .hint = "truncate the text or split it into windows"});
  }
}

void check_spans(const Batch& batch, Index limit) {
  if (limit == 0) return;
  for (std::size_t i = 0; i + 1 < batch.starts.size(); ++i) {
    const Index last = batch.starts[i + 1] - 1;
    const auto column = [&](Index row) { return batch.columns[static_cast<std::size_t>(row)]; };
    const Index span = batch.columns.empty() ? last - batch.starts[i]
                                             : Index{column(last)} - column(batch.starts[i]);
    if (span < limit) continue;
    fail(ErrorKind::input_too_long, {.where = "forward",
                                     .what = "columns of sequence " + std::to_string(i),
                                     .expected = "at most " + std::to_string(limit),
                                     .found = std::to_string(span + 1),
                                     .hint = "truncate the text or split it into windows"});
  }
}

}  // namespace attend
