// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Packing of weights and the parallel product: work is split over rows and columns, never over k.
#include "attend/ops/linear.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "attend/core/error.h"
#include "kernels/registry.h"
#include "ops/shape_check.h"

namespace attend {
namespace {

using kernels::panel_columns;

constexpr Index round_up(Index n, Index to) { return (n + to - 1) / to * to; }

// Checks that the parts have one depth, and that their scales and the bias fit; gives the outputs.
Index checked_outputs(std::span<const StoredWeight> weights, std::size_t bias) {
  const auto mismatch = [](std::string what, Index expected, Index found) {
    fail(ErrorKind::weight_shape, {.where = "PackedLinear",
                                   .what = std::move(what),
                                   .expected = std::to_string(expected),
                                   .found = std::to_string(found)});
  };
  Index outputs = 0;
  for (const StoredWeight& weight : weights) {
    if (weight.cols() != weights[0].cols()) {
      mismatch("columns of a part", weights[0].cols(), weight.cols());
    }
    if (weight.row_scales && weight.row_scales->shape.count() != weight.rows()) {
      mismatch("row scales of a part", weight.rows(), weight.row_scales->shape.count());
    }
    if (outputs > std::numeric_limits<Index>::max() - panel_columns - weight.rows()) {
      fail(ErrorKind::resource_limit, {.where = "PackedLinear", .what = "rows of the weights"});
    }
    outputs += weight.rows();
  }
  if (bias != 0 && static_cast<Index>(bias) != outputs) {
    mismatch("length of the bias", outputs, static_cast<Index>(bias));
  }
  return outputs;
}

bool is_planned(const StoredWeight& weight) {
  return weight.values.bytes == nullptr && weight.values.shape.count() != 0;
}

// Reads columns [k, k + depth) of the stacked rows [row, row + rows) into x: [rows, depth].
void read_rows(std::span<const StoredWeight> weights, Index row, Index k, MatrixView<float> x) {
  Index i = 0;
  for (const StoredWeight& weight : weights) {
    for (; i < x.rows && row + i < weight.rows(); ++i) weight.read(row + i, k, x.row(i));
    row -= weight.rows();
  }
}

}  // namespace

PackedLinear::PackedLinear(std::span<const StoredWeight> weights, std::vector<float> bias,
                           ThreadPool& pool)
    : in_(weights.empty() ? 0 : weights[0].cols()),
      out_(checked_outputs(weights, bias.size())),
      bias_(std::move(bias)) {
  const kernels::KernelTable& table = kernels::active_table();
  const Index panels = round_up(out_, panel_columns) / panel_columns;
  const auto columns = checked_product(in_, panel_columns);
  if (!columns || !checked_product(*columns, panels)) {
    fail(ErrorKind::resource_limit, {.where = "PackedLinear", .what = "size of the weights"});
  }
  if (!bias_.empty()) bias_.resize(static_cast<std::size_t>(panels * panel_columns));
  if (std::any_of(weights.begin(), weights.end(), is_planned)) return;
  panels_ = Tensor(DType::f32, Shape{panels, in_, panel_columns});
  float* out = panels_.values<float>().data();
  pool.parallel_for(panels, [&](Index p) {
    constexpr Index depth = 256;  // 32 KB of rows: they stay in the first cache
    float rows[panel_columns * depth];
    const Index row = p * panel_columns;
    for (Index k = 0; k < in_; k += depth) {
      const MatrixView<float> x(rows, std::min(panel_columns, out_ - row),
                                std::min(depth, in_ - k));
      read_rows(weights, row, k, x);
      table.pack_panel({x.data, x.stride, x.rows, x.cols, out + (p * in_ + k) * panel_columns});
    }
  });
}

std::uint64_t PackedLinear::size_bytes() const noexcept {
  const auto values = static_cast<std::uint64_t>(in_ * round_up(out_, panel_columns));
  return sizeof(float) * (values + bias_.capacity()) + Tensor::alignment;
}

namespace ops {
namespace {

// Costs only steer how work is cut, never results. Rough figures of one core of today's servers.
constexpr double flops_a_us = 1e5;
constexpr double bytes_a_us = 2e4;
constexpr double us_a_chunk = 20;       // a join costs below a microsecond when threads are awake
constexpr double us_worth_waking = 30;  // and about 40 when they sleep
constexpr Index packed_values = 192 * 1024;  // packed rows that are in use: most of a second cache
constexpr Index least_rows = 56;             // but enough rows for each panel that is fetched

double panel_us(Index rows, Index depth) {
  const auto values = static_cast<double>(depth * panel_columns);
  return std::max(2.0 * static_cast<double>(rows) * values / flops_a_us,
                  static_cast<double>(sizeof(float)) * values / bytes_a_us);
}

// Calls body(begin, end) for [0, count) in chunks of `chunk`; on this thread alone if it is little.
template <class Body>
void for_chunks(Index count, double us_each, ThreadPool& pool, const Body& body) {
  if (static_cast<double>(count) * us_each < us_worth_waking) return body(Index{0}, count);
  const Index chunk = std::clamp(static_cast<Index>(us_a_chunk / us_each), Index{1}, count);
  pool.parallel_for((count + chunk - 1) / chunk,
                    [&](Index i) { body(i * chunk, std::min(count, (i + 1) * chunk)); });
}

struct Product {
  const kernels::KernelTable& table;
  const PackedLinear& weight;
  const Epilogue& epilogue;
  ThreadPool& pool;
  float* packed;

