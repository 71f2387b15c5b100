// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Shifting, sequence by sequence.
#include "model/decoder_input.h"

#include <algorithm>

namespace attend {

std::span<const TokenId> shifted_right(const Batch& batch, TokenId first, Workspace& workspace) {
  const std::size_t count = batch.ids.size();
  const std::span<TokenId> out(reinterpret_cast<TokenId*>(workspace.bytes(count * sizeof(TokenId))),
                               count);
  if (workspace.is_counting()) return out;
  if (count != 0) std::copy(batch.ids.begin(), batch.ids.end() - 1, out.begin() + 1);
  for (std::size_t i = 0; i + 1 < batch.starts.size(); ++i) {
    out[static_cast<std::size_t>(batch.starts[i])] = first;
  }
  return out;
}

}  // namespace attend
