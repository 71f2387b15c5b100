// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What control groups leave a process of the CPUs' time and of memory.
// Source: Linux, Documentation/admin-guide/cgroup-v2.rst (cpu.max, memory.max), cgroups(7)
// (/proc/self/cgroup).
#pragma once

#include <cstdint>
#include <filesystem>

namespace attend {

/// CPUs whose time this process may use: the least quota of its group of "cpu" and of those above
/// it, by version 1 or 2 of control groups; infinity where there is none, or it cannot be read.
[[nodiscard]] double cpu_quota(const std::filesystem::path& root = "/");

/// Bytes that this process may have: in the same way those of its group of "memory", and no more
/// than the machine has.
[[nodiscard]] std::uint64_t memory_limit(const std::filesystem::path& root = "/");

}  // namespace attend
