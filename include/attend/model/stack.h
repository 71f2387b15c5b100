// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Embeddings, N blocks and a final norm.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "attend/model/block.h"
#include "attend/model/block_options.h"
#include "attend/model/convolution.h"
#include "attend/model/embeddings.h"
#include "attend/model/layers.h"
#include "attend/model/observer.h"
#include "attend/model/rotary_tables.h"
#include "attend/model/score_bias.h"

namespace attend {

/// What a stack runs on: tokens that were checked, where each sequence has its rows, and the memory
/// of another stack if it has cross attention. Shapes: starts [n + 1], columns [t] or empty.
struct StackInput {
  TokenRows tokens;
  std::span<const Index> starts;
  std::span<const std::int32_t> columns;
  Memory memory = {};
  const KvRows* kv = nullptr;  ///< of the tokens before, instead of columns and memory; or null
  const WeightObserver* weights = nullptr;  ///< who looks at what attention weighs; or null
};

/// An encoder, or a decoder: its blocks tell.
class Stack {
 public:
  /// `prefix` stands before all names: "" or "decoder.".
  Stack(const Loader& from, const std::string& prefix, const StackOptions& options)
      : embeddings_(from, prefix, options.embedding),
        positions_(options.embedding.positions),
        columns_(columns_of(options.score_bias)),
        counts_tokens_(std::holds_alternative<LinearBias>(options.score_bias)),
        bias_(from, prefix, options),
        rotary_(options.blocks),
        layers_(options.layers),
        last_state_(options.last_state),
        width_(options.embedding.width),
        blocks_a_layer_(static_cast<std::size_t>(options.blocks_a_group.value_or(1))) {
    for (std::size_t i = 0; i < options.blocks.size(); ++i) {
      blocks_.emplace_back(from, prefix + name_of_block(i, options), options.blocks[i], bias_);
    }
    const Index width = options.embedding.width;
    if (options.convolution)
      convolution_.emplace(from, prefix + "convolution", width, *options.convolution);
    if (options.final_norm)
      final_norm_.emplace(from, prefix + "final.norm", width, *options.final_norm);
    if (options.output_width > 0) {
      projection_.emplace(
          from, prefix + "final.project",
          LinearShape{.out = options.output_width, .in = width, .bias = Bias::without});
    }
  }

  /// How many positions there are; 0: any number.
  [[nodiscard]] Index positions() const noexcept { return positions_; }

  /// Columns that a text may span, as far as distances have embeddings; 0: any number.
  [[nodiscard]] Index columns() const noexcept { return columns_; }

  /// What its layers keep of tokens between passes. Throws: unsupported (it is no decoder).
  [[nodiscard]] KvLayers kv_layers(KvType type) const {
    KvLayers out;
    for_layers([&](const Block& block, std::size_t) {
      out.own.push_back(block.attention().kv_layout(type));
      if (block.cross() != nullptr) out.memory.push_back(block.cross()->kv_layout(type));
      out.by_distance = out.by_distance || block.attention().counts_columns();
    });
    return out;
  }

  /// Whether these are its layers, of any type.
  [[nodiscard]] bool keeps(const KvLayers& layers) const {
    const std::size_t count = layers_.size() * blocks_a_layer_;
    bool same = layers.own.size() == count;
    for_layers([&](const Block& block, std::size_t i) {
      const auto is_one = [](const auto& attention, const KvLayout& layout) {
        return attention.kv_layout(layout.type).same_form(layout);
      };
      same = same && is_one(block.attention(), layers.own[i]);
      if (block.cross() == nullptr) return;
      same = same && i < layers.memory.size() && is_one(*block.cross(), layers.memory[i]);
    });
    return same;
  }

  /// Keys and values of a memory, for all layers. Shapes: memory [s, m]. Throws: cancelled,
  /// resource_limit.
  void keep_memory(MatrixView<const float> memory, const KvRows& to, Workspace& workspace) const {
    for_layers([&](const Block& block, std::size_t layer) {
      workspace.throw_if_stopped();
      block.cross()->keep(memory, to, layer, workspace);
    });
  }

  /// The observer sees the output of every layer, the last one where StackOptions::last_state says.
  /// Shapes: input of t tokens -> out [t, m], or [t, output_width] with a projection.
  /// Throws: cancelled, resource_limit.
  void operator()(const StackInput& input, MatrixView<float> out, Workspace& workspace,
                  const LayerObserver& observer = {}) const {
    const Workspace::Scope scope(workspace);
    const auto x = projection_ ? workspace.matrix(out.rows, width_) : out;
    workspace.throw_if_stopped();
    embeddings_(input.tokens, x, workspace);
    if (observer) observer(0, x);
    const auto columns = counts_tokens_ ? std::span<const std::int32_t>() : input.columns;
    const auto angles = rotary_.angles(input.tokens.positions, input.starts, workspace);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      workspace.throw_if_stopped();
      const std::size_t first = static_cast<std::size_t>(layers_[i]) * blocks_a_layer_;
      for (std::size_t block = first; block < first + blocks_a_layer_; ++block) {
        const AttentionContext context{input.starts, columns,  rotary_.of_block(angles, block),
                                       input.memory, input.kv, i * blocks_a_layer_ + block - first,
                                       input.weights};
        if (i == 0 && convolution_) {
          convolved(blocks_[block], context, x, workspace);
        } else {
          blocks_[block](context, x, workspace);
        }
      }
      const bool is_last = i + 1 == layers_.size();
      if (is_last && last_state_ == LastState::after_norm) break;
      if (observer) observer(static_cast<Index>(i) + 1, x);
    }
    if (final_norm_) (*final_norm_)(x, workspace);
    if (projection_) (*projection_)(x, out, workspace);
    if (observer && last_state_ == LastState::after_norm) {
      observer(static_cast<Index>(layers_.size()), out);
    }
  }

 private:
  using LastState = StackOptions::LastState;

  // Calls body(block, number) for every run of a block, in order.
  template <class Body>
  void for_layers(const Body& body) const {
    std::size_t number = 0;
    for (const Index layer : layers_) {
      const std::size_t first = static_cast<std::size_t>(layer) * blocks_a_layer_;
      for (std::size_t i = 0; i < blocks_a_layer_; ++i) body(blocks_[first + i], number++);
    }
  }

  static std::string name_of_block(std::size_t i, const StackOptions& options) {
    if (!options.blocks_a_group) return "layer." + std::to_string(i);
    const auto count = static_cast<std::size_t>(*options.blocks_a_group);
    return "layer." + std::to_string(i / count) + "." + std::to_string(i % count);
  }

  static Index columns_of(const ScoreBiasOptions& bias) {
    const auto* relative = std::get_if<RelativeBias>(&bias);
    return relative == nullptr ? 0 : relative->reach + 1;
  }

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
  Index columns_;
  bool counts_tokens_;  // distances are those of tokens that are there, wherever they stood
  ScoreBias bias_;
  RotaryTables rotary_;
  std::vector<Block> blocks_;
  std::vector<Index> layers_;
  LastState last_state_;
  Index width_;  // m
  std::size_t blocks_a_layer_;
  std::optional<Convolution> convolution_;
  std::optional<Norm> final_norm_;
  std::optional<Linear> projection_;
};

}  // namespace attend
