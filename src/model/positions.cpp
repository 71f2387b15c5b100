// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Counting, sequence by sequence.
#include "model/positions.h"

namespace attend {

std::span<const std::int32_t> positions_of(const Batch& batch, const PositionRule& rule,
                                           Workspace& workspace) {
  if (!batch.positions.empty()) return batch.positions;
  const std::span<const TokenId> ids = batch.ids;
  const std::span<std::int32_t> out(
      reinterpret_cast<std::int32_t*>(workspace.bytes(ids.size() * sizeof(std::int32_t))),
      ids.size());
  if (workspace.is_counting()) return out;
  for (std::size_t i = 0; i + 1 < batch.starts.size(); ++i) {
    const auto begin = static_cast<std::size_t>(batch.starts[i]);
    const auto count = static_cast<std::size_t>(batch.starts[i + 1]) - begin;
    count_positions(rule, ids.subspan(begin, count), out.subspan(begin, count));
  }
  return out;
}

}  // namespace attend
