// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What runs underneath: the CPU's features, the kernels chosen for them, and what this machine can
// do at most. For reports only.
#pragma once

#include <string>
#include <vector>

#include "attend/core/dtype.h"
#include "attend/core/export.h"
#include "attend/core/parallel.h"

namespace attend {

struct CpuReport {
  std::vector<std::string> features;  ///< those that kernels ask for and this CPU has
  std::string kernels;                ///< the kernels in use: "avx512", "avx2", "baseline"
  std::vector<std::string> compiled;  ///< all kernels of this build, best first
  std::vector<std::string> usable;    ///< those that this CPU can run: the values of ATTEND_ISA;
                                      ///< "amx" is not chosen unless named
};

/// Throws: config_error when the environment variable ATTEND_ISA names no usable kernels.
[[nodiscard]] ATTEND_EXPORT CpuReport cpu_report();

/// Operations a second that the threads of `pool` do together in multiply-adds (two operations
/// each) on operands of this type, by the fastest kernels that this CPU can run ("amx" only where
/// ATTEND_ISA names it); 0 where none of them has arithmetic on such operands. Measured now, in
/// some 0.4 s of CPU time, which a busy neighbour does not count in. Throws: config_error (as
/// cpu_report()).
[[nodiscard]] ATTEND_EXPORT double measure_peak(DType operands, ThreadPool& pool);

/// Bytes a second that the threads of `pool` read together from memory larger than any cache.
/// Measured now, in some 1.2 s and 512 MiB. Throws: config_error (as cpu_report()).
[[nodiscard]] ATTEND_EXPORT double measure_read_bandwidth(ThreadPool& pool);

}  // namespace attend
