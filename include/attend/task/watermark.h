// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A watermark: part of the vocabulary, chosen anew by every token, is made likelier.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/task/generation_config.h"
#include "attend/task/logits.h"

namespace attend {

/// The same favoured tokens as in transformers 4.57, whose torch.randperm it repeats.
/// Source: Kirchenbauer et al. 2023; WatermarkLogitsProcessor.
class ATTEND_EXPORT Watermark {
 public:
  /// selfhash makes a table of a million numbers.
  Watermark(const WatermarkingConfig& config, Index vocabulary);

  /// Adds the bias, unless there are fewer ids than context_width.
  void apply(std::span<float> logits, std::span<const TokenId> ids, LogitsScratch& scratch) const;

 private:
  void favour(std::uint32_t seed, LogitsScratch& scratch) const;
  [[nodiscard]] std::uint32_t self_seed(std::span<const TokenId> ids, TokenId next) const;
  [[nodiscard]] std::int64_t hash_of(TokenId id) const;
  void apply_self(std::span<float> logits, std::span<const TokenId> ids,
                  LogitsScratch& scratch) const;

  WatermarkingConfig config_;
  std::size_t vocabulary_;
  std::size_t favoured_;
  std::vector<std::uint32_t> table_;  // of selfhash
};

}  // namespace attend
