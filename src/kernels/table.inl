// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The one text of all kernels, for the instruction set ATTEND_KERNELS. Everything has internal
// linkage: no function compiled for one CPU can be linked into code for another.
#include "kernels/kernels.h"
//
#include "kernels/simd.inl"
//
#include "kernels/math.inl"
//
#include "kernels/gemm.inl"
#include "kernels/rows.inl"
//
#include "kernels/distance.inl"
//
#include "kernels/attention.inl"
//
#include "kernels/probe.inl"

namespace attend::kernels::ATTEND_KERNELS {
namespace {

constexpr KernelTable make_table(const char* name, std::uint32_t features) {
  return {.name = name,
          .features = features,
          .tile_rows = tile_rows,
          .pack_panel = pack_panel,
          .pack_rows = pack_rows,
          .linear = linear,
          .attention = attention,
          .attention_scratch = attention_scratch,
          .layer_norm = layer_norm,
          .softmax = softmax,
          .gate = gate,
          .rotate = rotate,
          .activate = activate,
          .multiply_adds = multiply_adds,
          .read_bytes = read_bytes};
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
