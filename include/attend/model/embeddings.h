// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the first block sees of a batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "attend/model/block_options.h"
#include "attend/model/layers.h"
#include "attend/model/sinusoids.h"
#include "attend/tokenizer/encoding.h"

namespace attend {

/// What the tables are asked for. Shapes: all [t].
struct TokenRows {
  std::span<const TokenId> ids;
  std::span<const std::int32_t> type_ids;
  std::span<const std::int32_t> positions;
};

/// norm(token + type + position), with norm and projection where the options have them.
class Embeddings {
 public:
  /// `prefix` stands before all names but that of the token embeddings, which is whole.
  Embeddings(const Loader& from, const std::string& prefix, const EmbeddingOptions& options)
      : token_(from, std::string(options.tokens), options.vocabulary, options.table_width),
        token_scale_(options.token_scale),
        projection_place_(options.projection),
        table_width_(options.table_width) {
    if (options.norm) {
      norm_.emplace(
          from, prefix + "embed.norm",
          options.projection == ProjectionPlace::after_norm ? options.table_width : options.width,
          *options.norm);
    }
    if (is_computed(from, prefix, options)) {
      sinusoids_.emplace(from, options.table_width, *options.sinusoids);
    } else if (options.positions > 0) {
      const bool is_wide = options.projection == ProjectionPlace::tokens_only;
      position_.emplace(from, prefix + "embed.position",
                        options.positions + options.unused_positions,
                        is_wide ? options.width : options.table_width, options.unused_positions);
    }
    if (options.types > 0)
      type_.emplace(from, prefix + "embed.type", options.types, options.table_width);
    if (options.tasks > 0) {
      const StoredWeight tasks =
          from.weights.matrix(prefix + "embed.task.weight", options.tasks, options.table_width);
      first_task_.resize(static_cast<std::size_t>(options.table_width));
      if (!from.is_plan()) tasks.read(0, 0, first_task_);
      from.weights.release(tasks);
      from.count(sizeof(float) * first_task_.size());
    }
    if (options.projection != ProjectionPlace::none) {
      projection_.emplace(
          from, prefix + "embed.project",
          LinearShape{
              .out = options.width, .in = options.table_width, .bias = options.projection_bias});
    }
  }

  /// Requires: ids, positions and types are in their tables. Shapes: y [t, m].
  void operator()(const TokenRows& tokens, MatrixView<float> y, Workspace& workspace) const {
    if (!projection_) {
      token_(tokens.ids, y, workspace, token_scale_);
      add_others(tokens, y, workspace);
      if (norm_) (*norm_)(y, workspace);
      return;
    }
    const Workspace::Scope scope(workspace);
    const auto narrow = workspace.matrix(y.rows, table_width_);
    token_(tokens.ids, narrow, workspace, token_scale_);
    const bool adds_later = projection_place_ == ProjectionPlace::tokens_only;
    if (!adds_later) add_others(tokens, narrow, workspace);
    const bool norms_later = projection_place_ != ProjectionPlace::after_norm;
    if (norm_ && !norms_later) (*norm_)(narrow, workspace);
    (*projection_)(narrow, y, workspace);
    if (adds_later) add_others(tokens, y, workspace);
    if (norm_ && norms_later) (*norm_)(y, workspace);
  }

 private:
  static bool is_computed(const Loader& from, const std::string& prefix,
                          const EmbeddingOptions& options) {
    if (!options.sinusoids) return false;
    switch (options.sinusoids->table) {
      case SinusoidOptions::Table::absent: break;
      case SinusoidOptions::Table::optional:
        return !from.weights.has(prefix + "embed.position.weight");
    }
    return true;
  }

  void add_others(const TokenRows& tokens, MatrixView<float> y, Workspace& workspace) const {
    if (type_) type_->add(tokens.type_ids, y, workspace);
    if (position_) position_->add(tokens.positions, y, workspace);
    if (sinusoids_) sinusoids_->add(tokens.positions, y, workspace);
    if (!first_task_.empty()) ops::add_row(first_task_, y, workspace);
  }

  EmbeddingTable token_;
  std::optional<EmbeddingTable> position_;
  std::optional<SinusoidalPositions> sinusoids_;
  std::optional<EmbeddingTable> type_;
  std::vector<float> first_task_;  // the same for every token; empty: there are no tasks
  std::optional<Norm> norm_;
  std::optional<Linear> projection_;
  float token_scale_;
  ProjectionPlace projection_place_;
  Index table_width_;
};

}  // namespace attend
