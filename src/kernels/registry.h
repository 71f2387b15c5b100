// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Which kernel tables there are and which one is used.
#pragma once

#include <span>

#include "kernels/kernels.h"

namespace attend::kernels {

/// All tables of this build, best first.
[[nodiscard]] std::span<const KernelTable* const> compiled_tables() noexcept;

/// Whether this CPU can run the table.
[[nodiscard]] bool usable(const KernelTable& table) noexcept;

/// Makes ready what the table needs of the system; to be called before its kernels. False when it
/// cannot be used.
[[nodiscard]] bool prepare(const KernelTable& table) noexcept;

/// The best usable table, or the one named; null or "" names none.
/// Throws: config_error, with the usable names, when the named one is unknown or not usable.
[[nodiscard]] const KernelTable& choose_table(const char* name);

/// The table in use: choose_table(environment variable ATTEND_ISA), read once.
/// Throws: config_error.
[[nodiscard]] const KernelTable& active_table();

/// For tests: while it lives, active_table() gives this table. Not to be nested or shared.
class ForcedTable {
 public:
  explicit ForcedTable(const KernelTable& table) noexcept;
  ~ForcedTable();
  ForcedTable(const ForcedTable&) = delete;
  ForcedTable& operator=(const ForcedTable&) = delete;
};

}  // namespace attend::kernels
