// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernels for NEON with products of four bytes.
// Compiled with flags of its own: see cmake/KernelTargets.cmake.
#define ATTEND_KERNELS neon_dot
#include "kernels/table.inl"

namespace attend::kernels::neon_dot {

extern const KernelTable table;
const KernelTable table = make_table("neon_dot", feature_dotprod);

}  // namespace attend::kernels::neon_dot
