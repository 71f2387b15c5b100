// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The narrow interface of the kernels: one table of functions per instruction set. Kernels trust
// their arguments; src/ops checks them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "attend/core/dtype.h"
#include "attend/ops/activation.h"
#include "attend/ops/compute_type.h"
#include "kernels/layout.h"
#include "kernels/tasks.h"

namespace attend::kernels {

/// CPU features that tables ask for, as bits.
enum Feature : std::uint32_t {
  feature_fma = 1U << 0U,
  feature_avx2 = 1U << 1U,
  feature_avx512f = 1U << 2U,
  feature_avx512bw = 1U << 3U,
  feature_avx512dq = 1U << 4U,
  feature_avx512vl = 1U << 5U,
  feature_avx512vnni = 1U << 6U,
  feature_avx512bf16 = 1U << 7U,
  feature_dotprod = 1U << 8U,  // of AArch64
  feature_bf16 = 1U << 9U,     // of AArch64
  feature_amx_tile = 1U << 10U,
  feature_amx_int8 = 1U << 11U,
  feature_amx_bf16 = 1U << 12U,
};

/// The product of rows with weights of one compute type.
struct Product {
  Extent tile_rows;  // rows of the largest tile
  Extent (*row_bytes)(Extent depth) noexcept;
  void (*pack_panel)(const PackPanel&) noexcept;
  void (*pack_rows)(const PackRows&) noexcept;
  void (*linear)(const Linear&) noexcept;
};

/// What one instruction set offers. Every result is a function of its row alone: sums run in one
/// order whatever the number of rows, the tile, the position or the alignment.
struct KernelTable {
  const char* name;
  std::uint32_t features;     // all must be there
  bool only_by_name = false;  // not chosen unless ATTEND_ISA names it: no CPU has run it yet
  Product products[compute_types.size()];
  float (*largest_magnitude)(const float* x, Extent count) noexcept;  // NaN if there is one
  void (*append_to_page)(const PageRows&) noexcept;
  void (*attention)(const Attention&) noexcept;
  Extent (*attention_scratch)(const Attention&) noexcept;
  /// Heads of one sequence, whose single queries see the same keys, in the same pages. Faster than
  /// one after the other: memory is read as it lies. (Two queries of a task are those of heads that
  /// share the keys.) Each has its own scratch memory.
  void (*attention_decode)(const Attention* heads, Extent count) noexcept;
  Extent (*attention_decode_scratch)(const Attention&) noexcept;
  void (*layer_norm)(const Norm&) noexcept;
  void (*rms_norm)(const Norm&) noexcept;  // without bias
  void (*l2_norm)(const Rows&) noexcept;   // divides by the length, or by 1e-12 if that is less
  void (*softmax)(const Rows&) noexcept;
  void (*soft_cap)(const Rows&, float cap) noexcept;  // x becomes cap * tanh(x / cap)
  void (*scale)(const Scale&) noexcept;
  void (*pool_sum)(const Pool&) noexcept;
  void (*pool_max)(const Pool&) noexcept;  // NaN if there is one
  void (*rotate)(const Rotate&) noexcept;
  void (*activate)(const ActivationFunction& activation, float* x, Extent count) noexcept;

  // What kernels are measured against: see attend/core/cpu.h.
  /// Multiplies and adds as fast as the set can, in registers; returns the operations done, 0 where
  /// the set has no arithmetic on such operands.
  double (*multiply_adds)(DType operands, Extent steps) noexcept;
  /// Loads all of them; count is a multiple of 512.
  void (*read_bytes)(const std::byte* bytes, Extent count) noexcept;

  [[nodiscard]] constexpr const Product& product(ComputeType type) const {
    return products[static_cast<std::size_t>(type)];
  }
  /// Whether the set multiplies bf16 as such.
  [[nodiscard]] constexpr bool has_bf16() const {
    return (features & (feature_avx512bf16 | feature_bf16)) != 0;
  }
  /// Whether it multiplies fours of bytes as such.
  [[nodiscard]] constexpr bool has_int8() const {
    return (features & (feature_avx512vnni | feature_dotprod)) != 0;
  }
};

}  // namespace attend::kernels
