// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What the CPU and the operating system offer to the kernels.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/kernels.h"

namespace attend::kernels {

struct FeatureName {
  Feature feature;
  const char* name;
};

/// Every feature that is looked for, with the name that /proc/cpuinfo uses.
[[nodiscard]] std::span<const FeatureName> feature_names() noexcept;

/// The features of this CPU that the operating system supports, as Feature bits; none on CPUs other
/// than x86-64 and AArch64.
[[nodiscard]] std::uint32_t cpu_features() noexcept;

/// Asks the system to save tiles of this process from now on, which Linux wants before they are
/// used; false when it does not.
bool permit_tiles() noexcept;

}  // namespace attend::kernels
