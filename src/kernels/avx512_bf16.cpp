// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernels for 512-bit vectors with products of four bytes and of two bfloat16.
// Compiled with flags of its own: see cmake/KernelTargets.cmake.
#define ATTEND_KERNELS avx512_bf16
#include "kernels/table.inl"

namespace attend::kernels::avx512_bf16 {

extern const KernelTable table;
const KernelTable table =
    make_table("avx512_bf16", feature_fma | feature_avx2 | feature_avx512f | feature_avx512bw |
                                  feature_avx512dq | feature_avx512vl | feature_avx512vnni |
                                  feature_avx512bf16);

}  // namespace attend::kernels::avx512_bf16
