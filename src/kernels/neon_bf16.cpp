// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernels for NEON with products of bfloat16 pairs.
// Compiled with flags of its own: see cmake/KernelTargets.cmake.
#define ATTEND_KERNELS neon_bf16
#include "kernels/table.inl"

namespace attend::kernels::neon_bf16 {

extern const KernelTable table;
const KernelTable table = make_table("neon_bf16", feature_dotprod | feature_bf16);

}  // namespace attend::kernels::neon_bf16
