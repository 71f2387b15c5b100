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
#include "kernels/product.inl"
//
#include "kernels/pack.inl"
//
#include "kernels/gemm.inl"
#include "kernels/rows.inl"
//
#include "kernels/distance.inl"
//
#include "kernels/byte_pages.inl"
//
#include "kernels/pages.inl"
//
#include "kernels/attention.inl"
//
#include "kernels/attention_decode.inl"
//
#include "kernels/probe.inl"

namespace attend::kernels::ATTEND_KERNELS {
namespace {

template <class P>
constexpr Product make_product() {
  return {.tile_rows = P::tile.rows,
          .row_bytes = row_bytes<P>,
          .pack_panel = pack_panel<P>,
          .pack_rows = pack_rows<P>,
          .linear = linear<P>};
}

constexpr KernelTable make_table(const char* name, std::uint32_t features) {
  return {.name = name,
          .features = features,
          .products = {make_product<F32Product>(), make_product<Bf16Product>(),
                       make_product<Int8Product>(), make_product<Int4Product>()},
          .largest_magnitude = largest_magnitude,
          .append_to_page = append_to_page,
          .attention = attention,
          .attention_scratch = attention_scratch,
          .attention_decode = attention_decode,
          .attention_decode_scratch = attention_decode_scratch,
          .layer_norm = layer_norm,
          .rms_norm = rms_norm,
          .l2_norm = l2_norm,
          .softmax = softmax,
          .soft_cap = soft_cap,
          .scale = scale,
          .pool_sum = pool_sum,
          .pool_max = pool_max,
          .rotate = rotate,
          .activate = activate,
          .multiply_adds = multiply_adds,
          .read_bytes = read_bytes};
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS
