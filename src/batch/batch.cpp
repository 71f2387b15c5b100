// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Packing, and the two ways across the border to padded matrices.
#include "attend/batch/batch.h"

#include <algorithm>
#include <string>

#include "attend/core/error.h"

namespace attend {
namespace {

void check_shape(const char* what, const Shape& expected, const Shape& found) {
  if (found == expected) return;
  fail(ErrorKind::config_error, {.where = "batch",
                                 .what = what,
                                 .expected = expected.to_string(),
                                 .found = found.to_string()});
}

// Parts of a padded input have the shape of its ids, or are absent.
void check_part(const char* what, MatrixView<const std::int32_t> part, const PaddedInput& input) {
  if (part.data == nullptr) return;
  check_shape(what, {input.ids.rows, input.ids.cols}, {part.rows, part.cols});
}

bool is_kept(const PaddedInput& input, Index row, Index col) noexcept {
  return input.attention_mask.data == nullptr || input.attention_mask(row, col) != 0;
}

void append(Batch& batch, const Encoding& encoding) {
  batch.ids.insert(batch.ids.end(), encoding.ids.begin(), encoding.ids.end());
  batch.type_ids.insert(batch.type_ids.end(), encoding.type_ids.begin(), encoding.type_ids.end());
  batch.type_ids.resize(batch.ids.size());  // an encoding without type ids has type 0
  batch.starts.push_back(static_cast<Index>(batch.ids.size()));
}

}  // namespace

Batch make_batch(std::span<const Encoding> encodings) {
  Batch batch;
  for (const Encoding& encoding : encodings) append(batch, encoding);
  return batch;
}

Batch make_batch(std::span<const Encoding> encodings, std::span<const Index> order) {
  Batch batch;
  for (const Index i : order) append(batch, encodings[static_cast<std::size_t>(i)]);
  return batch;
}

Batch make_batch(PackedIds rows) {
  Batch batch;
  make_batch(rows, batch);
  return batch;
}

void make_batch(PackedIds& rows, Batch& out) {
  out.ids.swap(rows.ids);
  out.type_ids.swap(rows.type_ids);
  out.starts.swap(rows.starts);
  out.positions.clear();
  out.columns.clear();
}

void count_positions(const PositionRule& rule, std::span<const TokenId> ids,
                     std::span<std::int32_t> out) noexcept {
  std::int32_t next = rule.first;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    out[i] = rule.skipped == ids[i] ? rule.first - 1 : next++;
  }
}

Batch make_batch(const PaddedInput& input, const PositionRule& rule) {
  check_part("attention mask", input.attention_mask, input);
  check_part("token type ids", input.type_ids, input);
  check_part("positions", input.positions, input);
  Batch batch;
  bool has_holes = false;
  std::vector<std::int32_t> counted(static_cast<std::size_t>(input.ids.cols));
  for (Index row = 0; row < input.ids.rows; ++row) {
    count_positions(rule, input.ids.row(row), counted);
    Index begin = -1;  // column of the first row that is kept
    for (Index col = 0; col < input.ids.cols; ++col) {
      if (!is_kept(input, row, col)) continue;
      const auto kept = static_cast<Index>(batch.ids.size()) - batch.starts.back();
      if (kept == 0) begin = col;
      has_holes = has_holes || col - begin != kept;
      batch.ids.push_back(input.ids(row, col));
      batch.type_ids.push_back(input.type_ids.data == nullptr ? 0 : input.type_ids(row, col));
      batch.positions.push_back(input.positions.data == nullptr
                                    ? counted[static_cast<std::size_t>(col)]
                                    : input.positions(row, col));
      batch.columns.push_back(static_cast<std::int32_t>(col));
    }
    const auto end = static_cast<Index>(batch.ids.size());
    if (rule.masked == PositionRule::Masked::skipped && input.positions.data == nullptr) {
      const auto from = static_cast<std::size_t>(batch.starts.back());
      count_positions(rule, std::span(batch.ids).subspan(from),
                      std::span(batch.positions).subspan(from));
    }
    if (end == batch.starts.back()) {
      fail(ErrorKind::config_error, {.where = "make_batch",
                                     .what = "sequence " + std::to_string(row),
                                     .expected = "at least one token whose mask is not 0",
                                     .found = "none"});
    }
    batch.starts.push_back(end);
  }
  if (!has_holes) batch.columns.clear();
  return batch;
}

void to_padded(MatrixView<const float> packed, const PaddedInput& input, MatrixView<float> out) {
  check_part("attention mask", input.attention_mask, input);
  Index kept = 0;
  for (Index row = 0; row < input.ids.rows; ++row) {
    for (Index col = 0; col < input.ids.cols; ++col) kept += is_kept(input, row, col) ? 1 : 0;
  }
  check_shape("packed rows", {kept, out.cols}, {packed.rows, packed.cols});
  check_shape("padded rows", {input.ids.rows * input.ids.cols, packed.cols}, {out.rows, out.cols});
  Index next = 0;
  for (Index row = 0; row < input.ids.rows; ++row) {
    for (Index col = 0; col < input.ids.cols; ++col) {
      const auto to = out.row(row * input.ids.cols + col);
      if (is_kept(input, row, col)) {
        const auto from = packed.row(next++);
        std::copy(from.begin(), from.end(), to.begin());
      } else {
        std::fill(to.begin(), to.end(), 0.0F);
      }
    }
  }
}

}  // namespace attend
