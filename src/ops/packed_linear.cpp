// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Packing of weights, panel by panel: rows are read in pieces that stay in the first cache.
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/error.h"
#include "attend/ops/linear.h"
#include "kernels/registry.h"
#include "ops/outputs_a_panel.h"

namespace attend {
namespace {

using kernels::panel_columns;
using kernels::round_up;

constexpr Index piece_depth = 256;  // of a panel's rows: 32 KB. Whole groups of every layout.
// Sums of int8 products, at most 255 * 127 each, fit 32 bits up to here.
constexpr Index most_depth = Index{1} << 16;

// Checks that the parts have one depth, and that their scales and the bias fit; gives the outputs.
Index checked_outputs(std::span<const StoredWeight> weights, std::size_t bias, LinearForm form) {
  const auto mismatch = [](std::string what, Index expected, Index found) {
    fail(ErrorKind::weight_shape, {.where = "PackedLinear",
                                   .what = std::move(what),
                                   .expected = std::to_string(expected),
                                   .found = std::to_string(found)});
  };
  Index rows = 0;
  for (const StoredWeight& weight : weights) {
    if (weight.cols() != weights[0].cols()) {
      mismatch("columns of a part", weights[0].cols(), weight.cols());
    }
    if (weight.row_scales && weight.row_scales->shape.count() != weight.rows()) {
      mismatch("row scales of a part", weight.rows(), weight.row_scales->shape.count());
    }
    if (rows > std::numeric_limits<Index>::max() - panel_columns - weight.rows()) {
      fail(ErrorKind::resource_limit, {.where = "PackedLinear", .what = "rows of the weights"});
    }
    rows += weight.rows();
  }
  if (bias != 0 && static_cast<Index>(bias) != rows) {
    mismatch("length of the bias", rows, static_cast<Index>(bias));
  }
  if (form == LinearForm::plain) return rows;
  if (rows % 2 != 0) mismatch("rows of a gated weight", rows + 1, rows);
  return rows / 2;
}

bool is_planned(const StoredWeight& weight) {
  return weight.values.bytes == nullptr && weight.values.shape.count() != 0;
}

// Reads columns [k, k + depth) of the stacked rows [row, row + rows) into x: [rows, depth].
void read_rows(std::span<const StoredWeight> weights, Index row, Index k, MatrixView<float> x) {
  Index i = 0;
  for (const StoredWeight& weight : weights) {
    const Index count = std::min(x.rows, weight.rows() - row) - i;
    if (count > 0) {
      weight.read_rows(row + i, k, x.row_range(i, count));
      i += count;
    }
    row -= weight.rows();
  }
}

// The same rows where they lie, when a part has all of them and they are floats already.
std::optional<MatrixView<const float>> rows_in_place(std::span<const StoredWeight> weights,
                                                     Index row, Index rows) {
  for (const StoredWeight& weight : weights) {
    if (row >= weight.rows()) {
      row -= weight.rows();
      continue;
    }
    const auto address = reinterpret_cast<std::uintptr_t>(weight.values.bytes);
    const bool is_plain = weight.values.dtype == DType::f32 && weight.kernel == 1 &&
                          weight.order == StoredOrder::rows && !weight.row_scales &&
                          address % alignof(float) == 0;
    if (!is_plain || row + rows > weight.rows()) return std::nullopt;
    const auto* values = reinterpret_cast<const float*>(weight.values.bytes);
    return MatrixView<const float>(values + row * weight.cols(), rows, weight.cols());
  }
  return std::nullopt;
}

// The scale of a row that is stored as integers, which then are kept as they are.
std::optional<float> int8_scale(const StoredWeight& weight, Index row) {
  if (weight.values.dtype != DType::i8 || !weight.row_scales) return std::nullopt;
  const TensorRef& scales = *weight.row_scales;
  float scale = 0;
  to_float(scales.dtype, scales.bytes + static_cast<std::size_t>(row) * size_of(scales.dtype),
           {&scale, 1});
  return scale;
}

// Neighbouring rows of the stacked weights that are neighbouring columns of a panel.
struct RowRun {
  Index row;
  Index count;
  Index column;
};

// Those of one panel: one run, or of a gated one two.
std::array<RowRun, 2> runs_of(LinearForm form, Index outputs, Index panel) {
  const Index at_once = outputs_a_panel(form);
  const Index row = panel * at_once;
  const Index count = std::min(at_once, outputs - row);
  switch (form) {
    case LinearForm::plain: return {{{row, count, 0}, {}}};
    case LinearForm::gated: return {{{row, count, 0}, {outputs + row, count, at_once}}};
  }
  return {};
}

// The rows of one panel.
class PanelRows {
 public:
  PanelRows(std::span<const StoredWeight> weights, const std::array<RowRun, 2>& runs)
      : weights_(weights), runs_(runs), depth_(weights[0].cols()) {
    for (const RowRun& run : runs_) rows_ = std::max(rows_, run.column + run.count);
    if (runs_[1].count == 0) in_place_ = rows_in_place(weights, runs_[0].row, rows_);
  }

