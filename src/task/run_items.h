// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The loop that every task shares: encode items, run their windows in batches by length, hand
// each item its windows' outputs. Memory is bounded by a group of items, not by their number.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/core/error.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"
#include "attend/task/result.h"
#include "attend/tokenizer/encoding.h"
#include "attend/tokenizer/tokenizer.h"

namespace attend {

/// One window of an item and the model's output rows for it.
struct WindowOutput {
  Encoding encoding;
  std::vector<float> values;  ///< [rows, cols], row-major
  Index rows = 0;
  Index cols = 0;

  [[nodiscard]] MatrixView<float> matrix() noexcept { return {values.data(), rows, cols}; }
};

/// A task as four functions; an Error thrown by encode or finish becomes that item's Error.
struct ItemTask {
  /// Of the tokenizer that encodes. Type ids become 0 where its class hands out none: the reference
  /// then gives the model none, and the model takes 0.
  const TokenizerSettings& tokenizer;
  /// The windows of item i (one or more).
  std::function<std::vector<Encoding>(Index item)> encode;
  /// Output rows of a batch, grouped by sequence. Shapes: [row_starts.back(), c].
  std::function<MatrixView<float>(const Batch&, Workspace&)> forward;
  /// Which output rows belong to sequence i: [row_starts[i], row_starts[i + 1]). One a token when
  /// absent (batch.starts).
  std::function<std::vector<Index>(const Batch&)> row_starts = {};
  /// Makes the result of item i from its windows, in their order.
  std::function<void(Index item, std::span<WindowOutput> windows)> finish;
};

/// row_starts for heads that give one row a sequence.
[[nodiscard]] std::vector<Index> one_row_each(const Batch& batch);

/// Runs items 0 ... count - 1; returns the Errors of those whose finish was not reached.
/// Outputs that are not finite become weight_value errors: no task returns NaN silently.
/// Throws: cancelled, config_error (batch_size < 1), and whatever is no Error.
[[nodiscard]] std::map<Index, Error> run_items(Index count, const ItemTask& task,
                                               const RunOptions& options);

}  // namespace attend
