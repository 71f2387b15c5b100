// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Counting, and giving back what was packed.
#include "attend/model/loader.h"

#include <algorithm>
#include <utility>

namespace attend {
namespace {

std::uint64_t stored_bytes(const StoredWeight& weight) { return weight.values.size_bytes(); }

}  // namespace

PackedLinear Loader::pack(std::span<const StoredWeight> parts, std::vector<float> bias) const {
  PackedLinear packed(parts, std::move(bias), pool, compute);
  MemoryEstimate& memory = tally.memory;
  memory.packed += packed.size_bytes();
  std::uint64_t source = 0;
  for (const StoredWeight& part : parts) {
    source += stored_bytes(part);
    weights.release(part);
  }
  memory.loading = std::max(memory.loading, memory.packed + source);
  return packed;
}

std::vector<float> Loader::vector(std::string_view name, Index size) const {
  std::vector<float> values = weights.vector(name, size);
  count(sizeof(float) * values.size());
  return values;
}

StoredWeight Loader::table(const std::string& name, Index rows, Index cols) const {
  StoredWeight table = weights.matrix(name, rows, cols);
  if (std::find(tally.tables.begin(), tally.tables.end(), name) == tally.tables.end()) {
    tally.tables.push_back(name);
    tally.memory.stored += stored_bytes(table);
  }
  return table;
}

}  // namespace attend
