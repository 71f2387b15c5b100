// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What runs underneath: the CPU's features and the kernels chosen for them. For reports only.
#pragma once

#include <string>
#include <vector>

#include "attend/core/export.h"

namespace attend {

struct CpuReport {
  std::vector<std::string> features;  ///< those that kernels ask for and this CPU has
  std::string kernels;                ///< the kernels in use: "avx512", "avx2", "baseline"
  std::vector<std::string> compiled;  ///< all kernels of this build, best first
  std::vector<std::string> usable;    ///< those that this CPU can run: the values of ATTEND_ISA
};

/// Throws: config_error when the environment variable ATTEND_ISA names no usable kernels.
[[nodiscard]] ATTEND_EXPORT CpuReport cpu_report();

}  // namespace attend
