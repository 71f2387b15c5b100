// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The layers that everything is composed of: weights plus operator(), nothing else. No loop over
// floats is in a header, so the application's compiler flags change neither results nor speed.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "attend/checkpoint/weights.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"
#include "attend/ops/gather.h"
#include "attend/ops/linear.h"
#include "attend/ops/normalize.h"

namespace attend {

/// Where layers get their weights, and who packs them. Every layer throws weight_missing and
/// weight_shape when it is made.
struct Loader {
  Weights& weights;
  ThreadPool& pool;
};

/// y = x W^T + b, with an activation or a residual sum.
class Linear {
 public:
  Linear() = default;
  /// Weights and biases of the same size, stacked along their rows. Shapes: each [out, in].
  Linear(const Loader& from, std::initializer_list<std::string> names, Index out, Index in) {
    std::vector<StoredWeight> parts;
    std::vector<float> biases;
    for (const std::string& name : names) {
      parts.push_back(from.weights.matrix(name + ".weight", out, in));
      const std::vector<float> bias = from.weights.vector(name + ".bias", out);
      biases.insert(biases.end(), bias.begin(), bias.end());
    }
    packed_ = PackedLinear(parts, std::move(biases), from.pool);
  }
  explicit Linear(PackedLinear packed) : packed_(std::move(packed)) {}

  /// Shapes: x [t, in] -> y [t, out].
  void operator()(MatrixView<const float> x, MatrixView<float> y, Workspace& workspace,
                  const ops::Epilogue& epilogue = {}) const {
    ops::linear(x, packed_, y, workspace, epilogue);
  }
  [[nodiscard]] Index out_features() const noexcept { return packed_.out_features(); }

 private:
  PackedLinear packed_;
};

/// LayerNorm of rows, in place.
class Norm {
 public:
  Norm() = default;
  Norm(const Loader& from, const std::string& name, Index width, float eps)
      : gain_(from.weights.vector(name + ".weight", width)),
        bias_(from.weights.vector(name + ".bias", width)),
        eps_(eps) {}

  /// Shapes: x [t, m].
  void operator()(MatrixView<float> x, Workspace& workspace) const {
    ops::layer_norm(x, {gain_, bias_, eps_}, x, workspace);
  }

 private:
  std::vector<float> gain_;
  std::vector<float> bias_;
  float eps_ = 0;
};

/// Rows of a table, read where the checkpoint has them; the checkpoint must outlive it.
class EmbeddingTable {
 public:
  EmbeddingTable(const Loader& from, const std::string& name, Index rows, Index width)
      : table_(from.weights.matrix(name + ".weight", rows, width)) {}

  /// y = rows `ids` of the table. Shapes: ids [t] -> y [t, m].
  void operator()(std::span<const std::int32_t> ids, MatrixView<float> y,
                  Workspace& workspace) const {
    ops::gather(table_, ids, y, workspace);
  }
  /// y += rows `ids` of the table.
  void add(std::span<const std::int32_t> ids, MatrixView<float> y, Workspace& workspace) const {
    ops::gather_add(table_, ids, y, workspace);
  }

 private:
  StoredWeight table_;
};

}  // namespace attend
