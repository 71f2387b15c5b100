// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Batch: many encodings as packed rows. Encoders never see padding, so no mask can be forgotten
// and no time goes to pad rows; padded matrices exist only at the border, for interoperation.
#pragma once

#include <cstdint>
#include <optional>
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
  std::vector<std::int32_t> positions;  ///< [t], or empty: the model counts them
  std::vector<Index> starts{0};         ///< [n + 1]
  /// [t], the column of every row in the padded input that it comes from; empty when each sequence
  /// is contiguous there. Distances between tokens are distances of columns.
  std::vector<std::int32_t> columns;

  [[nodiscard]] Index size() const noexcept { return static_cast<Index>(starts.size()) - 1; }
  [[nodiscard]] Index tokens() const noexcept { return starts.back(); }
};

/// How an architecture numbers the tokens of a sequence when nobody gives it positions.
struct PositionRule {
  std::int32_t first = 0;  ///< position of the first token that is counted
  /// Tokens with this id are not counted and have the position `first - 1`, wherever they stand
  /// (fairseq; RoBERTa, MPNet).
  std::optional<TokenId> skipped = {};
  /// Whether tokens that a mask hides are counted: not so in OPT.
  enum class Masked : std::uint8_t { counted, skipped } masked = Masked::counted;
};

/// Counts positions. Shapes: ids [s] of one sequence -> out [s].
ATTEND_EXPORT void count_positions(const PositionRule& rule, std::span<const TokenId> ids,
                                   std::span<std::int32_t> out) noexcept;

/// Packs encodings.
[[nodiscard]] ATTEND_EXPORT Batch make_batch(std::span<const Encoding> encodings);
/// Packs the encodings of `order`, in that order.
[[nodiscard]] ATTEND_EXPORT Batch make_batch(std::span<const Encoding> encodings,
                                             std::span<const Index> order);

/// Takes the rows as they are, without a copy.
[[nodiscard]] ATTEND_EXPORT Batch make_batch(PackedIds rows);
/// The same for batch after batch: `rows` gets the memory that `out` had.
ATTEND_EXPORT void make_batch(PackedIds& rows, Batch& out);

/// Padded matrices as PyTorch takes them. Empty type_ids mean 0, an empty attention_mask means
/// all ones, empty positions are counted by the model's rule. Shapes: all [n, s].
struct PaddedInput {
  MatrixView<const TokenId> ids = {};
  MatrixView<const std::int32_t> attention_mask = {};
  MatrixView<const std::int32_t> type_ids = {};
  MatrixView<const std::int32_t> positions = {};
};

/// Drops the rows whose mask is 0, wherever they are, and keeps the position of the others: as in
/// transformers, masked tokens are counted too, unless the rule says otherwise. The rule is the
/// model's (Model::position_rule()). Throws: config_error when the shapes disagree or a sequence
/// has no row left.
[[nodiscard]] ATTEND_EXPORT Batch make_batch(const PaddedInput& input,
                                             const PositionRule& rule = {});

/// Puts packed rows back where `input` has them; rows of padding are 0.
/// Shapes: packed [t, m] -> out [n * s, m].
ATTEND_EXPORT void to_padded(MatrixView<const float> packed, const PaddedInput& input,
                             MatrixView<float> out);

}  // namespace attend
