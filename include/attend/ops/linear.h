// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// y = x W^T + b with the weight packed once at load and the epilogue fused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/stored_weight.h"
#include "attend/core/workspace.h"
#include "attend/ops/activation.h"
#include "attend/ops/compute_type.h"

namespace attend {

/// What is made of the rows of a weight.
enum class LinearForm : std::uint8_t {
  plain,  ///< an output of each
  gated,  ///< one of a row of the upper half, the gate, and its like of the lower half: activation(
          ///< gate) * lower (Shazeer 2020). Both lie in one panel.
};

struct PackOptions {
  ComputeType compute = ComputeType::f32;
  LinearForm form = LinearForm::plain;
  /// The panels begin it: it is aligned as a tensor, as long as values() says or longer, and
  /// outlives them. Empty: they have memory of their own.
  std::span<std::byte> memory = {};
};

/// A weight [out, in] in panels of 32 output columns, k-major: the layout of every kernel table.
/// Sums over `in` run in one order whatever the number of rows, so a row's result never depends
/// on the batch around it.
class ATTEND_EXPORT PackedLinear {
 public:
  PackedLinear() = default;
  /// Packs the weights, stacked along their rows (fused q, k and v), in parallel on `pool`. Weights
  /// without values (null bytes) make a plan: it has a size and may be counted with, no more.
  /// Integers with row scales keep both when `compute` is int8.
  /// Shapes: weights [out_i, in], bias [sum of out_i] or empty; of a gated one the sum is 2 * out.
  /// Throws: weight_shape when the parts disagree, resource_limit, internal (too little memory).
  PackedLinear(std::span<const StoredWeight> weights, std::vector<float> bias, ThreadPool& pool,
               const PackOptions& options = {});

  [[nodiscard]] Index in_features() const noexcept { return in_; }
  [[nodiscard]] Index out_features() const noexcept { return out_; }
  [[nodiscard]] LinearForm form() const noexcept { return form_; }
  [[nodiscard]] ComputeType compute() const noexcept { return compute_; }
  /// Null for a plan.
  [[nodiscard]] const std::byte* panels() const noexcept { return values().panels.bytes; }
  /// Of the memory that it takes, or that it would take if it had values.
  [[nodiscard]] std::uint64_t size_bytes() const noexcept;

  /// What goes with the columns of the panels, or null.
  struct Columns {
    const float* bias;
    const float* scales;  ///< int8: of an output's integers
    const float* sums;    ///< int8: of an output's integers; int4: of its rounded weights
  };
  [[nodiscard]] Columns columns() const noexcept;

  /// What weights become when they are packed. Shapes: panels U8 [p, bytes of one]; scales and sums
  /// F32 [32 p], or [0] where the type has none.
  struct Values {
    TensorRef panels;
    TensorRef scales;
    TensorRef sums;

    [[nodiscard]] std::uint64_t size_bytes() const noexcept {
      return panels.size_bytes() + scales.size_bytes() + sums.size_bytes();
    }
  };
  /// Without bytes for a plan.
  [[nodiscard]] Values values() const noexcept;
  /// Makes a plan whole with values that were packed before, and that outlive it: nothing is
  /// copied. Any bytes are values; NaN and infinities give such results.
  /// Throws: weight_shape unless types and shapes are those of values(), and each of them begins at
  /// a multiple of Tensor::alignment.
  void adopt(const Values& packed);

 private:
  [[nodiscard]] Index panel_count() const noexcept;
  void pack(std::span<const StoredWeight> weights, ThreadPool& pool, std::span<std::byte> memory);

  Index in_ = 0;
  Index out_ = 0;
  ComputeType compute_ = ComputeType::f32;
  LinearForm form_ = LinearForm::plain;
  Tensor own_panels_;
  const std::byte* panels_ = nullptr;  // which are there or elsewhere
  std::vector<float> bias_;
  std::vector<float> scales_;
  std::vector<float> sums_;
  Values adopted_;  // in place of the three
};

namespace ops {

/// What is done to a product before it is stored: y = activation(x W^T + b) + residual; where it is
/// gated, activation(gate) * lower + residual.
struct Epilogue {
  ActivationFunction activation;
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
