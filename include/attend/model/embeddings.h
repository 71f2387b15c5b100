// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the first block sees of a batch.
#pragma once

#include <optional>

#include "attend/batch/batch.h"
#include "attend/model/block_options.h"
#include "attend/model/layers.h"

namespace attend {

/// norm(token + type + position).
class Embeddings {
 public:
  Embeddings(const Loader& from, const EmbeddingOptions& options)
      : token_(from, "embed.token", options.vocabulary, options.width),
        position_(from, "embed.position", options.positions, options.width),
        norm_(from, "embed.norm", options.width, options.norm_eps) {
    if (options.types > 0) type_.emplace(from, "embed.type", options.types, options.width);
  }

  /// Requires: ids, positions and types are in their tables. Shapes: batch of t tokens -> y [t, m].
  void operator()(const Batch& batch, MatrixView<float> y, Workspace& workspace) const {
    token_(batch.ids, y, workspace);
    if (type_) type_->add(batch.type_ids, y, workspace);
    position_.add(batch.positions, y, workspace);
    norm_(y, workspace);
  }

 private:
  EmbeddingTable token_;
  EmbeddingTable position_;
  std::optional<EmbeddingTable> type_;
  Norm norm_;
};

}  // namespace attend
