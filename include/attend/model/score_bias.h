// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Scores that depend on the distance of two tokens: what all layers share, and what each makes of
// it. All of it is computed at load.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/tensor.h"
#include "attend/model/block_options.h"
#include "attend/model/layers.h"
#include "attend/ops/attention.h"

namespace attend {

class ATTEND_EXPORT ScoreBias {
 public:
  /// `prefix` stands before the names. Throws: weight_missing, weight_shape, config_error (buckets
  /// that cannot be).
  ScoreBias(const Loader& from, const std::string& prefix, const StackOptions& options);

  /// For every layer alike; a view of this object's memory, which moves with it.
  [[nodiscard]] DistanceBias distance_bias() const noexcept;
  /// For every layer alike; a view as that one. Shapes: [h], or empty unless the bias is linear.
  [[nodiscard]] std::span<const float> slopes() const noexcept { return slopes_; }
  /// For the attention `name` of one block; empty unless the bias is disentangled or relative.
  [[nodiscard]] DisentangledTables disentangled(const Loader& from, const std::string& name,
                                                const BlockOptions& options) const;

 private:
  ScoreBiasOptions options_;
  Tensor by_distance_;               // BucketBias: [h, 2 * max_distance + 1]
  Tensor distances_;                 // DisentangledBias: embeddings [2 * reach, m]
  std::vector<std::int32_t> slots_;  // their rows by distance
  std::vector<float> slopes_;        // LinearBias: [h]
};

}  // namespace attend
