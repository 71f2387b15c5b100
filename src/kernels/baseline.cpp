// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernels for what every CPU of the architecture can run: SSE2 of x86-64, NEON of AArch64.
// Compiled with flags of its own: see cmake/KernelTargets.cmake.
#define ATTEND_KERNELS baseline
#include "kernels/table.inl"

namespace attend::kernels::baseline {

extern const KernelTable table;
const KernelTable table = make_table("baseline", 0);

}  // namespace attend::kernels::baseline
