// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// y = x W^T + b with the weight packed once at load and the epilogue fused.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/stored_weight.h"
#include "attend/core/workspace.h"
#include "attend/ops/activation.h"

namespace attend {

/// A weight [out, in] in panels of 32 output columns, k-major: the layout of every kernel table.
/// Sums over `in` run in one order whatever the number of rows, so a row's result never depends
/// on the batch around it.
class ATTEND_EXPORT PackedLinear {
 public:
  PackedLinear() = default;
  /// Packs the weights, stacked along their rows (fused q, k and v), in parallel on `pool`. Weights
  /// without values (null bytes) make a plan: it has a size and may be counted with, no more.
  /// Shapes: weights [out_i, in], bias [sum of out_i] or empty.
  /// Throws: weight_shape when the parts disagree, resource_limit.
  PackedLinear(std::span<const StoredWeight> weights, std::vector<float> bias, ThreadPool& pool);

  [[nodiscard]] Index in_features() const noexcept { return in_; }
  [[nodiscard]] Index out_features() const noexcept { return out_; }
  [[nodiscard]] const float* panels() const noexcept {
    return reinterpret_cast<const float*>(panels_.bytes());
  }
  /// Of the memory that it takes, or that it would take if it had values.
  [[nodiscard]] std::uint64_t size_bytes() const noexcept;
  /// out_features() values rounded up to a panel, or null.
  [[nodiscard]] const float* bias() const noexcept {
    return bias_.empty() ? nullptr : bias_.data();
  }

 private:
  Index in_ = 0;
  Index out_ = 0;
  Tensor panels_;
  std::vector<float> bias_;
};

namespace ops {

/// What is done to a product before it is stored: y = activation(x W^T + b) + residual.
struct Epilogue {
  Activation activation = Activation::none;
  MatrixView<const float> residual;  ///< [t, out], or empty
};

/// The two sides of a product. Shapes: x [t, in].
struct LinearInput {
  MatrixView<const float> x;
  const PackedLinear& weight;
};

/// Shapes: input -> y [t, out]; y may be epilogue.residual, but not input.x.
ATTEND_EXPORT void linear(const LinearInput& input, MatrixView<float> y, Workspace& workspace,
                          const Epilogue& epilogue = {});

}  // namespace ops
}  // namespace attend
