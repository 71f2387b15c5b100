// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the first block sees of a batch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "attend/batch/batch.h"
#include "attend/model/block_options.h"
#include "attend/model/layers.h"

namespace attend {

/// norm(token + type + position), with the projection where the options have it.
class Embeddings {
 public:
  Embeddings(const Loader& from, const EmbeddingOptions& options)
      : token_(from, "embed.token", options.vocabulary, options.table_width),
        norm_(
            from, "embed.norm",
            options.projection == ProjectionPlace::after_norm ? options.table_width : options.width,
            options.norm),
        projection_place_(options.projection),
        table_width_(options.table_width) {
    if (options.positions > 0) {
      position_.emplace(from, "embed.position", options.positions, options.table_width);
    }
    if (options.types > 0) type_.emplace(from, "embed.type", options.types, options.table_width);
    if (options.projection != ProjectionPlace::none) {
      projection_.emplace(
          from, "embed.project",
          LinearShape{
              .out = options.width, .in = options.table_width, .bias = options.projection_bias});
    }
  }

  /// Requires: ids, positions and types are in their tables. Shapes: positions [t], y [t, m].
  void operator()(const Batch& batch, std::span<const std::int32_t> positions, MatrixView<float> y,
                  Workspace& workspace) const {
    if (!projection_) {
      sum(batch, positions, y, workspace);
      norm_(y, workspace);
      return;
    }
    const Workspace::Scope scope(workspace);
    const auto narrow = workspace.matrix(y.rows, table_width_);
    sum(batch, positions, narrow, workspace);
    if (projection_place_ == ProjectionPlace::after_norm) norm_(narrow, workspace);
    (*projection_)(narrow, y, workspace);
    if (projection_place_ == ProjectionPlace::before_norm) norm_(y, workspace);
  }

 private:
  void sum(const Batch& batch, std::span<const std::int32_t> positions, MatrixView<float> y,
           Workspace& workspace) const {
    token_(batch.ids, y, workspace);
    if (type_) type_->add(batch.type_ids, y, workspace);
    if (position_) position_->add(positions, y, workspace);
  }

  EmbeddingTable token_;
  std::optional<EmbeddingTable> position_;
  std::optional<EmbeddingTable> type_;
  Norm norm_;
  std::optional<Linear> projection_;
  ProjectionPlace projection_place_;
  Index table_width_;
};

}  // namespace attend
