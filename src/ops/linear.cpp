// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The parallel product: work is split over rows and columns, never over k.
#include "attend/ops/linear.h"

#include <algorithm>

#include "kernels/registry.h"
#include "ops/outputs_a_panel.h"
#include "ops/row_chunks.h"
#include "ops/shape_check.h"

namespace attend::ops {
namespace {

using kernels::panel_columns;

// Costs only steer how work is cut, never results. Rough figures of one core of today's servers.
constexpr double bytes_a_us = 2e4;
constexpr Index packed_bytes = 768 * 1024;  // packed rows that are in use: most of a second cache
constexpr Index least_rows = 56;            // but enough rows for each panel that is fetched

constexpr double flops_a_us(ComputeType compute) {
  switch (compute) {
    case ComputeType::f32: return 1e5;
    case ComputeType::bf16: return 2e5;
    case ComputeType::int8:
    case ComputeType::int4: return 4e5;
  }
  return 1e5;
}

double panel_us(Index rows, const PackedLinear& weight) {
  const auto values = static_cast<double>(weight.in_features() * panel_columns);
  const auto bytes =
      static_cast<double>(kernels::panel_bytes(weight.compute(), weight.in_features()));
  return std::max(2.0 * static_cast<double>(rows) * values / flops_a_us(weight.compute()),
                  bytes / bytes_a_us);
}

// Packed rows: where they are, and their scales where the type has them.
struct PackedRows {
  std::byte* values;
  kernels::RowScale* scales;
};

struct LinearCall {
  const kernels::Product& product;
  const PackedLinear& weight;
  const Epilogue& epilogue;
  ThreadPool& pool;
  PackedRows packed;

  // One row of f32 is its own block.
  const std::byte* pack(MatrixView<const float> x) const {
    if (packed.values == nullptr) return reinterpret_cast<const std::byte*>(x.data);
    const Index blocks = kernels::block_count(x.rows, product.tile_rows);
    const double us = static_cast<double>(product.tile_rows * x.cols) / 2000;  // 2 values a ns
    for_chunks(blocks, us, pool, [&](Index begin, Index count) {
      product.pack_rows(
          {x.data, x.stride, x.rows, x.cols, begin, begin + count, packed.values, packed.scales});
    });
    return packed.values;
  }

  void multiply(MatrixView<const float> x, MatrixView<const float> residual,
                MatrixView<float> y) const {
    const std::byte* rows = pack(x);
    const Index outputs = outputs_a_panel(weight.form());
    const Index panels = (y.cols + outputs - 1) / outputs;
    const Index panel_size = kernels::panel_bytes(weight.compute(), x.cols);
    const PackedLinear::Columns columns = weight.columns();
    for_chunks(panels, panel_us(x.rows, weight), pool, [&](Index begin, Index count) {
      const Index first = begin * outputs;
      const auto at = [begin](const float* p) {
        return p == nullptr ? nullptr : p + begin * panel_columns;
      };
      product.linear({.packed = rows,
                      .row_scales = packed.scales,
                      .rows = x.rows,
                      .depth = x.cols,
                      .panels = weight.panels() + begin * panel_size,
                      .column_scales = at(columns.scales),
                      .column_sums = at(columns.sums),
                      .bias = at(columns.bias),
                      .columns = std::min(y.cols - first, count * outputs),
                      .is_gated = weight.form() == LinearForm::gated,
                      .activation = epilogue.activation,
                      .residual = residual.data == nullptr ? nullptr : residual.data + first,
                      .residual_stride = residual.stride,
                      .y = y.data + first,
                      .y_stride = y.stride});
    });
  }
};

PackedRows take_rows(const kernels::Product& product, ComputeType compute,
                     MatrixView<const float> x, Workspace& workspace) {
  if (compute == ComputeType::f32 && x.rows == 1) return {nullptr, nullptr};
  const auto bytes = static_cast<std::size_t>(x.rows * product.row_bytes(x.cols));
  const bool has_scales = compute == ComputeType::int8 || compute == ComputeType::int4;
  std::byte* values = workspace.bytes(bytes);
  if (!has_scales) return {values, nullptr};
  const auto scale_bytes = static_cast<std::size_t>(x.rows) * sizeof(kernels::RowScale);
  return {values, reinterpret_cast<kernels::RowScale*>(workspace.bytes(scale_bytes))};
}

}  // namespace

void linear(const LinearInput& input, MatrixView<float> y, Workspace& workspace,
            const Epilogue& epilogue) {
  const auto& [x, weight] = input;
  const MatrixView<const float>& residual = epilogue.residual;
  if (x.cols != weight.in_features() || y.cols != weight.out_features() || y.rows != x.rows) {
    fail_shapes("linear", "x [t, in], weight [out, in], y [t, out]");
  }
  if (residual.data != nullptr && (residual.rows != y.rows || residual.cols != y.cols)) {
    fail_shapes("linear", "residual [t, out]");
  }
  if (!workspace.is_counting() && weight.panels() == nullptr && y.cols != 0 && x.cols != 0) {
    fail_shapes("linear", "a weight with values");
  }
  if (y.rows == 0 || y.cols == 0) return;
  const kernels::Product& product = kernels::active_table().product(weight.compute());
  const Workspace::Scope scope(workspace);
  const Index fit =
      std::max(least_rows, packed_bytes / std::max<Index>(1, product.row_bytes(x.cols)));
  const Index parts = (x.rows + fit - 1) / fit;
  const Index rows = (x.rows + parts - 1) / parts;
  const PackedRows packed = take_rows(product, weight.compute(), x.row_range(0, rows), workspace);
  if (workspace.is_counting()) return;
  const LinearCall call{product, weight, epilogue, workspace.pool(), packed};
  for (Index begin = 0; begin < x.rows; begin += rows) {
    const Index count = std::min(rows, x.rows - begin);
    call.multiply(x.row_range(begin, count),
                  residual.data == nullptr ? residual : residual.row_range(begin, count),
                  y.row_range(begin, count));
  }
}

}  // namespace attend::ops
