// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Sums over files, and the refusal of a model that is too large.
#include "model/memory_budget.h"

#include <algorithm>
#include <string>

#include "attend/core/error.h"

namespace attend {

void count_files(const Checkpoint& checkpoint, const std::optional<PackedFile>& packed,
                 LoadMode mode, MemoryEstimate& memory) {
  if (mode == LoadMode::read) {
    memory.stored = checkpoint.file_bytes() + (packed ? packed->bytes() : 0);
    memory.loading = memory.packed + memory.stored;  // of which weights are packed
  }
  memory.stored += checkpoint.copied_bytes();
  memory.loading += checkpoint.copied_bytes();
}

void check_budget(const MemoryEstimate& memory, std::uint64_t allowed,
                  const std::filesystem::path& folder, LoadMode mode) {
  const std::uint64_t needed = std::max(memory.loading, memory.idle());
  if (needed <= allowed) return;
  fail(ErrorKind::resource_limit,
       {.where = "load_model",
        .what = "memory of the model",
        .expected = "at most " + std::to_string(allowed) + " bytes",
        .found = "a need for " + std::to_string(needed),
        .file = folder.string(),
        .hint = std::string("use a smaller model or a larger ModelOptions::max_memory_bytes") +
                (mode == LoadMode::read ? ", or LoadMode::map" : "")});
}

}  // namespace attend