  // One row needs no packing: it is its own block.
  const float* pack(MatrixView<const float> x) const {
    if (x.rows == 1) return x.data;
    const Index blocks = (x.rows + table.tile_rows - 1) / table.tile_rows;
    const double us = static_cast<double>(table.tile_rows * x.cols) / 2000;  // 2 values a ns
    for_chunks(blocks, us, pool, [&](Index begin, Index end) {
      table.pack_rows({x.data, x.stride, x.rows, x.cols, begin, end, packed});
    });
    return packed;
  }

  void multiply(MatrixView<const float> x, MatrixView<const float> residual,
                MatrixView<float> y) const {
    const float* rows = pack(x);
    const Index panels = (y.cols + panel_columns - 1) / panel_columns;
    for_chunks(panels, panel_us(x.rows, x.cols), pool, [&](Index begin, Index end) {
      const Index column = begin * panel_columns;
      table.linear({.packed = rows,
                    .rows = x.rows,
                    .depth = x.cols,
                    .panels = weight.panels() + column * x.cols,
                    .bias = weight.bias() == nullptr ? nullptr : weight.bias() + column,
                    .columns = std::min(y.cols, end * panel_columns) - column,
                    .activation = epilogue.activation,
                    .residual = residual.data == nullptr ? nullptr : residual.data + column,
                    .residual_stride = residual.stride,
                    .y = y.data + column,
                    .y_stride = y.stride});
    });
  }
};

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
  const Workspace::Scope scope(workspace);
  const Index fit = std::max(least_rows, packed_values / std::max<Index>(1, x.cols));
  const Index parts = (x.rows + fit - 1) / fit;
  const Index rows = (x.rows + parts - 1) / parts;
  float* packed = x.rows == 1 ? nullptr : workspace.matrix(rows, x.cols).data;
  if (workspace.is_counting()) return;
  const Product product{kernels::active_table(), weight, epilogue, workspace.pool(), packed};
  for (Index begin = 0; begin < x.rows; begin += rows) {
    const Index count = std::min(rows, x.rows - begin);
    product.multiply(x.row_range(begin, count),
                     residual.data == nullptr ? residual : residual.row_range(begin, count),
                     y.row_range(begin, count));
  }
}

}  // namespace ops
}  // namespace attend
