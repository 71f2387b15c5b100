// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The layers that everything is composed of: weights plus operator(), nothing else. No loop over
// floats is in a header, so the application's compiler flags change neither results nor speed.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/matrix.h"
#include "attend/core/workspace.h"
#include "attend/model/block_options.h"
#include "attend/model/loader.h"
#include "attend/ops/gather.h"
#include "attend/ops/linear.h"
#include "attend/ops/normalize.h"

namespace attend {

struct LinearShape {
  Index out = 0;
  Index in = 0;
  Bias bias = Bias::with;
};

/// y = x W^T + b, with an activation or a residual sum.
class Linear {
 public:
  Linear() = default;
  /// Shapes: weight [out, in], bias [out].
  Linear(const Loader& from, const std::string& name, const LinearShape& shape) {
    const std::array weight{from.weights.matrix(name + ".weight", shape.out, shape.in)};
    std::vector<float> bias;
    if (shape.bias == Bias::with) bias = from.weights.vector(name + ".bias", shape.out);
    packed_ = from.pack(name, weight, std::move(bias));
  }
  explicit Linear(PackedLinear packed) : packed_(std::move(packed)) {}

  /// Shapes: x [t, in] -> y [t, out].
  void operator()(MatrixView<const float> x, MatrixView<float> y, Workspace& workspace,
                  const ops::Epilogue& epilogue = {}) const {
    ops::linear({x, packed_}, y, workspace, epilogue);
  }
  [[nodiscard]] Index out_features() const noexcept { return packed_.out_features(); }

 private:
  PackedLinear packed_;
};

/// Where a sublayer puts what it makes: rows = f(y) + residual. Shapes: rows [t, m], residual [t,
/// m] or empty; both may be one matrix.
struct SublayerOutput {
  MatrixView<float> rows;
  MatrixView<const float> residual = {};
};

/// LayerNorm or RMSNorm of rows.
class Norm {
 public:
  Norm() = default;
  Norm(const Loader& from, const std::string& name, Index width, const NormOptions& options)
      : kind_(options.kind), gain_(from.vector(name + ".weight", width)), eps_(options.eps) {
    if (options.gain == NormOptions::Gain::above_one) {
      for (float& value : gain_) value += 1.0F;
    }
    if (kind_ == NormKind::layer && options.bias == Bias::with) {
      bias_ = from.vector(name + ".bias", width);
    }
  }

  /// Shapes: x [t, m].
  void operator()(MatrixView<float> x, Workspace& workspace) const { (*this)(x, x, workspace); }
  /// Shapes: x [t, m] -> y [t, m].
  void operator()(MatrixView<const float> x, MatrixView<float> y, Workspace& workspace) const {
    switch (kind_) {
      case NormKind::layer: ops::layer_norm(x, {gain_, bias_, eps_}, y, workspace); break;
      case NormKind::rms: ops::rms_norm(x, {gain_, eps_}, y, workspace); break;
    }
  }

 private:
  NormKind kind_ = NormKind::layer;
  std::vector<float> gain_;
  std::vector<float> bias_;
  float eps_ = 0;
};

/// Rows of a table, read where the checkpoint has them; the checkpoint must outlive it.
class EmbeddingTable {
 public:
  /// `unused` rows come before the first that is read.
  EmbeddingTable(const Loader& from, const std::string& name, Index rows, Index width,
                 Index unused = 0)
      : table_(from.table(name + ".weight", rows, width).row_range(unused, rows - unused)) {}

  /// y = rows `ids` of the table, times `scale`. Shapes: ids [t] -> y [t, m].
  void operator()(std::span<const std::int32_t> ids, MatrixView<float> y, Workspace& workspace,
                  float scale = 1) const {
    ops::gather({table_, ids, scale}, y, workspace);
  }
  /// y += rows `ids` of the table.
  void add(std::span<const std::int32_t> ids, MatrixView<float> y, Workspace& workspace) const {
    ops::gather_add({table_, ids}, y, workspace);
  }

 private:
  StoredWeight table_;
};

}  // namespace attend
