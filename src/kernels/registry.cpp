// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The explicit list of kernel tables; detection and environment are read once, at the first use.
#include "kernels/registry.h"

#include <atomic>
#include <cstdlib>
#include <string>
#include <string_view>

#include "attend/core/error.h"
#include "kernels/cpu_features.h"

namespace attend::kernels {

namespace baseline {
extern const KernelTable table;
}
#if ATTEND_X86_KERNELS
namespace avx2 {
extern const KernelTable table;
}
namespace avx512 {
extern const KernelTable table;
}
namespace avx512_vnni {
extern const KernelTable table;
}
namespace avx512_bf16 {
extern const KernelTable table;
}
namespace amx {
extern const KernelTable table;
}
#elif ATTEND_ARM_KERNELS
namespace neon_dot {
extern const KernelTable table;
}
namespace neon_bf16 {
extern const KernelTable table;
}
#endif

namespace {

constexpr const KernelTable* tables[] = {
#if ATTEND_X86_KERNELS
    &amx::table,      &avx512_bf16::table, &avx512_vnni::table, &avx512::table, &avx2::table,
#elif ATTEND_ARM_KERNELS
    &neon_bf16::table,
    &neon_dot::table,
#endif
    &baseline::table,
};

std::atomic<const KernelTable*> forced = nullptr;

std::string usable_names() {
  std::string names;
  for (const KernelTable* table : tables) {
    if (!usable(*table)) continue;
    if (!names.empty()) names += ", ";
    names += table->name;
  }
  return names;
}

}  // namespace

std::span<const KernelTable* const> compiled_tables() noexcept { return tables; }

bool usable(const KernelTable& table) noexcept { return (table.features & ~cpu_features()) == 0; }

bool prepare(const KernelTable& table) noexcept {
  if (!usable(table)) return false;
  return (table.features & feature_amx_tile) == 0 || permit_tiles();
}

const KernelTable& choose_table(const char* name) {
  const std::string_view wanted = name == nullptr ? "" : name;
  bool known = false;
  for (const KernelTable* table : tables) {
    if (wanted.empty() ? table->only_by_name : wanted != table->name) continue;
    known = true;
    if (prepare(*table)) return *table;
  }
  fail(ErrorKind::config_error,
       {.where = "kernels",
        .what = "environment variable ATTEND_ISA",
        .expected = "one of " + usable_names(),
        .found = quote(wanted) + (known ? ", which this CPU cannot run" : ""),
        .hint = "unset it to use the best one"});
}

const KernelTable& active_table() {
  if (const KernelTable* table = forced.load(std::memory_order_acquire)) return *table;
  static const KernelTable& chosen = choose_table(std::getenv("ATTEND_ISA"));
  return chosen;
}

ForcedTable::ForcedTable(const KernelTable& table) noexcept {
  static_cast<void>(prepare(table));
  forced.store(&table, std::memory_order_release);
}

ForcedTable::~ForcedTable() { forced.store(nullptr, std::memory_order_release); }

}  // namespace attend::kernels
