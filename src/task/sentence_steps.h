// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// From hidden states to one vector a text: pooling, then the modules behind it.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "attend/batch/batch.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"
#include "attend/model/model.h"
#include "attend/ops/linear.h"
#include "task/sentence_modules.h"

namespace attend {

inline constexpr std::string_view where_embed = "embed";  ///< of errors

/// The rows of a batch that are pooled: of every sequence those behind its prompt.
/// Shapes: hidden [t, m].
struct PooledRows {
  MatrixView<const float> hidden;
  const Batch& batch;
  Index prompt_tokens = 0;
};

/// The poolings of every sequence side by side. Of one that is all prompt cls pooling gives the
/// first row, as in the reference, the rest zeros (where the reference has -infinity for max).
/// Shapes: rows.hidden [t, m] -> [n, poolings * m].
[[nodiscard]] MatrixView<float> pool_rows(const PoolingModule& pooling, const PooledRows& rows,
                                          Workspace& workspace);

/// The modules behind the pooling, with their weights.
class VectorSteps {
 public:
  /// `dimension`: of pooled vectors. Throws: config_error for modules that do not fit each other,
  /// weight_missing, weight_shape ... for their weights.
  VectorSteps(const std::vector<VectorModule>& modules, Index dimension,
              const ModelOptions& options);

  /// Of the vectors that come out.
  [[nodiscard]] Index dimension() const noexcept { return dimension_; }
  /// Shapes: x [n, m] -> [n, dimension()], perhaps in place.
  [[nodiscard]] MatrixView<float> operator()(MatrixView<float> x, Workspace& workspace) const;

 private:
  struct Dense {
    PackedLinear linear;
    Activation activation;
  };
  struct LayerNorm {
    std::vector<float> gain;
    std::vector<float> bias;
  };
  using Step = std::variant<Dense, LayerNorm, NormalizeModule>;

  static Dense load(const DenseModule& module, const ModelOptions& options);
  static LayerNorm load(const LayerNormModule& module, const ModelOptions& options);

  std::vector<Step> steps_;
  Index dimension_;
};

}  // namespace attend
