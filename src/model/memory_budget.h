// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What a model takes of memory besides its layers, and whether that is allowed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "attend/checkpoint/checkpoint.h"
#include "attend/model/memory.h"
#include "attend/model/packed_file.h"
#include "model/packed_file.h"

namespace attend {

/// Adds what files keep in memory besides what layers counted.
void count_files(const Checkpoint& checkpoint, const std::optional<PackedFile>& packed,
                 LoadMode mode, MemoryEstimate& memory);

/// Throws: resource_limit, naming ModelOptions::max_memory_bytes.
void check_budget(const MemoryEstimate& memory, std::uint64_t allowed,
                  const std::filesystem::path& folder, LoadMode mode);

}  // namespace attend