  // Calls body(x: [rows, piece], k) with the pieces that begin at k = 0, 256 ...
  template <class Body>
  void for_each_piece(const Body& body) const {
    float values[panel_columns * piece_depth];
    if (has_gap()) std::fill(std::begin(values), std::end(values), 0.0F);
    for (Index k = 0; k < depth_; k += piece_depth) {
      const Index depth = std::min(piece_depth, depth_ - k);
      if (in_place_) {
        body(in_place_->col_range(k, depth), k);
        continue;
      }
      const MatrixView<float> x(values, rows_, depth, piece_depth);
      for (const RowRun& run : runs_) {
        read_rows(weights_, run.row, k, x.row_range(run.column, run.count));
      }
      body(x, k);
    }
  }

  // One scale a row: the stored one, or that which makes the largest magnitude 127.
  void scales(const kernels::KernelTable& table, float* out) {
    if (take_stored_scales(out)) return;
    keep();
    constexpr float limit = 127;
    for (Index i = 0; i < rows_; ++i) {
      out[i] = table.largest_magnitude(in_place_->row(i).data(), depth_) / limit;
    }
    take_stored_scales(out);
  }

 private:
  // Whether there are rows that no run has.
  [[nodiscard]] bool has_gap() const { return runs_[0].count < runs_[1].column; }

  // Gives whether all rows have one.
  bool take_stored_scales(float* out) const {
    bool all = true;
    for (const RowRun& run : runs_) {
      Index row = run.row;
      Index i = 0;
      for (const StoredWeight& weight : weights_) {
        for (; i < run.count && row + i < weight.rows(); ++i) {
          const auto stored = int8_scale(weight, row + i);
          all = all && stored;
          if (stored) out[run.column + i] = *stored;
        }
        row -= weight.rows();
      }
    }
    return all;
  }

  // Widens all of them, because they are looked at twice.
  void keep() {
    if (in_place_) return;
    const Index stride = depth_ + 16;  // rows do not share a set of the cache
    const auto count = static_cast<std::size_t>(rows_ * stride);
    kept_ = std::make_unique_for_overwrite<float[]>(count);
    if (has_gap()) std::fill_n(kept_.get(), count, 0.0F);
    const MatrixView<float> all(kept_.get(), rows_, depth_, stride);
    for (const RowRun& run : runs_) {
      read_rows(weights_, run.row, 0, all.row_range(run.column, run.count));
    }
    in_place_ = all;
  }

