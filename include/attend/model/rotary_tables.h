// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The angles of rotary positions, computed once a pass for all blocks that turn at one speed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "attend/core/error.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"
#include "attend/model/block_options.h"
#include "attend/ops/rotary.h"

namespace attend {

class RotaryTables {
 public:
  /// Throws: config_error for sizes that cannot be.
  explicit RotaryTables(std::span<const BlockOptions> blocks) {
    for (const BlockOptions& block : blocks) {
      tables_.push_back(block.rotary ? table_of(*block.rotary, block.head_size) : -1);
    }
  }

  /// Shapes: positions [t], starts [n + 1] -> [tables * t, size], empty when no block needs any.
  [[nodiscard]] MatrixView<const float> angles(std::span<const std::int32_t> positions,
                                               std::span<const Index> starts,
                                               Workspace& workspace) const {
    if (options_.empty()) return {};
    const auto tokens = static_cast<Index>(positions.size());
    const auto tables = static_cast<Index>(options_.size());
    const auto out = workspace.matrix(tables * tokens, options_.front().size);
    for (Index i = 0; i < tables; ++i) {
      ops::rotary_angles({positions, starts}, options_[static_cast<std::size_t>(i)],
                         out.row_range(i * tokens, tokens), workspace);
    }
    return out;
  }

  /// The part of `angles` that a block uses, or nothing. Shapes: [t, size].
  [[nodiscard]] MatrixView<const float> of_block(MatrixView<const float> angles,
                                                 std::size_t block) const {
    const Index table = tables_[block];
    if (table < 0) return {};
    const Index tokens = angles.rows / static_cast<Index>(options_.size());
    return angles.row_range(table * tokens, tokens);
  }

 private:
  Index table_of(const RotaryOptions& options, Index head_size) {
    const Index least = std::holds_alternative<NtkScaling>(options.scaling) ? 4 : 2;
    if (options.size % 2 != 0 || options.size < least || options.size > head_size) {
      fail(ErrorKind::config_error, {.where = "load_model",
                                     .what = "columns of a head that rotary positions turn",
                                     .expected = "an even number from " + std::to_string(least) +
                                                 " to " + std::to_string(head_size),
                                     .found = std::to_string(options.size),
                                     .file = "config.json"});
    }
    if (const auto* divisors = std::get_if<LongScaling>(&options.scaling)) {
      const auto pairs = static_cast<std::size_t>(options.size / 2);
      if (divisors->within.size() != pairs || divisors->beyond.size() != pairs) {
        fail(ErrorKind::config_error, {.where = "load_model",
                                       .what = "short_factor and long_factor of rope_scaling",
                                       .expected = std::to_string(pairs) + " numbers each",
                                       .found = std::to_string(divisors->within.size()) + " and " +
                                                std::to_string(divisors->beyond.size()),
                                       .file = "config.json"});
      }
    }
    const auto found = std::find(options_.begin(), options_.end(), options);
    if (found != options_.end()) return found - options_.begin();
    options_.push_back(options);
    return static_cast<Index>(options_.size()) - 1;
  }

  std::vector<RotaryOptions> options_;  // of each table; all blocks have one head size
  std::vector<Index> tables_;           // of each block; -1: none
};

}  // namespace attend
