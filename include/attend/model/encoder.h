// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Embeddings and N blocks.
#pragma once

#include <string>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/model/block.h"
#include "attend/model/block_options.h"
#include "attend/model/embeddings.h"
#include "attend/model/model.h"

namespace attend {

/// A bidirectional encoder over packed rows.
class Encoder {
 public:
  Encoder(const Loader& from, const EncoderOptions& options)
      : embeddings_(from, options.embedding) {
    for (Index i = 0; i < options.layers; ++i) {
      blocks_.emplace_back(from, "layer." + std::to_string(i), options.block);
    }
  }

  /// Requires: the batch was checked. Shapes: batch of t tokens -> x [t, m].
  /// Throws: cancelled, resource_limit.
  void operator()(const Batch& batch, MatrixView<float> x, Workspace& workspace,
                  const HiddenStateObserver& observer = {}) const {
    workspace.throw_if_stopped();
    embeddings_(batch, x, workspace);
    if (observer) observer(0, x);
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      workspace.throw_if_stopped();
      blocks_[i](x, batch.starts, workspace);
      if (observer) observer(static_cast<Index>(i) + 1, x);
    }
  }

 private:
  Embeddings embeddings_;
  std::vector<Block> blocks_;
};

}  // namespace attend
