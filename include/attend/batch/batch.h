// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Batch: many encodings as packed rows. Encoders never see padding, so no mask can be forgotten
// and no time goes to pad rows; padded matrices exist only at the border, for interoperation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// Sequence i has the rows [starts[i], starts[i + 1]).
struct Batch {
  std::vector<TokenId> ids;             ///< [t]
  std::vector<std::int32_t> type_ids;   ///< [t]
  std::vector<std::int32_t> positions;  ///< [t], from 0 in each sequence, or a padded input's own
  std::vector<Index> starts{0};         ///< [n + 1]

  [[nodiscard]] Index size() const noexcept { return static_cast<Index>(starts.size()) - 1; }
  [[nodiscard]] Index tokens() const noexcept { return starts.back(); }
};

/// Packs encodings; positions count from 0 in each.
[[nodiscard]] ATTEND_EXPORT Batch make_batch(std::span<const Encoding> encodings);
/// Packs the encodings of `order`, in that order.
[[nodiscard]] ATTEND_EXPORT Batch make_batch(std::span<const Encoding> encodings,
                                             std::span<const Index> order);

/// Takes the rows as they are, without a copy; positions count from 0 in each.
[[nodiscard]] ATTEND_EXPORT Batch make_batch(PackedIds rows);
/// The same for batch after batch: `rows` gets the memory that `out` had.
ATTEND_EXPORT void make_batch(PackedIds& rows, Batch& out);

/// Padded matrices as PyTorch takes them. Empty type_ids mean 0, an empty attention_mask means
/// all ones, empty positions mean the column's number. Shapes: all [n, s].
struct PaddedInput {
  MatrixView<const TokenId> ids;
  MatrixView<const std::int32_t> attention_mask;
  MatrixView<const std::int32_t> type_ids;
  MatrixView<const std::int32_t> positions;
};

/// Drops the rows whose mask is 0, wherever they are, and keeps the position of the others.
/// Throws: config_error when the shapes disagree or a sequence has no row left.
[[nodiscard]] ATTEND_EXPORT Batch make_batch(const PaddedInput& input);

/// Puts packed rows back where `input` has them; rows of padding are 0.
/// Shapes: packed [t, m] -> out [n * s, m].
ATTEND_EXPORT void to_padded(MatrixView<const float> packed, const PaddedInput& input,
                             MatrixView<float> out);

}  // namespace attend
