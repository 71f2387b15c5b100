// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Embeddings and N blocks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/model/block.h"
#include "attend/model/block_options.h"
#include "attend/model/convolution.h"
#include "attend/model/embeddings.h"
#include "attend/model/layers.h"
#include "attend/model/model.h"
#include "attend/model/rotary_tables.h"
#include "attend/model/score_bias.h"

namespace attend {

/// What an encoder runs on: a batch that was checked, and its positions. Shapes: positions [t].
struct EncoderInput {
  const Batch& batch;
  std::span<const std::int32_t> positions;
};

/// A bidirectional encoder over packed rows.
class Encoder {
 public:
  Encoder(const Loader& from, const EncoderOptions& options)
      : embeddings_(from, options.embedding),
        positions_(options.embedding.positions),
        bias_(from, options),
        rotary_(options.blocks),
        layers_(options.layers) {
    for (std::size_t i = 0; i < options.blocks.size(); ++i) {
      blocks_.emplace_back(from, "layer." + std::to_string(i), options.blocks[i], bias_);
    }
    const Index width = options.embedding.width;
    if (options.convolution) convolution_.emplace(from, "convolution", width, *options.convolution);
    if (options.final_norm) final_norm_.emplace(from, "final.norm", width, *options.final_norm);
  }

  /// Rows of the table of learned positions; 0: there is none.
  [[nodiscard]] Index positions() const noexcept { return positions_; }

  /// The observer sees the output of every layer, the last one before the final norm (as
  /// transformers has it for ModernBERT). Shapes: input of t tokens -> x [t, m].
  /// Throws: cancelled, resource_limit.
  void operator()(const EncoderInput& input, MatrixView<float> x, Workspace& workspace,
                  const HiddenStateObserver& observer = {}) const {
    const Workspace::Scope scope(workspace);
    workspace.throw_if_stopped();
    embeddings_(input.batch, input.positions, x, workspace);
    if (observer) observer(0, x);
    const auto angles = rotary_.angles(input.positions, workspace);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      workspace.throw_if_stopped();
      const auto block = static_cast<std::size_t>(layers_[i]);
      const AttentionContext context{input.batch.starts, input.batch.columns,
                                     rotary_.of_block(angles, block)};
      if (i == 0 && convolution_) {
        convolved(blocks_[block], context, x, workspace);
      } else {
        blocks_[block](context, x, workspace);
      }
      if (observer) observer(static_cast<Index>(i) + 1, x);
    }
    if (final_norm_) (*final_norm_)(x, workspace);
  }

 private:
  // The first block, with the convolution of what it got.
  void convolved(const Block& block, const AttentionContext& context, MatrixView<float> x,
                 Workspace& workspace) const {
    const Workspace::Scope scope(workspace);
    const auto unfolded = convolution_->unfold(x, context, workspace);
    block(context, x, workspace);
    (*convolution_)(unfolded, x, workspace);
  }

  Embeddings embeddings_;
  Index positions_;
  ScoreBias bias_;
  RotaryTables rotary_;
  std::vector<Block> blocks_;
  std::vector<Index> layers_;
  std::optional<Convolution> convolution_;
  std::optional<Norm> final_norm_;
};

}  // namespace attend