  std::span<const StoredWeight> weights_;
  std::array<RowRun, 2> runs_;
  Index rows_ = 0;
  Index depth_;
  std::unique_ptr<float[]> kept_;
  std::optional<MatrixView<const float>> in_place_;
};

}  // namespace

PackedLinear::PackedLinear(std::span<const StoredWeight> weights, std::vector<float> bias,
                           ThreadPool& pool, const PackOptions& options)
    : in_(weights.empty() ? 0 : weights[0].cols()),
      out_(checked_outputs(weights, bias.size(), options.form)),
      compute_(options.compute),
      form_(options.form) {
  const Index columns = panel_count() * panel_columns;
  // No layout takes more than f32 of whole groups.
  const auto values = in_ > std::numeric_limits<Index>::max() - kernels::group_values
                          ? std::nullopt
                          : checked_product(round_up(in_, kernels::group_values), columns);
  if (!values || !checked_product(*values, sizeof(float))) {
    fail(ErrorKind::resource_limit, {.where = "PackedLinear", .what = "size of the weights"});
  }
  if (compute_ == ComputeType::int8 && in_ > most_depth) {
    fail(ErrorKind::resource_limit, {.where = "PackedLinear",
                                     .what = "columns of a weight for int8",
                                     .expected = "at most " + std::to_string(most_depth),
                                     .found = std::to_string(in_),
                                     .hint = "compute in bf16 or f32"});
  }
  if (!bias.empty()) {
    bias_.resize(static_cast<std::size_t>(columns));
    for (Index p = 0; p < panel_count(); ++p) {
      for (const RowRun& run : runs_of(form_, out_, p)) {
        std::copy_n(bias.data() + run.row, run.count,
                    bias_.data() + p * panel_columns + run.column);
      }
    }
  }
  if (std::any_of(weights.begin(), weights.end(), is_planned)) return;
  pack(weights, pool, options.memory);
}

Index PackedLinear::panel_count() const noexcept {
  const Index at_once = outputs_a_panel(form_);
  return round_up(out_, at_once) / at_once;
}

void PackedLinear::pack(std::span<const StoredWeight> weights, ThreadPool& pool,
                        std::span<std::byte> memory) {
  const kernels::KernelTable& table = kernels::active_table();
  const Index panel_size = kernels::panel_bytes(compute_, in_);
  const Index panels = panel_count();
  if (memory.empty()) {
    own_panels_ = Tensor(DType::u8, Shape{panels, panel_size});
    memory = std::as_writable_bytes(own_panels_.values<std::uint8_t>());
  }
  if (static_cast<Index>(memory.size()) < panels * panel_size) {
    fail(ErrorKind::internal, {.where = "PackedLinear",
                               .what = "memory for panels",
                               .expected = std::to_string(panels * panel_size) + " bytes",
                               .found = std::to_string(memory.size())});
  }
  panels_ = memory.data();
  const auto columns = static_cast<std::size_t>(panels * panel_columns);
  if (compute_ == ComputeType::int8) scales_.resize(columns);
  if (compute_ == ComputeType::int8 || compute_ == ComputeType::int4) sums_.resize(columns);
  pool.parallel_for(panels, [&](Index p) {
    const Index column = p * panel_columns;
    PanelRows rows(weights, runs_of(form_, out_, p));
    float* scales = scales_.empty() ? nullptr : scales_.data() + column;
    if (scales != nullptr) rows.scales(table, scales);
    std::byte* panel = memory.data() + p * panel_size;
    rows.for_each_piece([&](MatrixView<const float> x, Index k) {
      table.product(compute_).pack_panel({.x = x.data,
                                          .stride = x.stride,
                                          .rows = x.rows,
                                          .depth = x.cols,
                                          .panel = panel + kernels::panel_bytes(compute_, k),
                                          .scales = scales,
                                          .sums = sums_.empty() ? nullptr : sums_.data() + column});
    });
  });
}

std::uint64_t PackedLinear::size_bytes() const noexcept {
  const std::uint64_t bias = sizeof(float) * bias_.capacity();
  if (adopted_.panels.bytes != nullptr) return bias;
  return values().size_bytes() + bias + Tensor::alignment;
}

PackedLinear::Values PackedLinear::values() const noexcept {
  if (adopted_.panels.bytes != nullptr) return adopted_;
  const Index panels = panel_count();
  const Index columns = panels * panel_columns;
  const bool has_scales = compute_ == ComputeType::int8;
  const bool has_sums = has_scales || compute_ == ComputeType::int4;
  const auto vector = [columns](bool present, const std::vector<float>& values) {
    return TensorRef{DType::f32, Shape{present ? columns : 0},
                     values.empty() ? nullptr : reinterpret_cast<const std::byte*>(values.data())};
  };
  return {
      {DType::u8, Shape{panels, kernels::panel_bytes(compute_, in_)}, panels_},
      vector(has_scales, scales_),
      vector(has_sums, sums_),
  };
}

PackedLinear::Columns PackedLinear::columns() const noexcept {
  const Values packed = values();
  const auto floats = [](const TensorRef& vector) {
    return reinterpret_cast<const float*>(vector.bytes);
  };
  return {bias_.empty() ? nullptr : bias_.data(), floats(packed.scales), floats(packed.sums)};
}

void PackedLinear::adopt(const Values& packed) {
  const Values wanted = values();
  const auto fits = [](const TensorRef& found, const TensorRef& expected) {
    if (expected.shape.count() == 0) return found.bytes == nullptr;
    return found.dtype == expected.dtype && found.shape == expected.shape &&
           found.bytes != nullptr &&
           reinterpret_cast<std::uintptr_t>(found.bytes) % Tensor::alignment == 0;
  };
  if (wanted.panels.bytes == nullptr && fits(packed.panels, wanted.panels) &&
      fits(packed.scales, wanted.scales) && fits(packed.sums, wanted.sums)) {
    adopted_ = packed;
    return;
  }
  fail(ErrorKind::weight_shape,
       {.where = "PackedLinear",
        .what = "packed values",
        .expected = std::string(name(compute_)) + " panels of shape " +
                    wanted.panels.shape.to_string() + ", aligned, with their vectors",
        .found = packed.panels.shape.to_string()});
}

}  // namespace attend
