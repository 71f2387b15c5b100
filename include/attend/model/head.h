// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What stands on an encoder: one class for poolers and every task head, told apart by HeadOptions.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attend/model/config.h"
#include "attend/model/head_options.h"
#include "attend/model/layers.h"
#include "attend/ops/activation.h"
#include "attend/ops/softmax.h"

namespace attend {

/// out(scale * norm(activation(dense(x)))), each part where the options have it; a norm stands with
/// `dense` only.
class Head {
 public:
  Head(const Loader& from, const HeadOptions& options, const ModelConfig& config)
      : rows_(options.rows),
        eos_(options.eos),
        pad_(options.pad),
        soft_cap_(options.soft_cap),
        activation_(
            options.activation_name.empty()
                ? options.activation
                : from.activation(std::string(options.activation_name), options.activation)),
        width_(options.width == 0 ? config.last_size() : options.width),
        out_scale_(options.out_scale) {
    const std::string dense(options.dense);
    if (!dense.empty() && is_present(from, options)) {
      dense_.emplace(
          from, dense,
          LinearShape{.out = width_, .in = config.last_size(), .bias = options.dense_bias});
    }
    if (!options.norm.empty()) {
      norm_.emplace(from, std::string(options.norm), width_, options.norm_options);
    }
    if (!options.out.empty()) out_.emplace(load_out(from, options, config));
  }

  [[nodiscard]] HeadRows rows() const noexcept { return rows_; }
  /// For HeadRows::last_eos.
  [[nodiscard]] TokenId eos() const noexcept { return eos_; }
  /// For HeadRows::last_token.
  [[nodiscard]] std::optional<TokenId> pad() const noexcept { return pad_; }
  [[nodiscard]] bool has_dense() const noexcept { return dense_.has_value(); }
  [[nodiscard]] bool has_out() const noexcept { return out_.has_value(); }
  /// Columns of the part before `out`.
  [[nodiscard]] Index width() const noexcept { return width_; }
  /// Columns of the output.
  [[nodiscard]] Index classes() const noexcept { return out_->out_features(); }

  /// The part before `out`. Requires: has_dense(). Shapes: x [r, m] -> y [r, width()].
  void transform(MatrixView<const float> x, MatrixView<float> y, Workspace& workspace) const {
    (*dense_)(x, y, workspace, {.activation = activation_});
    if (norm_) (*norm_)(y, workspace);
  }

  /// Requires: has_out(). Shapes: x [r, m] -> y [r, c].
  void operator()(MatrixView<const float> x, MatrixView<float> y, Workspace& workspace) const {
    const Workspace::Scope scope(workspace);
    if (dense_ || activation_.kind != Activation::none) {
      const auto transformed = workspace.matrix(x.rows, width_);
      if (dense_) {
        transform(x, transformed, workspace);
      } else {
        activate(x, transformed, workspace);
      }
      x = transformed;
    }
    if (out_scale_ != 1) {
      const auto scaled = workspace.matrix(x.rows, x.cols);
      ops::scale(x, out_scale_, scaled, workspace);
      x = scaled;
    }
    (*out_)(x, y, workspace);
    if (soft_cap_ > 0) ops::soft_cap(y, soft_cap_, workspace);
  }

 private:
  void activate(MatrixView<const float> x, MatrixView<float> y, const Workspace& workspace) const {
    if (workspace.is_counting()) return;
    for (Index i = 0; i < x.rows; ++i) {
      std::copy_n(x.row(i).begin(), x.cols, y.row(i).begin());
      ops::activate(activation_, y.row(i));
    }
  }

  static bool is_present(const Loader& from, const HeadOptions& options) {
    return options.presence == HeadOptions::Presence::required ||
           from.weights.has(std::string(options.dense) + ".weight");
  }

  [[nodiscard]] Linear load_out(const Loader& from, const HeadOptions& options,
                                const ModelConfig& config) const {
    const bool tied =
        options.out_weight == HeadOptions::OutWeight::token_embedding && config.tie_word_embeddings;
    const std::string weight(tied ? options.tokens : options.out);
    const std::array parts{from.weights.matrix(weight + ".weight", options.classes, width_)};
    return Linear(from.pack(std::string(options.out), parts, load_out_bias(from, options)));
  }

  [[nodiscard]] static std::vector<float> load_out_bias(const Loader& from,
                                                        const HeadOptions& options) {
    if (options.out_bias.empty()) return {};
    const std::string name = std::string(options.out_bias) + ".bias";
    switch (options.bias_form) {
      case HeadOptions::OutBias::vector: break;
      case HeadOptions::OutBias::optional_row:
        if (!from.weights.has(name)) return {};
        return from.weights.values(name, {1, options.classes});
    }
    return from.weights.vector(name, options.classes);
  }

  HeadRows rows_;
  TokenId eos_;
  std::optional<TokenId> pad_;
  float soft_cap_;
  ActivationFunction activation_;
  Index width_;
  float out_scale_;
  std::optional<Linear> dense_;
  std::optional<Norm> norm_;
  std::optional<Linear> out_;
};

}  // namespace attend
