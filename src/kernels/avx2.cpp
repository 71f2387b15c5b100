// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernels for 256-bit vectors and fused multiply-add.
// Compiled with flags of its own: see cmake/KernelTargets.cmake.
#define ATTEND_KERNELS avx2
#include "kernels/table.inl"

namespace attend::kernels::avx2 {

extern const KernelTable table;
const KernelTable table = make_table("avx2", feature_avx2 | feature_fma);

}  // namespace attend::kernels::avx2
