// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Shifting, sequence by sequence.
#include "model/decoder_input.h"

#include <algorithm>
#include <string>

#include "attend/core/error.h"

namespace attend {
namespace {

TokenId start_token(const ModelConfig& config) {
  const TokenId id = config.decoder_start_token_id;
  if (id >= 0 && id < config.vocab_size) return id;
  fail(ErrorKind::config_error,
       {.where = "forward",
        .what = "decoder_start_token_id",
        .expected = "a token that the decoder may begin with",
        .found = id < 0 ? "none" : std::to_string(id) + " of " + std::to_string(config.vocab_size),
        .file = "config.json"});
}

// The reference counts all tokens that are no padding, and takes the one at that place.
TokenId last_token(std::span<const TokenId> ids, const ModelConfig& config) {
  const auto pads = config.pad_token_id ? std::count(ids.begin(), ids.end(), *config.pad_token_id)
                                        : std::ptrdiff_t{0};
  const auto count = static_cast<std::ptrdiff_t>(ids.size()) - pads;
  if (count > 0) return ids[static_cast<std::size_t>(count - 1)];
  fail(ErrorKind::config_error,
       {.where = "forward",
        .what = "a text",
        .expected = "a token that is no padding, with which the decoder begins",
        .found = "padding only"});
}

TokenId first_token(std::span<const TokenId> ids, const Shift& shift) {
  switch (shift.first) {
    case DecoderInput::start_token: break;
    case DecoderInput::last_token: return last_token(ids, shift.config);
  }
  return start_token(shift.config);
}

}  // namespace

ShiftedTokens shifted_right(const Batch& batch, std::span<const std::int32_t> positions,
                            const Shift& shift, Workspace& workspace) {
  const std::size_t size = batch.ids.size();
  const auto integers = [&] {
    std::byte* const bytes = workspace.bytes(size * sizeof(std::int32_t));
    return std::span(reinterpret_cast<std::int32_t*>(bytes), size);
  };
  const auto ids = integers();
  // Positions that skip a token depend on what the tokens are.
  const bool counts = shift.positions.skipped.has_value();
  const auto counted = counts ? integers() : std::span<std::int32_t>();
  if (!workspace.is_counting()) {
    for (std::size_t i = 0; i + 1 < batch.starts.size(); ++i) {
      const auto begin = static_cast<std::size_t>(batch.starts[i]);
      const auto count = static_cast<std::size_t>(batch.starts[i + 1]) - begin;
      const auto text = std::span(batch.ids).subspan(begin, count);
      const auto later = ids.subspan(begin, count);
      std::copy(text.begin(), text.end() - 1, later.begin() + 1);
      later[0] = first_token(text, shift);
      if (counts) count_positions(shift.positions, later, counted.subspan(begin, count));
    }
  }
  return {ids, counts ? counted : positions};
}

}  // namespace attend
