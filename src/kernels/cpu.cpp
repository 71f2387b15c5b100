// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The report of attend/core/cpu.h: it lives here because core knows no kernels.
#include "attend/core/cpu.h"

#include "kernels/cpu_features.h"
#include "kernels/registry.h"

namespace attend {

CpuReport cpu_report() {
  CpuReport report;
  for (const auto& [feature, name] : kernels::feature_names()) {
    if ((kernels::cpu_features() & feature) != 0) report.features.emplace_back(name);
  }
  report.kernels = kernels::active_table().name;
  for (const kernels::KernelTable* table : kernels::compiled_tables()) {
    report.compiled.emplace_back(table->name);
    if (kernels::usable(*table)) report.usable.emplace_back(table->name);
  }
  return report;
}

}  // namespace attend
